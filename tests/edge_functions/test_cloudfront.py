"""The examples for CloudFront Functions: each behind a virtual edge, configured by its own file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from edgesim.bundled import bundled
from edgesim.config.cloudfront_js_code import code_mistakes, doubts
from edgesim.config.resolve import load
from edgesim.testing.edge import START_S, VirtualEdge
from edgesim.testing.story import EdgeResponse

ROOT = bundled("edge_functions") / "cloudfront"
NAMES = sorted(folder.name for folder in ROOT.iterdir())


def behind(name: str, **answer: Any) -> VirtualEdge:
    edge = VirtualEdge(load(ROOT / name / "edgesim.toml"))
    edge.origin("app").respond(**{"text": "hello", **answer})
    return edge


def sent(edge: VirtualEdge, url: str, origin: str = "app", **options: Any) -> Any:
    """The request that arrives at the origin."""
    response = edge.get(url, **options)
    assert response.status_code == 200, response.edge
    return edge.origin(origin).requests[-1]


@pytest.mark.parametrize("name", NAMES)
def test_aws_would_take_it_and_it_is_far_from_its_limits(name: str) -> None:
    deployment = load(ROOT / name / "edgesim.toml")
    ours = [one for one in deployment.functions if one.is_cloudfront_function]
    for function in ours:
        assert [*code_mistakes(function), *doubts(function)] == []
    at_viewers = [run for run in behind(name).get("/").edge.functions if "viewer" in run.trigger]
    assert at_viewers
    for run in at_viewers:
        assert 1 <= run.compute_utilisation <= 60
    assert (ROOT / name / "README.md").is_file()


def test_add_security_headers() -> None:
    headers = behind("add_security_headers", headers={"X-Frame-Options": "ALLOW"}).get("/").headers
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["x-frame-options"] == "DENY"
    assert {"content-security-policy", "x-content-type-options", "referrer-policy"} <= set(headers)


CORS: list[tuple[dict[str, str], dict[str, str], str | None]] = [
    ({}, {}, None),
    ({"origin": "https://a.test"}, {}, "https://a.test"),
    ({"origin": "https://a.test"}, {"Access-Control-Allow-Origin": "*"}, "*"),
]


@pytest.mark.parametrize(("asked", "said", "allowed"), CORS)
def test_add_cors_header(asked: dict[str, str], said: dict[str, str], allowed: str | None) -> None:
    response = behind("add_cors_header", headers=said).get("/", headers=asked)
    assert response.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize(("status", "added"), [(200, True), (302, True), (404, False)])
def test_add_cache_control(status: int, added: bool) -> None:
    response = behind("add_cache_control", status=status).get("/")
    assert (response.headers.get("cache-control") == "public, max-age=31536000") is added


def test_add_true_client_ip() -> None:
    assert sent(behind("add_true_client_ip"), "/").headers.get("true-client-ip") == "127.0.0.1"


def test_add_origin_header() -> None:
    edge = behind("add_origin_header")
    assert sent(edge, "/").headers.get("origin") == "https://www.example.test"
    asked = sent(edge, "/b", headers={"origin": "https://a.test"})
    assert asked.headers.get("origin") == "https://a.test"


@pytest.mark.parametrize(
    ("target", "rewritten"),
    [
        ("/", "/index.html"),
        ("/about/", "/about/index.html"),
        ("/about", "/about/index.html"),
        ("/app.css", "/app.css"),
        ("/gr%C3%BCn", "/gr%C3%BCn/index.html"),
    ],
)
def test_add_index_html(target: str, rewritten: str) -> None:
    assert sent(behind("add_index_html"), target).target == rewritten


def test_normalize_query_string() -> None:
    edge = behind("normalize_query_string", headers={"cache-control": "max-age=60"})
    assert sent(edge, "/?b=2&a=%20&c&b=1").target == "/?a=%20&b=2&b=1&c="
    assert edge.get("/?c=&b=2&b=1&a=%20").edge.result_type == "Hit"


IN_GERMANY, IN_FRANCE, IN_AMERICA = "Frankfurt am Main", "Paris", "New York"


@pytest.mark.parametrize(
    ("viewer", "path", "location"),
    [
        (IN_GERMANY, "/a", "/de/a"),
        (IN_FRANCE, "/", "/fr/"),
        (IN_GERMANY, "/de/a", None),
        (IN_GERMANY, "/de", None),
        (IN_GERMANY, "/design", "/de/design"),
        (IN_AMERICA, "/a", None),
        (None, "/a", None),
    ],
)
def test_redirect_by_country(viewer: str | None, path: str, location: str | None) -> None:
    response = behind("redirect_by_country").get(path, **({"viewer": viewer} if viewer else {}))
    assert response.headers.get("location") == location
    assert response.status_code == (302 if location else 200)


def test_select_origin_by_country() -> None:
    edge = behind("select_origin_by_country")
    assert sent(edge, "/", viewer=IN_FRANCE).headers.get("host") == "eu.example.com"
    assert sent(edge, "/", viewer=IN_AMERICA).headers.get("host") == "127.0.0.1:3000"
    assert edge.origin("app").calls == 2, "the country is in the cache key"


def test_select_origin_for_migration() -> None:
    edge = behind("select_origin_for_migration")
    edge.origin("new").respond(text="new")
    assert edge.get("/").text == "hello"
    assert edge.get("/", headers={"x-origin": "new"}).text == "new"
    assert edge.get("/", headers={"x-origin": "old"}).text == "hello"
    edge.get("/again", headers={"x-origin": "new"})
    assert (edge.origin("app").calls, edge.origin("new").calls) == (1, 2)


def test_kvs_key_value_pairs() -> None:
    edge = behind("kvs_key_value_pairs")
    assert sent(edge, "/tickets").target == "/apps/ticketing/index.html"
    assert sent(edge, "/other").target == "/other"


def test_kvs_conditional_read() -> None:
    edge = behind("kvs_conditional_read")
    assert sent(edge, "/shop/a").target == "/shop-b/a"
    assert sent(edge, "/docs/a").target == "/docs/a", "nobody of a hundred"
    assert sent(edge, "/none/a").target == "/none/a", "not in the store"
    assert sent(edge, "/shop/b", cookies={"variant": "stay"}).target == "/shop/b"


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def token(secret: str = "change-me", algorithm: str = "HS256", **claims: Any) -> str:
    signed = f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(claims)}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


TOKENS: list[tuple[Callable[[], str], str]] = [
    (token, ""),
    (lambda: token(sub="grün", exp=START_S + 60, nbf=START_S), ""),
    (lambda: token("another"), "its signature is wrong"),
    (lambda: token(algorithm="none"), "its algorithm is none"),
    (lambda: token(exp=START_S), "it has expired"),
    (lambda: token(nbf=START_S + 1), "it is not valid yet"),
    (lambda: token() + "x", "its signature is wrong"),
    (lambda: "a.b", "it has not three parts"),
    (lambda: "a.b.c", "SyntaxError"),
]


@pytest.mark.parametrize("name", ["kvs_jwt_verify", "verify_jwt"])
@pytest.mark.parametrize(("make", "refused"), TOKENS)
def test_verify_jwt(name: str, make: Callable[[], str], refused: str) -> None:
    edge = behind(name)
    response = edge.get(f"/a?jwt={make()}")
    if not refused:
        assert response.status_code == 200
        assert edge.origin("app").requests[-1].target == "/a", "the token stays here"
        return
    assert (response.status_code, edge.origin("app").calls) == (401, 0)
    log = response.edge.functions[0].log
    assert "token refused: " in log
    assert refused in log or refused == "SyntaxError"


@pytest.mark.parametrize("name", ["kvs_jwt_verify", "verify_jwt"])
def test_no_token_no_entrance(name: str) -> None:
    assert behind(name).get("/a").status_code == 401


def redirected(name: str, url: str, host: str = "www.example.test") -> EdgeResponse:
    return behind(name).get(url, headers={"host": host})


def test_enforce_domain_redirect() -> None:
    response = redirected("enforce_domain_redirect", "/a?b=%20&c", "example.com")
    assert response.status_code == 301
    assert response.headers["location"] == "https://www.example.com/a?b=%20&c"
    assert redirected("enforce_domain_redirect", "/a", "www.example.com").status_code == 200


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/old/a?b=1&c=%20&b=2&d", "/new/a?b=1&b=2&c=%20&d"),
        ("/old/a", "/new/a"),
        ("/older/a", None),
    ],
)
def test_redirect_keeping_query(url: str, location: str | None) -> None:
    assert redirected("redirect_keeping_query", url).headers.get("location") == location


def test_redirect_to_url() -> None:
    response = redirected("redirect_to_url", "/any")
    assert response.headers["location"] == "https://aws.amazon.com/cloudfront/"
    assert response.headers["cloudfront-functions"] == "generated-by-CloudFront-Functions"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ""),
        ("page=2&sort=name", ""),
        ("page=0", "page"),
        ("sort=name&sort=price", "sort"),
        ("x=1&page=-1", "page, x"),
        ("constructor=1", "constructor"),
    ],
)
def test_validate_query(query: str, wrong: str) -> None:
    response = behind("validate_query").get(f"/?{query}")
    assert response.status_code == (400 if wrong else 200)
    assert response.text == (f"wrong: {wrong}" if wrong else "hello")
