from __future__ import annotations

import pytest

from edgesim.cache.locations import target_named
from edgesim.http.headers import Headers
from edgesim.http.message import Request

NAMED = [
    # reference                     target    why; RFC 3986
    (None, None, "no field"),
    ("", "/x/a?q", "the same document, §4.4"),
    ("b", "/x/b", "relative to the target, §5.2"),
    ("../b?c", "/b?c", "dots are taken out, §5.2.4"),
    ("/b", "/b", "an absolute path"),
    ("/b#part", "/b", "the fragment is the client's, §3.5"),
    ("?r", "/x/a?r", "another query"),
    ("http://a.test", "/", "no path is the root"),
    ("https://A.test/b", "/b", "hosts have no case; TLS ends before the cache"),
    ("//a.test/b", "/b", "with the scheme left out"),
    ("http://a.test:8080/b", None, "another port"),
    ("http://other.test/b", None, "another host"),
    ("ftp://a.test/b", None, "another protocol"),
    ("http://[/b", None, "not a URI"),
]


@pytest.mark.parametrize(("reference", "target", "why"), NAMED)
def test_target_named(reference: str | None, target: str | None, why: str) -> None:
    request = Request("POST", "/x/a?q", Headers([("Host", "a.test")]))
    assert target_named(request, reference) == target, why
