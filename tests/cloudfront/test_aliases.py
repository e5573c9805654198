"""CloudFront: "Use wildcards in alternate domain names"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.aliases import named_by
from edgesim.cloudfront.distribution import Distribution

SHOP = Distribution((), domain_name="d1.cloudfront.net", aliases=("shop.test", "*.test"))
BLOG = Distribution((), domain_name="d2.cloudfront.net", aliases=("blog.test", "*.blog.test"))

HOSTS = [
    ("d2.cloudfront.net", 1, "its own name"),
    ("shop.test", 0, "an alias"),
    ("Shop.Test:8080", 0, "names have no case, and ports are no part of them"),
    ("shop.test.", 0, "nor is the dot of the root"),
    ("blog.test", 1, "a full name comes before another's wildcard"),
    ("a.test", 0, "a wildcard"),
    ("a.b.test", 0, "covers any depth"),
    ("a.blog.test", 1, "the more specific one wins"),
    ("test", None, "the apex is not covered"),
    ("other.example", None, "nobody's"),
    ("localhost:8080", 0, "this machine: the first"),
    ("127.0.0.1:8080", 0, "this machine: the first"),
    ("[::1]:8080", 0, "this machine: the first"),
    ("", None, "no name at all"),
]


@pytest.mark.parametrize(("host", "index", "why"), HOSTS)
def test_named_by(host: str, index: int | None, why: str) -> None:
    assert named_by(host, (SHOP, BLOG)) == index, why
