"""Where an answer came from, and how it says so: hits, error pages, x-cache and its company."""

from __future__ import annotations

from dataclasses import replace

from .cache.freshness import StoredResponse
from .cache.partial import outdone
from .cache.reuse import Forward, Serve
from .cache.store import CacheKey
from .cache.validation import freshened
from .cache.verdict import Verdict, cache_status
from .cloudfront.compression import still_compressed
from .cloudfront.distribution import Behavior
from .cloudfront.error_pages import CLOSING, error_page
from .cloudfront.function import Trigger
from .cloudfront.response_headers import with_policy
from .cloudfront.result_type import ResultType
from .cloudfront.server_timing import Timing, is_sampled, with_timing
from .edge import Served, Tier, Visit
from .errors import EdgesimError, FunctionError
from .http.dates import format_date
from .http.message import Request, Response, Stream

SIGNATURE = ("x-cache", "x-amz-cf-pop", "x-amz-cf-id", "via")
"""The fields by which CloudFront says what it did."""


def keep(tier: Tier, key: CacheKey, kept: StoredResponse, response: Response) -> Response:
    """Store `kept` in `tier`, its body while it arrives; `response` with a body to go on with."""
    store = tier.store

    def settled(body: bytes | Stream | None) -> None:
        if body is None:
            store.drop(key, kept)
        else:
            kept.response = kept.response.with_body(body)
            store.settle(key, kept)

    for old in store.find(key):
        if outdone(old, kept):
            store.drop(key, old)
    store.put(key, kept)
    if isinstance(response.body, bytes):
        return response
    shared = response.body.kept(settled, store.capacity_bytes)
    if not isinstance(kept.response.body, bytes):
        kept.response = kept.response.with_body(shared)
    return response.with_body(shared)


def reused(
    tier: Tier,
    decision: Serve,
    now: float,
    *,
    joined: bool = False,
    failure: EdgesimError | None = None,
) -> Served:
    """An answer from what `tier` has stored."""
    stored = decision.stored
    verdict = Verdict(tier.name, decision, joined=joined)
    fresh = not decision.stale and not joined and now >= stored.spared_until
    return Served(
        stored.aged(now),
        stored.origin_status,
        hit=stored if fresh else None,
        verdicts=(verdict,),
        failure=failure,
    )


def failed(visit: Visit, error: EdgesimError) -> Served:
    """CloudFront's error page in place of an answer."""
    return Served(error_page(error, visit.request_id), error.status, failure=error)


def dated(generated: Response, now: float) -> Response:
    """A response that a function made in place of the origin, as it is stored."""
    headers = generated.headers.with_("Date", format_date(now))
    if "server" not in headers:
        headers = headers.plus(("Server", "CloudFront"))
    return generated.with_headers(headers)


def dressed(visit: Visit, request: Request, served: Served) -> Served:
    """The answer after the behavior's response headers policy, which no cache ever sees."""
    policy, response = visit.behavior.response_headers_policy, served.response
    if policy is None:
        return served
    headers = with_policy(policy, request, response.headers)
    return served.with_response(response.with_headers(headers))


def signed(visit: Visit, served: Served) -> Served:
    """The answer with the fields by which CloudFront says what it did."""
    edge, response = visit.edge, served.response
    now = edge.clock()
    result_type, headers = result_of(visit.behavior, served), response.headers
    lines = []
    if "date" not in headers:
        lines.append(("Date", format_date(now)))
    if served.generated_at and "server" not in headers:
        lines.append(("Server", "CloudFront"))
    if edge.is_cloudfront:
        lines += [
            ("X-Cache", result_type.x_cache),
            ("Via", f"1.1 {edge.via} (CloudFront)"),
            ("X-Amz-Cf-Pop", edge.pop.code),
        ]
    if edge.explains and served.verdicts:
        lines.append(("Cache-Status", cache_status(served.verdicts, now, served.origin_status)))
    age = headers.get("age")
    if age is not None and (age != "0" or visit.behavior.cache_policy is None):
        lines.append(("Age", age))  # CloudFront: only from the first second on
    headers = headers.without(*SIGNATURE, "age")
    return Served(
        response.with_headers(headers.plus(*lines)),
        served.origin_status,
        served.hit,
        served.verdicts,
        visit.behavior,
        served.generated_at,
        served.failure,
        result_type,
        served.origin_s,
        closes=closes(visit, served),
        warnings=tuple(visit.warnings),
    )


def closes(visit: Visit, served: Served) -> bool:
    """Whether CloudFront closes the connection after `served`, a page instead of an answer."""
    paged = served.failure is not None or served.result_type is ResultType.ERROR
    return paged and visit.behavior.cache_policy is not None and served.response.status in CLOSING


def timed(visit: Visit, request: Request, served: Served) -> Served:
    """The answer with Server-Timing, where the behavior's response headers policy has that."""
    policy = visit.behavior.response_headers_policy
    rate = policy.server_timing_percent if policy is not None else None
    if rate is None or served.result_type is ResultType.REDIRECT:
        return served
    if not is_sampled(rate, request, visit.request_id):
        return served
    verdicts, edge = served.verdicts, visit.edge
    timing = Timing(
        came_from(served) if verdicts else None,
        verdicts[-1].tier if verdicts else "",
        served.origin_s,
        edge.clock() - visit.began,
    )
    headers = with_timing(timing, edge.pop.code, visit.request_id, served.response.headers)
    return served.with_response(served.response.with_headers(headers))


def result_of(behavior: Behavior, served: Served) -> ResultType:
    """CloudFront's one word for how `served` came about."""
    if served.result_type is ResultType.REDIRECT:
        return ResultType.REDIRECT
    if isinstance(served.failure, FunctionError):
        return ResultType.of_failure(served.failure.code)
    if served.generated_at is Trigger.VIEWER_REQUEST:
        association = behavior.functions.get(Trigger.VIEWER_REQUEST)
        if association is not None and association.function.is_cloudfront_function:
            return ResultType.FUNCTION_GENERATED_RESPONSE
        return ResultType.LAMBDA_GENERATED_RESPONSE
    if served.result_type is ResultType.ERROR or served.response.status >= 400:
        return ResultType.ERROR  # a custom page is one, whatever its status
    return came_from(served)


def renewed(stale: StoredResponse, served: Served) -> Served:
    """`served`, which says that `stale` is still right, with the whole of that."""
    response = still_compressed(stale.response, freshened(stale, served.response))
    return replace(served, response=response, origin_status=stale.origin_status)


def cuttable(served: Served) -> bool:
    """Whether a Range is cut from it here: what ignored the Range on its way is passed on whole.

    What was asked for without one, for the sake of what is stored, ignored nothing. CloudFront
    never cuts what its origin sent in chunks ("How CloudFront processes partial requests").
    """
    if served.response.status == 200 and "transfer-encoding" in served.response.headers:
        return False
    if came_from(served) is not ResultType.MISS:
        return True
    decisions = [one.decision for one in served.verdicts if isinstance(one.decision, Forward)]
    return any(one.part is not None or one.stale is not None for one in decisions)


def came_from(served: Served) -> ResultType:
    """Whether a cache had it, or had it after a 304, or the origin gave it."""
    found = ResultType.MISS
    for verdict in served.verdicts:
        if verdict.validated:
            return ResultType.REFRESH_HIT
        if isinstance(verdict.decision, Serve):
            found = ResultType.HIT
    return found
