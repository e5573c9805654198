"""CloudFront: "Create a signed URL using a custom policy", the Resource."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.signed_policy import covers

D = "https://d111.cloudfront.net"

RESOURCES = [
    # resource            url                     covers  why
    (f"{D}/a.jpg", f"{D}/a.jpg", True, "as it stands"),
    (f"{D}/a.jpg", f"{D}/a.jpg?x=1", False, "a query that was not signed"),
    (f"{D}/a.jpg?x=1", f"{D}/a.jpg?x=1", True, "with its query"),
    (f"{D}/a.jpg?x=1", f"{D}/a.jpg", False, "without its query"),
    (f"{D}/a.jpg?x=*", f"{D}/a.jpg?x=1&y=2", True, "a star in the query"),
    (f"{D}/a.jpg\\?x=*", f"{D}/a.jpg?x=1", True, "the question mark may be escaped"),
    (f"{D}/a?.jpg", f"{D}/ab.jpg", True, "one character"),
    (f"{D}/a?.jpg", f"{D}/a.jpg", False, "not none"),
    (f"{D}/a?.jpg", f"{D}/abc.jpg", False, "not two"),
    (f"{D}/a?b?x=1", f"{D}/a-b?x=1", True, "a wildcard, and then the query"),
    (f"{D}/*", f"{D}/a/b.jpg?x=1", True, "at the end of the path it goes on over the query"),
    (f"{D}/*.jpg", f"{D}/a/b.jpg", True, "slashes too"),
    (f"{D}/*.jpg", f"{D}/a.png?x=.jpg", False, "but not from the path into the query"),
    (f"{D}/a*?x=1", f"{D}/ab?x=1", True, "each in its part"),
    (f"{D}/a*?x=1", f"{D}/ab?x=2", False, "each in its part"),
    (f"{D}*", f"{D}/a?x=1", True, "at the end of the domain it goes on over both"),
    ("https://*", f"{D}/a?x=1", True, "any domain"),
    ("https://*.cloudfront.net/a", f"{D}/a", True, "part of a domain"),
    ("https://*/b.jpg", f"{D}/a/b.jpg", False, "a domain has no slash"),
    ("https://d1?1.cloudfront.net/a", f"{D}/a", True, "one character of a domain"),
    ("https://D111.CloudFront.net/a", f"{D}/a", True, "domains have no case"),
    (f"{D}/A.jpg", f"{D}/a.jpg", False, "paths have case"),
    ("http://d111.cloudfront.net/a", f"{D}/a", False, "another protocol"),
    ("*://d111.cloudfront.net/a", f"{D}/a", True, "either protocol"),
    ("http*://d111.cloudfront.net/a", f"{D}/a", True, "either protocol"),
    ("*.cloudfront.net/a", f"{D}/a", True, "it may begin with the domain, if that with a star"),
    ("d111.cloudfront.net/a", f"{D}/a", False, "else it needs its protocol"),
    ("*", f"{D}/a?x=1", True, "everything"),
    (f"{D}/[ab]", f"{D}/a", False, "brackets are brackets"),
    (D, f"{D}/", False, "a domain alone is no page"),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "url", "expected", "why"), RESOURCES)
def test_covers(resource: str, url: str, expected: bool, why: str) -> None:
    assert covers(resource, url) is expected, why
