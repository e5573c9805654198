"""The event that a CloudFront Function is given.

CloudFront: "CloudFront Functions event structure". It is built before any policy has filtered the
request. `helpers` is ours: what the methods of runtime 2.0 know, taken off before the handler runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..http.head import usual_phrase
from ..http.message import Request, Response
from .distribution import Distribution
from .function import Trigger
from .lambda_event import Json, text
from .restrictions import is_disallowed

Pairs = Iterable[tuple[str, Json]]


def viewer_event(
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    client_ip: str,
    request_id: str,
    *,
    response: Response | None = None,
    pop: str = "",
) -> Json:
    """The event of a viewer trigger; `response` is for viewer-response, `pop` a POP's code."""
    helpers: Json = {}
    if "?" in request.target:
        helpers["rawQueryString"] = text(request.query)
    tenant = distribution.tenant
    if tenant is not None:
        helpers["distributionTenant"] = {"id": tenant.id, "parameters": dict(tenant.parameters)}
    event: Json = {
        "version": "1.0",
        "context": {
            "distributionDomainName" if tenant is None else "endpoint": distribution.domain_name,
            "distributionId": distribution.id,
            "eventType": trigger.value,
            "requestId": request_id,
        },
        "viewer": {"ip": client_ip},
        "request": shown_request(request),
        "helpers": helpers,
    }
    if response is None:
        helpers["edgeLocation"] = edge_location(pop)
    else:
        event["response"] = shown_response(response)
    return event


def for_request(event: Json, request_id: str) -> Json:
    """`event` as another request like its own would show it."""
    return {**event, "context": {**event["context"], "requestId": request_id}}


def edge_location(pop: str) -> Json:
    """What `cf.edgeLocation` says at viewer-request (CloudFront: "General helper methods")."""
    return {"name": pop[:3], "serverIp": "192.0.2.1", "region": "us-east-1"}


def shown_request(request: Request) -> Json:
    return {
        "method": request.method,
        "uri": text(request.path),
        "querystring": shown_query(request.query),
        "headers": grouped(_fields(request, "cookie")),
        "cookies": shown_cookies(request.headers.all("cookie")),
    }


def shown_response(response: Response) -> Json:
    return {
        "statusCode": response.status,
        "statusDescription": text(response.reason) or usual_phrase(response.status),
        "headers": grouped(_fields(response, "set-cookie")),
        "cookies": grouped(set_cookie(line) for line in response.headers.all("set-cookie")),
    }


def shown_query(query: str) -> Json:
    """Parameters by name, their text as it was sent; without a value they have ""."""
    if not query:
        return {}
    found = (piece.partition("=") for piece in text(query).split("&") if piece)
    return grouped((name, {"value": value}) for name, _, value in found)


def shown_cookies(lines: Iterable[str]) -> Json:
    """The cookies of all Cookie fields, names and values as they were sent."""
    found = (
        piece.strip().partition("=")
        for line in lines
        for piece in text(line).split(";")
        if not piece.isspace()
    )
    return grouped((name, {"value": value}) for name, _, value in found if name)


def set_cookie(line: str) -> tuple[str, Json]:
    """A Set-Cookie field as a cookie with attributes."""
    pair, _, attributes = text(line).partition(";")
    name, _, value = pair.partition("=")
    shown: Json = {"value": value.strip()}
    if attributes:
        shown["attributes"] = attributes.strip()
    return name.strip(), shown


def grouped(pairs: Pairs) -> Json:
    """By name; what occurs more than once has all of it in multiValue, the first in value too."""
    shown: dict[str, Json] = {}
    for name, entry in pairs:
        earlier = shown.get(name)
        if earlier is None:
            shown[name] = entry
        elif "multiValue" in earlier:
            earlier["multiValue"].append(entry)
        else:
            earlier["multiValue"] = [dict(earlier), entry]
    return shown


def _fields(message: Request | Response, apart: str) -> Pairs:
    """The fields a function may see, but for the cookies, which stand apart."""
    for name, value in message.headers:
        seen = _seen(name)
        if seen == "host":
            yield seen, {"value": plain_host(value)}
        elif seen and seen != apart:
            yield seen, {"value": value if value.isascii() else text(value)}


@lru_cache(maxsize=1024)
def _seen(name: str) -> str:
    """What a function knows the field `name` by; "" if it may not know it."""
    lower = name.lower()
    return "" if is_disallowed(lower) else lower


def plain_host(host: str) -> str:
    """As functions see it: lower case, no port, no dot at the end."""
    name, colon, port = host.lower().rpartition(":")
    return (name if colon and port.isdigit() else host.lower()).removesuffix(".")
