from __future__ import annotations

import pytest

from edgesim.cache.targeted import governing
from edgesim.http.headers import Headers

GOVERNED = [
    # CDN-Cache-Control         Cache-Control then  why
    (None, "no-store", "nothing is aimed at CDNs"),
    ("max-age=60", "max-age=60", "it alone counts, RFC 9213 §2.2"),
    ("max-age=60;x=1", "max-age=60", "parameters mean nothing yet, §2.1"),
    ("no-cache", "no-cache", "a bare member is true, RFC 9651 §3.2"),
    ("private=?0, max-age=9", "max-age=9", "and false is as if it were not there"),
    ("foobar, max-age=9", "foobar, max-age=9", "an extension stays one"),
    ('no-cache="a, b"', 'no-cache="a, b"', "field names as a string"),
    ("private=(a b)", 'private="a, b"', "or as an inner list"),
    ("max-age=-1", "max-age=0", "nothing lives for less than no time"),
    ("max-age=999999999999999", "max-age=999999999999999", "fifteen digits are an integer"),
    ("max-age=9999999999999999", "no-store", "sixteen are none: ignored, §2.1"),
    ('max-age="60"', "no-store", "a string is no delta-seconds: ignored"),
    ("max-age=1.5", "no-store", "nor is a decimal"),
    ("max-age=?1", "no-store", "nor a boolean, though Python calls that an int"),
    ("max-age", "no-store", "nor is nothing"),
    ("max-age=60, &&&", "no-store", "no structured field: ignored, §2.1"),
    ("max-age =60", "no-store", "white space before the sign"),
    ("", "no-store", "empty: ignored, §2.1"),
    ("ü", "no-store", "no ASCII"),
]


@pytest.mark.parametrize(("targeted", "control", "why"), GOVERNED)
def test_governing(targeted: str | None, control: str, why: str) -> None:
    lines = [("Cache-Control", "no-store"), ("Expires", "0"), ("ETag", '"1"')]
    if targeted is not None:
        lines.append(("CDN-Cache-Control", targeted))
    governed = governing(Headers(lines))
    assert governed.get("cache-control") == control, why
    assert ("expires" in governed) is (control == "no-store"), "Expires goes with it, §2.2"
    assert governed.get("etag") == '"1"'


def test_what_is_not_aimed_at_costs_nothing() -> None:
    headers = Headers([("Cache-Control", "no-store")])
    assert governing(headers) is headers
