"""S3: "Error responses", "Website endpoints", "Hosting a static website"."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.bucket import Bucket, RoutingRule
from edgesim.cloudfront.distribution import Behavior
from edgesim.cloudfront.forwarding import from_origin, shaped_for_origin
from edgesim.cloudfront.lambda_event import shown_origin
from edgesim.cloudfront.managed_policies import ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Response, Viewer
from edgesim.live import bucket as bucket_module
from edgesim.live.bucket import fetch_object
from edgesim.live.origins import OriginClients

from .conftest import get

REST, LISTED = Bucket(), Bucket(lists=True)
SITE = Bucket(website=True, lists=True, error_document="404.html")
PRIVATE_SITE = Bucket(website=True, error_document="404.html")
BARE_SITE = Bucket(website=True, lists=True)
RULED = Bucket(
    website=True,
    lists=True,
    routing_rules=(
        RoutingRule("old/", replace_key_prefix_with="new/", redirect_code=301),
        RoutingRule(error_code=404, replace_key_with="gone.html", host="x.test", protocol="https"),
    ),
)
MOVED = Bucket(website=True, redirects_all_to=RoutingRule(host="x.test", redirect_code=301))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "index.html": "home",
        "docs/index.html": "docs",
        "docs/a b.txt": "text",
        "404.html": "nothing here",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


ANSWERS: list[tuple[Bucket, str, str, int, str, str]] = [
    # bucket   method     target       status body or Code   why
    (REST, "GET", "/index.html", 200, "home", "a key"),
    (REST, "GET", "/docs/a%20b.txt", 200, "text", "keys come percent-encoded"),
    (REST, "GET", "/nothing", 403, "AccessDenied", "who may not list is not told what is missing"),
    (LISTED, "GET", "/nothing", 404, "NoSuchKey", "who may list is told"),
    (REST, "GET", "/", 403, "AccessDenied", "no index document by REST"),
    (LISTED, "GET", "/", 200, "<Key>docs/a b.txt</Key>", "a listing instead"),
    (REST, "GET", "/docs/", 403, "AccessDenied", "a key that ends with a slash is missing"),
    (LISTED, "GET", "/docs", 404, "NoSuchKey", "a folder is no key"),
    (LISTED, "GET", "/../x", 404, "NoSuchKey", "nobody gets out of the folder"),
    (REST, "PUT", "/a", 403, "AccessDenied", "only reading is granted"),
    (REST, "DELETE", "/index.html", 403, "AccessDenied", "only reading is granted"),
    (REST, "PATCH", "/index.html", 405, "MethodNotAllowed", "S3 has no such method"),
    (REST, "OPTIONS", "/index.html", 400, "Origin request header needed", "no preflight"),
    (SITE, "GET", "/", 200, "home", "the index document"),
    (SITE, "GET", "/docs/", 200, "docs", "in every folder"),
    (SITE, "GET", "/docs", 302, "/docs/", "a folder without its slash"),
    (SITE, "GET", "/nothing", 404, "nothing here", "the error document, with the error's status"),
    (SITE, "GET", "/nothing/", 404, "nothing here", "the error document, with the error's status"),
    (PRIVATE_SITE, "GET", "/nothing", 403, "nothing here", "who may not list is not told"),
    (BARE_SITE, "GET", "/nothing", 404, "<li>Code: NoSuchKey</li>", "errors are HTML"),
    (BARE_SITE, "GET", "/a%3Cb%3E", 404, "<li>Key: a&lt;b&gt;</li>", "and well-behaved HTML"),
    (SITE, "POST", "/", 405, "<li>Code: MethodNotAllowed</li>", "a website is read only"),
    (RULED, "GET", "/old/a", 301, "http://www.example.test/new/a", "by its prefix"),
    (RULED, "GET", "/nothing", 302, "https://x.test/gone.html", "by its error"),
    (RULED, "GET", "/docs/", 200, "docs", "no rule is for that"),
    (MOVED, "GET", "/docs/a?b", 301, "http://x.test/docs/a", "everything moved"),
]


@pytest.mark.parametrize(("bucket", "method", "target", "status", "said", "why"), ANSWERS)
async def test_an_answer(
    bucket: Bucket, method: str, target: str, status: int, said: str, why: str, folder: Path
) -> None:
    response = await fetch_object(folder, bucket, get(target, method))
    assert response.status == status, why
    assert isinstance(response.body, bytes)
    assert said in (response.headers.get("location") or response.body.decode()), why
    assert response.headers.get("server") == "AmazonS3"
    assert "x-amz-request-id" in response.headers


async def test_errors_have_s3s_form(folder: Path) -> None:
    by_rest = await fetch_object(folder, REST, get("/nothing"))
    by_web = await fetch_object(folder, BARE_SITE, get("/nothing"))
    assert by_rest.headers.get("content-type") == "application/xml"
    assert b"<Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>" in by_rest.body  # type: ignore[operator]
    assert by_web.headers.get("content-type") == "text/html; charset=utf-8"
    head = await fetch_object(folder, REST, get("/nothing", "HEAD"))
    assert (head.status, head.body) == (403, b"")


async def test_a_preflight_finds_no_cors(folder: Path) -> None:
    asked = get("/index.html", "OPTIONS", Origin="https://a.test")
    response = await fetch_object(folder, REST, asked)
    assert response.status == 403
    assert b"CORS is not enabled for this bucket." in response.body  # type: ignore[operator]


async def test_the_etag_is_the_md5_of_the_content(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = f'"{hashlib.md5(b"home").hexdigest()}"'
    for at_once in (1, 1024):  # in a thread, and here
        monkeypatch.setattr(bucket_module, "HASHED_AT_ONCE_BYTES", at_once)
        bucket_module._etags.clear()
        response = await fetch_object(folder, REST, get("/index.html"))
        assert response.headers.get("etag") == expected
    unchanged = await fetch_object(folder, REST, get("/index.html", If_None_Match=expected))
    assert unchanged.status == 304
    (folder / "index.html").write_text("home!")
    changed = await fetch_object(folder, REST, get("/index.html", If_None_Match=expected))
    assert changed.status == 200


async def test_a_range_of_an_object(folder: Path) -> None:
    response = await fetch_object(folder, REST, get("/index.html", Range="bytes=1-2"))
    assert (response.status, response.body) == (206, b"om")


async def test_an_origin_with_a_bucket_is_asked_here(folder: Path, clients: OriginClients) -> None:
    origin = Origin("o", host="b.s3.us-east-1.amazonaws.com", folder=str(folder), bucket=REST)
    assert (await clients.fetch(origin, get("/nothing"))).status == 403
    plain = Origin("o", folder=str(folder))
    assert (await clients.fetch(plain, get("/nothing"))).status == 404


KINDS = [
    (Origin("o", host="b.s3", folder="/f", bucket=REST), True, "a bucket"),
    (Origin("o", folder="/f"), True, "a folder stands in for one"),
    (Origin("o", host="b.web", folder="/f", bucket=SITE), False, "a website is a server like any"),
    (Origin("o", host="127.0.0.1", port=9000, bucket=Bucket("b")), True, "behind an API"),
    (Origin("o", host="o.test"), False, "a server"),
    (Origin("o", host="b.s3.eu-west-1.amazonaws.com"), True, "a bucket of AWS"),
    (Origin("o", host="b.c.s3.amazonaws.com"), True, "its older name"),
    (Origin("o", host="b.s3-website-us-east-1.amazonaws.com"), False, "a website of AWS"),
]


@pytest.mark.parametrize(("origin", "is_bucket", "why"), KINDS)
def test_what_cloudfront_does_for_buckets_alone(origin: Origin, is_bucket: bool, why: str) -> None:
    """CloudFront: "Request and response behavior for Amazon S3 origins"."""
    assert origin.is_bucket is is_bucket, why
    orp = ORIGIN_REQUEST_POLICIES["AllViewer"]
    behavior = Behavior("*", origin, origin_request_policy=orp)
    sent = shaped_for_origin(behavior, get("/"), Viewer(), "id", "via").headers
    host = origin.authority if is_bucket else "www.example.test"
    assert sent.get("host") == host, "a bucket never sees the viewer's Host"
    lines: list[tuple[str, str]] = [("x-amz-request-id", "1"), ("x-amz-id-2", "2"), ("Date", "x")]
    back = from_origin(behavior, Response(200, Headers(lines)), 0.0).headers
    assert ("x-amz-id-2" in back, "x-amz-request-id" in back) == (not is_bucket, not is_bucket)
    shown: dict[str, Any] = shown_origin(origin)
    assert list(shown) == ["s3" if is_bucket else "custom"]
