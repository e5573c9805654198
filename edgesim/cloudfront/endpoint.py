"""What API Gateway's endpoint types change: only edge-optimized ones have CloudFront before them.

API Gateway: "API endpoint types for REST APIs", "Creating a private API".
"""

from __future__ import annotations

from hashlib import md5

from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Routing

CLOUDFRONTS_OWN = "cloudfront-"


def identification(routing: Routing, request_id: str) -> tuple[tuple[str, str], ...]:
    """The fields by which a response names its request: CloudFront's, or API Gateway's."""
    if routing is Routing.EDGE_OPTIMIZED:
        return (("X-Amz-Cf-Id", request_id),)
    digits = md5(request_id.encode(), usedforsecurity=False).hexdigest()
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return (("x-amzn-RequestId", "-".join(groups)), ("x-amz-apigw-id", f"{request_id[-17:-2]}="))


def without_cloudfront(shaped: Request, request: Request) -> Request:
    """`shaped` as it is sent on where no CloudFront has seen the viewer's `request`."""
    kept = [line for line in shaped.headers if not line[0].lower().startswith(CLOUDFRONTS_OWN)]
    headers = Headers(kept).without("x-amz-cf-id", "via")
    via = request.headers.get("via")
    return shaped.with_headers(headers if via is None else headers.with_("Via", via))


def forbidden() -> Response:
    """What a private endpoint answers who comes from outside its network."""
    lines = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "ForbiddenException")]
    return Response(403, Headers(lines), b'{"message":"Forbidden"}')
