"""CloudFront: "Quotas"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import GOOD

BEHAVIORS = "\n".join(
    f'[[behaviors]]\norigin = "app"\npath_pattern = "/{number}"' for number in range(76)
)
ORIGINS = "\n".join(f'[origins.o{n}]\nurl = "http://127.0.0.1:1"' for n in range(100))
GROUPS = "\n".join(
    f'[origin_groups.g{n}]\nmembers = ["app", "b"]\nfailover_status_codes = [500]'
    for n in range(11)
)
MANY = ", ".join(f'"x-{number}"' for number in range(11))
LONG = f'"{"a" * 600}", "{"b" * 600}"'
HEADERS = ", ".join(f'x-{number} = "1"' for number in range(31))

ROWS = [
    (BEHAVIORS, "there are 76 behaviors, and 75 are allowed"),
    (ORIGINS, "there are 101 origins, and 100 are allowed"),
    (f'[origins.b]\nurl = "http://127.0.0.1:1"\n{GROUPS}', "there are 11 origin groups, and 10"),
    (f"[cache_policies.p]\nheaders = [{MANY}]", "there are 11 headers, and 10 are allowed"),
    (
        f"[cache_policies.p]\ncookies = [{LONG}]",
        "the list of names has 1,200 characters, and 1,024",
    ),
    (f"[origin_request_policies.p]\nquery_strings = {{ except = [{MANY}] }}", "11 query strings"),
    (f"[response_headers_policies.p]\nremove = [{MANY}]", "there are 11 headers to remove"),
    (f'[origins.b]\nurl = "http://x"\ncustom_headers = {{ {HEADERS} }}', "31 custom headers"),
    (
        f'[origins.b]\nurl = "http://x"\ncustom_headers = {{ x-a = "{"v" * 1784}" }}',
        "its value has 1,784 characters, and 1,783 are allowed",
    ),
    (
        f'[distribution]\ndefault_root_object = "{"i" * 256}"',
        "it has 256 characters, and 255 are allowed",
    ),
]


@pytest.mark.parametrize(("added", "said"), ROWS, ids=lambda text: text[:30])
def test_too_many_or_too_long(refused: Callable[[str], str], added: str, said: str) -> None:
    assert said in refused(GOOD + added)
