"""The life of one viewer request, start to finish. Read this file first.

    viewer ──▶ viewer-request ──▶ POP ──▶ regional cache ──▶ origin-request ──▶ origin
    viewer ◀── viewer-response ◀─ POP ◀── regional cache ◀── origin-response ◀─────┘

Nothing here opens a socket, reads a clock or sleeps. Where a request has to wait
it yields an effect (`effects.py`), and a driver replies: `live/driver.py` with
asyncio, `sim/driver.py` in virtual time, a test with a list. Between two yields
a request runs alone, so nothing here needs a lock.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from .cache.freshness import StoredResponse
from .cache.ranges import RANGE_FIELDS, cut
from .cache.reuse import Bypass, Decision, Forward, ForwardReason, Serve
from .cache.rules import CACHED_METHODS
from .cache.store import CacheKey
from .cache.storing import NotStored
from .cache.validation import answered_condition, conditional, freshened, unconditional
from .cache.verdict import Verdict
from .cloudfront.access import check_size, refused, rooted
from .cloudfront.distribution import Origin, Trigger
from .cloudfront.forwarding import addressed, from_origin, shaped_for_origin
from .cloudfront.lambda_event import request_event, response_event
from .cloudfront.lambda_result import Asked, blamed_on, request_result, response_result
from .cloudfront.restrictions import EXPOSED_BODY_BYTES
from .cloudfront.result_type import ResultType
from .edge import Edge, Served, Visit
from .effects import Flight, Steps, exposed_body, fetch, invoke, join, spawn, travel
from .errors import EdgesimError, OriginError
from .http.message import Request, Response, Viewer, is_websocket
from .provenance import came_from, dated, dressed, failed, keep, reused, signed


def serve(
    edge: Edge, request: Request, viewer: Viewer = Viewer(), request_id: str = ""
) -> Steps[Served]:
    """Answer a viewer, come what may: an error becomes CloudFront's page for it."""
    behavior = edge.distribution.behavior_for(rooted(edge.distribution, request).path)
    visit = Visit(edge, behavior, viewer, request_id)
    try:
        served = yield from answer(visit, request)
    except EdgesimError as error:
        served = dressed(visit, request, failed(visit, error))
    return signed(visit, served)


def answer(visit: Visit, request: Request) -> Steps[Served]:
    """What happens at the POP: access rules, the viewer's two triggers, the caches in between."""
    check_size(request)
    redirect = refused(visit.behavior, request, visit.viewer)
    if redirect is not None:
        return Served(redirect, redirect.status, result_type=ResultType.REDIRECT)
    request = rooted(visit.edge.distribution, request)
    asked = yield from ask(visit, Trigger.VIEWER_REQUEST, request)
    if isinstance(asked, Response):
        generated = Served(asked, asked.status, generated_at=Trigger.VIEWER_REQUEST)
        return dressed(visit, request, generated)
    request = asked.request
    served = yield from obtain(visit, 0, request)
    if visit.behavior.rules.covers(request):
        served = served.with_response(answered_condition(request, served.response))
        if came_from(served) is not ResultType.MISS:  # what ignored the Range is passed on whole
            served = served.with_response(cut(request, served.response))
    served = dressed(visit, request, served)
    if served.origin_status >= 400:
        return served  # CloudFront: no viewer-response where the origin failed
    response = yield from amend(visit, Trigger.VIEWER_RESPONSE, request, served.response)
    return served.with_response(response)


def obtain(visit: Visit, depth: int, request: Request) -> Steps[Served]:
    """Get the response from the tier at `depth`, or from what lies beyond it."""
    tiers, rules = visit.edge.tiers, visit.behavior.rules
    if depth == len(tiers):
        return (yield from exchange(visit, request))
    tier = tiers[depth]
    if not rules.covers(request) or is_websocket(request):
        cached = request.method in CACHED_METHODS
        reason = ForwardReason.BYPASS if cached else ForwardReason.METHOD
        served = yield from beyond(visit, depth, request, Bypass(reason))
        if rules.outdates(request, served.response):
            tier.forget(rules.key(request))
        return served
    key = rules.key(request)
    if request.method == "HEAD" and not tier.store.find(key):
        key = (*key, "HEAD")  # what a HEAD brought answers other HEADs, and never a GET
    joined = False
    while True:
        now = visit.edge.clock()
        decision = rules.decide(tier.store.find(key), request, now)
        if isinstance(decision, Serve):
            if decision.stale and key not in tier.flights:
                yield from spawn(refresh(visit, depth, request, key, decision))
            return reused(tier, decision, now, joined=joined)
        if isinstance(decision, Bypass):
            return (yield from beyond(visit, depth, request, decision))
        flight = tier.flights.get(key)
        if flight is not None and not joined and rules.collapses():
            joined = True  # once: a response that others may not use must not line them up
            yield from join(flight)
            if flight.failure is not None:
                verdict = Verdict(tier.name, decision)
                return replace(failed(visit, flight.failure), verdicts=(verdict,))
            if flight.reusable or flight.outdated:
                joined = flight.reusable
                continue  # what it brought is in the store now, or was overtaken: look again
        return (yield from fill(visit, depth, request, key, decision))


