"""CloudFront: "What you need to know when invalidating files"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.invalidation import check_paths, covered
from edgesim.errors import ConfigError

PATHS = [
    ("/a.jpg", None),
    ("/a.jpg?x=1", None),
    ("/a*", None),
    ("/*", None),
    ("/", None),
    ("/d%C3%A9j%C3%A0", None),
    ("/" + "a" * 3_999, None),
    ("a.jpg", "does not begin with a slash"),
    ("*", "hint: did you mean '/\\*'"),
    ("https://x/a", "a path without the host"),
    ("/" + "a" * 4_000, "has 4,001 characters"),
    ("/*/a.jpg", "has a \\* that is not at its end .*\n.*did you mean '/\\*'"),
    ("/a b", "percent-encoded it is '/a%20b'"),
    ("/déjà", "percent-encoded it is '/d%C3%A9j%C3%A0'"),
    ("/~me", "has a ~"),
    ("/%7Eme", "has a ~"),
    ("#news", None),
    ("#News-7!", None),
    ("#" + "a" * 256, None),
    ("#" + "a" * 257, "has 257 characters"),
    ("#", "is no cache tag"),
    ("#a,b", "is no cache tag"),
    ("#a b", "is no cache tag"),
    ("#ä", "is no cache tag"),
    ("#news*", "ends with .*\n.*name each tag, as in '#news'"),
]


@pytest.mark.parametrize(("path", "said"), PATHS, ids=lambda v: str(v)[:20])
def test_paths(path: str, said: str | None) -> None:
    if said is None:
        check_paths([path])
    else:
        with pytest.raises(ConfigError, match=said):
            check_paths(["/fine", path])


def test_how_many() -> None:
    check_paths([f"/{n}" for n in range(3_000)] + [f"/{n}*" for n in range(15)])
    for paths, said in (
        ([f"/{n}" for n in range(3_001)], "3,001 paths"),
        ([f"/{n}*" for n in range(16)], "16 paths end with"),
        ([], "no path"),
    ):
        with pytest.raises(ConfigError, match=said):
            check_paths(paths)


def test_the_default_root_object_goes_with_the_root() -> None:
    assert covered(["/", "/a"], "index.html") == ["/", "/a", "/index.html"]
    assert covered(["/a"], "index.html") == ["/a"]
    assert covered(["/"], "") == ["/"]
