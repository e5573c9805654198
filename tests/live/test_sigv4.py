"""Origin access control, checked as S3 checks it: sign the request again, and compare."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from edgesim.cloudfront.bucket import Bucket
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.live.origins import OriginClients
from edgesim.live.sigv4 import to_api

from .conftest import OK, Serve, get

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=key/\d{8}/eu-central-1/s3/aws4_request, "
    r"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=([0-9a-f]{64})"
)
BUCKET = Bucket("b", access_key_id="key", secret_access_key="secret", signing_behavior="always")
ORIGIN = Origin("o", host="127.0.0.1", port=9000, region="eu-central-1", bucket=BUCKET)


def accepted(sent: Request, secret: str = "secret") -> bool:
    """Whether an S3 API with that secret takes the signature."""
    found = _AUTHORIZATION.fullmatch(sent.headers.get("authorization") or "")
    assert found, sent.headers
    moment = sent.headers.get("x-amz-date") or ""

    class Checking(S3SigV4Auth):  # type: ignore[misc]  # botocore is not typed
        def _modify_request_before_signing(self, request: Any) -> None:
            pass

        def payload(self, request: Any) -> str:
            return sent.headers.get("x-amz-content-sha256") or ""

    names = ("host", "x-amz-content-sha256", "x-amz-date")
    again = AWSRequest(
        method=sent.method,
        url=f"http://127.0.0.1:9000{sent.target}",
        headers={name: sent.headers.get(name) for name in names},
    )
    again.context["timestamp"] = moment
    checking = Checking(Credentials("key", secret), "s3", "eu-central-1")
    text = checking.string_to_sign(again, checking.canonical_request(again))
    return bool(checking.signature(text, again) == found[1])


TARGETS = [
    "/index.html",
    "/a%20b/%C3%BC.txt",
    "/a//b/../c",
    "/a?versionId=1&x=%2F",
    "/a?b",
    "/plus+and~tilde",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_signed_is_accepted(target: str, method: str) -> None:
    sent = to_api(ORIGIN, BUCKET, Request(method, target, Headers([("Host", "127.0.0.1:9000")])))
    assert sent.target == f"/b{target}", "path-style, and the key as it came"
    assert accepted(sent)
    assert not accepted(sent, "another secret")
    moved = Request(sent.method, f"{sent.target}x", sent.headers)
    assert not accepted(moved), "for one key only"


def test_uploads() -> None:
    class Upload:
        length = None

    small = to_api(ORIGIN, BUCKET, get("/a", "PUT", b"hello", Host="127.0.0.1:9000"))
    assert len(small.headers.get("x-amz-content-sha256") or "") == 64
    large = to_api(ORIGIN, BUCKET, get("/a", "PUT", Upload()))
    assert large.headers.get("x-amz-content-sha256") == "UNSIGNED-PAYLOAD"


AUTHORIZATION = [
    ("always", True, True, "the viewer's is replaced"),
    ("no-override", True, False, "the viewer's goes on"),
    ("no-override", False, True, "there is none to go on"),
    ("never", False, False, "nobody signs"),
]


@pytest.mark.parametrize(("behavior", "carried", "signed", "why"), AUTHORIZATION)
def test_signing_behaviors(behavior: str, carried: bool, signed: bool, why: str) -> None:
    bucket = Bucket("b", access_key_id="key", secret_access_key="s", signing_behavior=behavior)
    lines = [("Host", "h")] + ([("Authorization", "mine")] if carried else [])
    sent = to_api(ORIGIN, bucket, Request("GET", "/a", Headers(lines)))
    value = sent.headers.get("authorization")
    assert (value or "").startswith("AWS4") is signed, why
    assert len(sent.headers.all("authorization")) == int(signed or carried)


async def test_over_a_socket(serve: Serve, clients: OriginClients) -> None:
    api = await serve(OK)
    origin = api.origin(bucket=BUCKET, region="eu-central-1")
    request = Request("GET", "/index.html", Headers([("Host", origin.authority)]))
    assert (await clients.fetch(origin, request)).status == 200
    head = api.requests[0].decode("latin-1")
    assert head.startswith("GET /b/index.html HTTP/1.1\r\n")
    assert "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=key/" in head
    assert head.lower().count("\r\nhost: ") == 1
