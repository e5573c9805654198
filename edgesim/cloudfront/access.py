"""What a distribution and its behaviors let in, before any function runs.

CloudFront: "Cache behavior settings", "Require HTTPS for communication between viewers and
CloudFront", "Request and response behavior for custom origins".
"""

from __future__ import annotations

from ..errors import BadRequest, ViewerError
from ..http.message import Request, Response, Viewer
from .distribution import ALL_METHODS, Behavior, Distribution
from .error_pages import redirect_to_https
from .geo_restriction import check_country
from .restrictions import MAX_HEAD_BYTES, MAX_URL_BYTES
from .signed_access import check_signed
from .viewer_headers import keyed_by_viewer

REDIRECTED_FOR_GOOD = frozenset({"GET", "HEAD"})


def rooted(distribution: Distribution, request: Request) -> Request:
    """`request` for the default root object if it asks for exactly `/`."""
    if not distribution.default_root_object or request.path != "/":
        return request
    target = f"/{distribution.default_root_object}{request.target[1:]}"
    return Request(request.method, target, request.headers, request.body)


def check_size(request: Request) -> None:
    """Raises `BadRequest` with 414 or 494 for what CloudFront finds too long ("Quotas")."""
    url = len(request.target)
    if url > MAX_URL_BYTES:
        raise BadRequest(f"the URL has {url:,} bytes, at most {MAX_URL_BYTES:,}", status=414)
    head = url + sum([len(name) + len(value) + 4 for name, value in request.headers])
    if head > MAX_HEAD_BYTES:
        raise BadRequest(
            f"request line and headers are {head:,} bytes, at most {MAX_HEAD_BYTES:,}", status=494
        )


def allowed(behavior: Behavior, method: str) -> bool:
    """Whether `method` may come in.

    Where all may, the policy RFC9111 takes unknown ones too (RFC 9110 §9.1), but never those that
    would make a tunnel or show the viewer our own fields.
    """
    if behavior.cache_policy is None and behavior.allowed_methods == ALL_METHODS:
        return method not in ("CONNECT", "TRACE")
    return method in behavior.allowed_methods


def looks_at_viewer(distribution: Distribution, behavior: Behavior) -> bool:
    """Whether an answer depends on more than the request's bytes: on who sent them, or when."""
    rhp = behavior.response_headers_policy
    return (
        distribution.geo_restriction is not None
        or (rhp is not None and rhp.server_timing_percent is not None)
        or bool(behavior.trusted_key_groups)
        or keyed_by_viewer(behavior)
    )


INDIFFERENT = frozenset({"accept", "accept-language", "cookie", "referer", "user-agent"})
"""Fields that bear on a fresh hit through the cache key alone, if at all."""


def is_indifferent(behavior: Behavior) -> bool:
    """Whether no field in `INDIFFERENT` bears on its fresh hits, as long as no function sees them.

    CloudFront: "Understand the cache policy" has what is in the key. By RFC 9111 any field may
    select a variant.
    """
    policy = behavior.cache_policy
    return policy is not None and not policy.cookies and not INDIFFERENT & policy.headers.names


def refused(
    distribution: Distribution,
    behavior: Behavior,
    request: Request,
    viewer: Viewer,
    now: float,
    https_port: int | None = None,
) -> Response | None:
    """A redirect to HTTPS where the behavior wants one; None lets the request in.

    Raises `ViewerError` for what CloudFront answers with a 403, `BadRequest` for what is too long.
    """
    check_size(request)
    if not distribution.enabled:
        hint = "distribution.enabled = false: on AWS it would answer nobody either"
        raise ViewerError(f"the distribution {distribution.id} is disabled", hint=hint)
    check_country(distribution.geo_restriction, viewer)
    if viewer.scheme == "http" and behavior.viewer_protocol_policy != "allow-all":
        return _insisting_on_https(behavior, request, viewer, https_port)
    if not allowed(behavior, request.method):
        raise ViewerError(
            f"{request.method} is not among the allowed methods of {behavior.path_pattern}",
            code="InvalidRequestMethod",
            hint='allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"] '
            "allows all of them",
        )
    if request.method == "GET" and request.body != b"":
        raise ViewerError("a GET with a body", hint="CloudFront refuses these; use POST")
    check_signed(behavior, request, viewer, now, distribution.public_url)
    return None


def _insisting_on_https(
    behavior: Behavior, request: Request, viewer: Viewer, https_port: int | None
) -> Response:
    if behavior.viewer_protocol_policy == "https-only":
        raise ViewerError(
            f"{behavior.path_pattern} is https-only and the viewer came over http",
            hint="edgesim dev --tls speaks https",
        )
    status = 301 if request.method in REDIRECTED_FOR_GOOD else 307
    if status == 307 and viewer.http_version == "1.0":
        raise ViewerError(f"{request.method} over http by HTTP/1.0, which knows no 307")
    host = request.headers.get("host") or ""
    return redirect_to_https(host, request.target, status, https_port)
