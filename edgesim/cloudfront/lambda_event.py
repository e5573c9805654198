"""The event that a Lambda@Edge function is given.

CloudFront: "Lambda@Edge event structure".
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..http.head import usual_phrase
from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Distribution
from .function import Trigger
from .origin import Origin
from .restrictions import is_disallowed

Json = dict[str, Any]

SSL_PROTOCOLS = ("TLSv1.2",)


@dataclass(frozen=True, slots=True)
class ExposedBody:
    """As much of a request's body as a function with Include Body may see."""

    data: bytes = b""
    truncated: bool = False


def request_event(
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    client_ip: str,
    request_id: str,
    origin: Origin | None = None,
    body: ExposedBody | None = None,
) -> Json:
    """The event of a request trigger. `origin` is for origin-request, `body` for Include Body."""
    shown = _request(request, client_ip, origin)
    if body is not None:
        shown["body"] = {
            "inputTruncated": body.truncated,
            "action": "read-only",
            "encoding": "base64",
            "data": b64encode(body.data).decode("ascii"),
        }
    return _record(distribution, trigger, request_id, {"request": shown})


def response_event(
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    response: Response,
    client_ip: str,
    request_id: str,
    origin: Origin | None = None,
) -> Json:
    """The event of a response trigger, with the request it answers but never a body."""
    shown = {
        "status": str(response.status),
        "statusDescription": response.reason or usual_phrase(response.status),
        "headers": shown_headers(response.headers),
    }
    parts = {"request": _request(request, client_ip, origin), "response": shown}
    return _record(distribution, trigger, request_id, parts)


def _record(distribution: Distribution, trigger: Trigger, request_id: str, parts: Json) -> Json:
    config = {
        "distributionDomainName": distribution.domain_name,
        "distributionId": distribution.id,
        "eventType": trigger.value,
        "requestId": request_id,
    }
    return {"Records": [{"cf": {"config": config, **parts}}]}


def for_request(event: Json, request_id: str) -> Json:
    """`event` as another request like its own would show it."""
    record = event["Records"][0]["cf"]
    config = {**record["config"], "requestId": request_id}
    return {"Records": [{"cf": {**record, "config": config}}]}


def _request(request: Request, client_ip: str, origin: Origin | None) -> Json:
    shown: Json = {
        "clientIp": client_ip,
        "headers": shown_headers(request.headers),
        "method": request.method,
        "querystring": text(request.query),
        "uri": text(request.path),
    }
    if origin is not None:
        shown["origin"] = shown_origin(origin)
    return shown


def shown_headers(headers: Headers) -> Json:
    """Fields as events have them: lower-case name to a list of key and value, one for each line."""
    return shown_lines(line for line in headers if not is_disallowed(line[0].lower()))


def shown_lines(lines: Iterable[tuple[str, str]]) -> Json:
    shown: dict[str, list[Json]] = {}
    for name, value in lines:
        shown.setdefault(name.lower(), []).append({"key": name, "value": text(value)})
    return shown


def shown_origin(origin: Origin) -> Json:
    """`s3` for a bucket or a folder, which stands in for one; `custom` for all others."""
    custom_headers = shown_lines(origin.custom_headers)
    if origin.is_bucket:
        return {
            "s3": {
                "authMethod": "none",
                "customHeaders": custom_headers,
                "domainName": _bucket_domain(origin),
                "path": origin.path,
                "region": origin.region,
            }
        }
    return {
        "custom": {
            "customHeaders": custom_headers,
            "domainName": origin.host or "localhost",
            "keepaliveTimeout": int(origin.keepalive_timeout_s),
            "path": origin.path,
            "port": origin.port,
            "protocol": origin.protocol,
            "readTimeout": int(origin.response_timeout_s),
            "responseCompletionTimeout": int(
                origin.response_completion_timeout_s or origin.response_timeout_s
            ),
            "sslProtocols": list(SSL_PROTOCOLS),
        }
    }


def _bucket_domain(origin: Origin) -> str:
    """What the bucket would be called on AWS."""
    if origin.host and (origin.bucket is None or origin.folder):
        return origin.host
    name = origin.bucket.name if origin.bucket is not None else origin.name.lower()
    return f"{name}.s3.{origin.region}.amazonaws.com"


def text(octets: str) -> str:
    """What viewers' bytes say: UTF-8 where they are that, else ISO-8859-1.

    CloudFront: "Restrictions on all edge functions". Messages hold one character an octet.
    """
    if octets.isascii():
        return octets
    try:
        return octets.encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return octets


def octets(value: str) -> str:
    """The way back from `text`: one character an octet of UTF-8; half a surrogate pair is "?"."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("latin-1")
