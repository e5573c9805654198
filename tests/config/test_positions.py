from __future__ import annotations

import pytest

from edgesim.config.positions import KeyPath, Positions, dotted

TEXT = '''\
# a comment with [brackets] and = signs
title = "a # no comment"

[origins.app]           # 4
url = "http://x"
custom_headers = { a = "1", b = "2" }

[origins]
"dotted.name".url = "http://y"

[[behaviors]]           # 11
path_pattern = "/a"
allowed_methods = [
    "GET",  # ]
    "HEAD",
]
origin = "app"

[[behaviors]]           # 19
text = """
[not.a.table]
key = 1
"""
raw = \'\'\'
[[behaviors]]
\'\'\'
[behaviors.viewer_request]
function = 'ab'
'''

LINES: list[tuple[KeyPath, int | None, str]] = [
    (("title",), 2, "a key of the top"),
    (("origins", "app"), 4, "a header"),
    (("origins", "app", "url"), 5, "a key under a header"),
    (("origins", "app", "custom_headers", "b"), 6, "inside an inline table: where that begins"),
    (("origins", "app", "region"), 4, "a key that is not there: its table"),
    (("origins", "dotted.name", "url"), 9, "a quoted name may have a dot"),
    (("behaviors", 0), 11, "the first element of an array of tables"),
    (("behaviors", 0, "path_pattern"), 12, "a key of the first"),
    (("behaviors", 0, "allowed_methods", 1), 13, "an array over several lines"),
    (("behaviors", 0, "origin"), 17, "what comes after it"),
    (("behaviors", 1), 19, "the second element"),
    (("behaviors", 1, "raw"), 24, "after a text of several lines, which is not read"),
    (("behaviors", 1, "viewer_request", "function"), 28, "a table under the last element"),
    (("behaviors", 2), 11, "what is in a text is no header: the array itself"),
    (("functions", "ab"), None, "nothing of it is in the file"),
]


@pytest.mark.parametrize(("path", "line", "why"), LINES, ids=lambda v: str(v)[:40])
def test_a_key_is_found_on_its_line(path: KeyPath, line: int | None, why: str) -> None:
    assert Positions(TEXT).line(path) == line, why


def test_a_path_is_written_as_people_write_it() -> None:
    assert dotted(("behaviors", 2, "viewer_request", "function")) == (
        "behaviors[2].viewer_request.function"
    )
