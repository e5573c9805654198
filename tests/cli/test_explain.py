from __future__ import annotations

from pathlib import Path

from edgesim.cli.starter import RUNTIME

from .conftest import Edgesim


def explained(edgesim: Edgesim, *arguments: str) -> list[tuple[str, str]]:
    """Each line's title and text; a line without a title belongs to the one before."""
    ran = edgesim("explain", *arguments)
    assert ran.status == 0, ran.err
    return [(line[:16].strip(), " ".join(line[16:].split())) for line in ran.out.splitlines()]


def test_a_miss_is_told_step_by_step(edgesim: Edgesim, project: Path) -> None:
    said = explained(edgesim, "/api/x?page=2&utm=x", "-H", "Cookie: a=1; _ga=2")
    assert said == [
        ("request", "GET http://d111111abcdef8.cloudfront.net/api/x?page=2&utm=x"),
        ("behavior", "/api/*: applies"),
        ("", "origin app, cache policy short"),
        ("cache key", "url path = /api/x (always)"),
        ("cache key", "query page = 2 (listed in the policy)"),
        ("not in the key", "query utm = x (not listed in the policy)"),
        ("cache key", "cookie a = 1 (the policy takes all but a few)"),
        ("not in the key", "cookie _ga = 2 (excepted by the policy)"),
        (
            "not in the key",
            (
                "header host = d111111abcdef8.cloudfront.net "
                "(aliases share what is stored; list Host to tell them apart)"
            ),
        ),
        ("cache key", "header x-variant (listed, and absent here)"),
        ("TTL", "min 1 s, default 60 s, max 600 s"),
        ("", "no Cache-Control 60 s (the default TTL)"),
        ("", "max-age=3600 600 s (the maximum TTL caps it from 3,600 s)"),
        ("", "no-cache 1 s (the minimum TTL overrules no-cache)"),
        ("", "no-store 1 s (the minimum TTL overrules no-store)"),
        ("pop", "nothing is stored under this key yet: a miss"),
        ("regional", "a miss as well; an equal request after this one may hit"),
        ("origin-request", f"ab ({RUNTIME}) would run"),
        ("", "what follows takes it to return the request unchanged"),
        ("origin", "http://127.0.0.1:3000 is sent"),
        ("", "GET /api/x?page=2 HTTP/1.1"),
        ("", "Host: 127.0.0.1:3000"),
        ("", "Cookie: a=1"),
        ("", "User-Agent: Amazon CloudFront"),
        ("", "X-Forwarded-For: 127.0.0.1"),
        ("", "Via: 1.1 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"),
        ("", "X-Amz-Cf-Id: explained"),
        ("", "x-from-edge: 1"),
        ("unknown", "what the origin answers; this is where an explanation ends"),
    ]


def test_triggers_come_in_their_order(edgesim: Edgesim, project: Path) -> None:
    said = explained(edgesim, "http://shop.localhost/")
    titles = [title for title, _ in said if title]
    assert titles.index("viewer-request") < titles.index("cache key") < titles.index("origin")
    assert titles[-1] == "viewer-response"
    assert ("", "the default root object makes it /index.html") in said
    assert [text for title, text in said if title == "behavior"] == [
        "/api/*: does not match",
        "/live: does not match",
        "the default behavior: applies",
    ]


def test_an_answer_that_needs_nobody(edgesim: Edgesim, project: Path) -> None:
    said = explained(edgesim, "http://shop.localhost/live")
    assert said[-2:] == [
        ("answer", "301, without asking the origin"),
        ("", "Location: https://shop.localhost/live"),
    ]
    said = explained(edgesim, "/api/x", "-X", "POST")
    assert ("answer", "403, without asking the origin") in said
    assert said[-1][1].startswith("hint: allowed_methods")


def test_a_behavior_that_caches_nothing(edgesim: Edgesim, project: Path) -> None:
    said = explained(edgesim, "https://shop.localhost/live")
    assert (
        "no cache",
        "the cache policy switches caching off: every request goes to the origin",
    ) in said


def test_an_origin_needs_no_file(edgesim: Edgesim, tmp_path: Path) -> None:
    said = explained(edgesim, "/a?b=1", "--origin", "http://127.0.0.1:5173", "-X", "POST")
    assert ("no cache", "POST is not cached: every request goes to the origin") in said
    assert ("", "POST /a?b=1 HTTP/1.1") in said
    assert ("", "Host: d111111abcdef8.cloudfront.net") in said, "a dev server sees the viewer's"


def test_an_origin_shield_is_told_of(edgesim: Edgesim, project: Path) -> None:
    file = project / "edgesim.toml"
    shielded = '[origins.app]\norigin_shield = "eu-central-1"\n'
    file.write_text(file.read_text().replace("[origins.app]\n", shielded))
    told = "app has it in eu-central-1: the last cache before the origin, a miss as well"
    assert ("shield", told) in explained(edgesim, "/api/x")
    told = "app has it in eu-central-1: on the way there, and keeps nothing either"
    assert ("shield", told) in explained(edgesim, "https://shop.localhost/live")