def fill(
    visit: Visit, depth: int, request: Request, key: CacheKey, decision: Serve | Forward
) -> Steps[Served]:
    """Fetch the response into the tier at `depth`, reviving what is stale there on a 304."""
    tier, rules, clock = visit.edge.tiers[depth], visit.behavior.rules, visit.edge.clock
    stale = decision.stored if isinstance(decision, Serve) else decision.stale
    flight = Flight(key)
    tier.take_off(flight, leads=request.method == "GET" and "range" not in request.headers)
    try:
        request_time = clock()
        wanted = unconditional(request)
        if rules.validates():
            wanted = conditional(wanted, stale)
        served = yield from beyond(visit, depth, wanted, decision)
        now = clock()
        if stale is not None and served.origin_status >= 500 and rules.rescues(stale, now):
            stale.spared_until = now + rules.spares_s()
            flight.reusable = not flight.outdated
            return reused(tier, Serve(stale, stale=True), now, failure=served.failure)
        validated = stale is not None and served.response.status == 304
        if stale is not None and validated:
            request = replace(request, method="GET")  # a HEAD renews a stored GET as well
            renewed = freshened(stale, served.response)
            served = replace(served, response=renewed, origin_status=stale.origin_status)
        kept: StoredResponse | NotStored | None = None
        if not flight.outdated:  # what an invalidation overtook is for those alone who asked before
            kept = tier.store.refusal(served.response) or rules.stored_form(
                request, served.response, request_time, now
            )
        if request.method == "HEAD" and key == rules.key(request):
            kept = NotStored.METHOD  # without a body it may not take a whole response's place
        if isinstance(kept, StoredResponse):
            kept.origin_status = served.origin_status
            served = served.with_response(keep(tier, key, kept, served.response))
            flight.reusable = kept.staleness(now) < 0 and not kept.always_validate
        elif isinstance(served.failure, OriginError):
            flight.failure = served.failure
        verdict = Verdict(tier.name, decision, kept, validated=validated)
        return replace(served, verdicts=(verdict, *served.verdicts[1:]))
    except GeneratorExit:
        flight.outdated = True  # given up: whoever waited needs another
        raise
    finally:
        tier.land(flight)


def refresh(
    visit: Visit, depth: int, request: Request, key: CacheKey, decision: Serve
) -> Steps[None]:
    """Fill in the background, once at a time; if that fails the next request will see to it."""
    if key in visit.edge.tiers[depth].flights:
        return
    if request.method == "HEAD" or "range" in request.headers:
        request = replace(request, method="GET", headers=request.headers.without(*RANGE_FIELDS))
    with suppress(EdgesimError):
        yield from fill(visit, depth, request, key, decision)


def beyond(visit: Visit, depth: int, request: Request, decision: Decision) -> Steps[Served]:
    """Go up the tier's link and come back with an answer."""
    tier = visit.edge.tiers[depth]
    yield from travel(tier.uplink, request)
    served = yield from obtain(visit, depth + 1, request)
    yield from travel(tier.uplink, served.response)
    return replace(served, hit=None, verdicts=(Verdict(tier.name, decision), *served.verdicts))


def exchange(visit: Visit, request: Request) -> Steps[Served]:
    """Ask the origin, with the user's functions on either side."""
    edge, behavior = visit.edge, visit.behavior
    shaped = shaped_for_origin(behavior, request, visit.viewer, visit.request_id, edge.via)
    asked = yield from ask(visit, Trigger.ORIGIN_REQUEST, shaped, behavior.origin)
    if isinstance(asked, Response):
        generated = dated(asked, edge.clock())
        return Served(generated, asked.status, generated_at=Trigger.ORIGIN_REQUEST)
    origin = asked.origin or behavior.origin
    try:
        answered = yield from fetch(origin, addressed(origin, asked.request))
    except OriginError as error:
        return failed(visit, error)
    response = from_origin(behavior, answered, edge.clock())
    amended = yield from amend(visit, Trigger.ORIGIN_RESPONSE, asked.request, response, origin)
    return Served(amended, answered.status)


def ask(
    visit: Visit, trigger: Trigger, request: Request, origin: Origin | None = None
) -> Steps[Asked | Response]:
    """Let a request function change the request, or answer it."""
    association = visit.behavior.functions.get(trigger)
    if association is None:
        return Asked(request, origin)
    body = None
    if association.include_body:
        body = yield from exposed_body(request, EXPOSED_BODY_BYTES[trigger])
    ip, distribution = visit.viewer.ip, visit.edge.distribution
    event = request_event(distribution, trigger, request, ip, visit.request_id, origin, body)
    result = yield from invoke(association.function, trigger, event)
    with blamed_on(association.function, trigger):
        return request_result(trigger, result, event, request, origin)


def amend(
    visit: Visit,
    trigger: Trigger,
    request: Request,
    response: Response,
    origin: Origin | None = None,
) -> Steps[Response]:
    """Let a response function change the response."""
    association = visit.behavior.functions.get(trigger)
    if association is None:
        return response
    ip, distribution = visit.viewer.ip, visit.edge.distribution
    event = response_event(distribution, trigger, request, response, ip, visit.request_id, origin)
    result = yield from invoke(association.function, trigger, event)
    with blamed_on(association.function, trigger):
        return response_result(trigger, result, event, response)
