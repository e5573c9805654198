"""Requests to an S3 API, signed as origin access control has it (SigV4), by botocore."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..cloudfront.bucket import Bucket
from ..cloudfront.origin import Origin
from ..errors import OriginError
from ..http.message import Request

SIGNING_FIELDS = ("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")


def to_api(origin: Origin, bucket: Bucket, request: Request) -> Request:
    """`request` for the bucket behind `origin`: path-style, and signed where that is wanted."""
    target = f"/{bucket.name}{request.target}"
    request = Request(request.method, target, request.headers, request.body)
    if bucket.signs("authorization" in request.headers):
        return _signed(origin, bucket, request)
    return request


def _signed(origin: Origin, bucket: Bucket, request: Request) -> Request:
    auth, aws_request, credentials = _botocore()
    host = request.headers.get("host") or origin.authority
    outgoing = aws_request(
        method=request.method,
        url=f"{origin.protocol}://{host}{request.target}",
        headers={"Host": host},
        data=request.body if isinstance(request.body, bytes) else None,
    )
    unsigned_payload = not isinstance(request.body, bytes)
    keys = credentials(bucket.access_key_id, bucket.secret_access_key)
    auth(unsigned_payload)(keys, "s3", origin.region).add_auth(outgoing)
    added = outgoing.headers.items()
    lines = [(name, value) for name, value in added if name.lower() in SIGNING_FIELDS]
    return request.with_headers(request.headers.without(*SIGNING_FIELDS).plus(*lines))


@cache
def _botocore() -> tuple[Any, Any, Any]:
    """Its parts, imported when the first request is signed: it is an extra, and not small."""
    try:
        from botocore.auth import S3SigV4Auth  # noqa: PLC0415
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.credentials import Credentials  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'edgesim[s3]', or origin_access_control = \"never\""
        raise OriginError("signing requests to S3 needs botocore", hint=hint) from None

    class Streaming(S3SigV4Auth):  # type: ignore[misc]  # botocore is not typed
        """For a body that nobody has seen the end of yet."""

        def payload(self, request: Any) -> str:
            return "UNSIGNED-PAYLOAD"

    return (lambda streams: Streaming if streams else S3SigV4Auth), AWSRequest, Credentials
