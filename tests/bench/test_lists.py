from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgesim.bench.lists import listed, logged
from edgesim.errors import ConfigError

STANDARD = """\
#Version: 1.0
#Fields: date time cs-method cs(Host) cs-uri-stem sc-status cs-uri-query
2026-01-01\t00:00:00\tGET\td1.cloudfront.net\t/a.css\t200\t-
2026-01-01\t00:00:01\tGET\td1.cloudfront.net\t/a.css\t200\tv=1
2026-01-01\t00:00:01\tHEAD\td1.cloudfront.net\t/a.css\t200\t-
2026-01-01\t00:00:02\tGET\td1.cloudfront.net\t/a.css\t304\t-
"""

COMBINED = """\
127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /x?y=1 HTTP/1.1" 200 12 "-" "curl/8"
nothing to see here
127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /x?y=1 HTTP/2.0" 200 12
127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "POST /form HTTP/1.1" 302 0
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (STANDARD, {("GET", "/a.css"): 2, ("GET", "/a.css?v=1"): 1, ("HEAD", "/a.css"): 1}),
        (COMBINED, {("GET", "/x?y=1"): 2, ("POST", "/form"): 1}),
    ],
)
def test_an_access_log(tmp_path: Path, text: str, lines: object) -> None:
    (tmp_path / "log").write_text(text)
    assert logged(tmp_path / "log") == lines


def test_a_list_of_urls(tmp_path: Path) -> None:
    (tmp_path / "urls").write_text("# popular\n/a 3\nhttp://h.test/b?c=d\n\nHEAD /a 0.5\n/a\n")
    assert listed(tmp_path / "urls") == {
        ("GET", "/a"): 4,
        ("GET", "/b?c=d"): 1,
        ("HEAD", "/a"): 0.5,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/a\n/b c d\n", r"urls:2: '/b c d' is no request"),
        ("/a often\n", r"urls:1: 'often' is no weight"),
        ("/a 0\n", r"urls:1: the weight 0 is not above 0"),
        ("ftp://h.test/\n", "no URL to load"),
        ("# nothing\n", "there is no request in it"),
    ],
)
def test_a_list_with_a_mistake(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "urls").write_text(text)
    with pytest.raises(ConfigError) as error:
        listed(tmp_path / "urls")
    assert re.search(said, str(error.value))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        logged(tmp_path / "none")
