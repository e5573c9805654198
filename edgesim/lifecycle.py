"""The life of one viewer request, start to finish. Read this file first.

    viewer ──▶ viewer-request ──▶ POP ──▶ regional cache ──▶ origin-request ──▶ origin
    viewer ◀── viewer-response ◀─ POP ◀── regional cache ◀── origin-response ◀─────┘

An origin may have one more cache before it, its Origin Shield.

Nothing here opens a socket, reads a clock or sleeps. Where a request has to wait
it yields an effect (`effects.py`), and a driver replies: `live/driver.py` with
asyncio, `sim/driver.py` in virtual time, a test with a list. Between two yields
a request runs alone, so nothing here needs a lock.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from .cache.freshness import StoredResponse
from .cache.partial import combined, completing
from .cache.ranges import RANGE_FIELDS, cut
from .cache.reuse import Bypass, Decision, Forward, ForwardReason, Refuse, Serve
from .cache.rules import CACHED_METHODS, Rules
from .cache.store import CacheKey
from .cache.storing import NotStored
from .cache.validation import answered_condition, conditional, unconditional
from .cache.verdict import Verdict
from .cloudfront.access import refused, rooted
from .cloudfront.compression import for_http_version
from .cloudfront.custom_errors import as_error_page, custom_error, page_request
from .cloudfront.endpoint import forbidden
from .cloudfront.failover import standby
from .cloudfront.function import Trigger
from .cloudfront.ranges import with_ranges_heeded
from .cloudfront.result_type import ResultType
from .cloudfront.signed_access import unsigned
from .cloudfront.viewer_headers import described
from .edge import Edge, Served, Tier, Visit
from .effects import Flight, HandOver, Steps, join, spawn, travel
from .errors import EdgesimError, OriginError, ViewerError
from .function_steps import amend, ask, rerouted
from .http.message import Request, Response, Viewer, is_websocket
from .origin_steps import ask_origin
from .provenance import (
    came_from,
    cuttable,
    dressed,
    failed,
    keep,
    renewed,
    reused,
    signed,
    timed,
)

NOTHING_STORED = ViewerError("only-if-cached, and nothing stored answers it", status=504)


def serve(
    edge: Edge, request: Request, viewer: Viewer = Viewer(), request_id: str = ""
) -> Steps[Served]:
    """Answer a viewer, come what may: an error becomes CloudFront's page for it."""
    behavior = edge.distribution.behavior_for(rooted(edge.distribution, request).path)
    if edge.entry.rtt_s:
        yield from travel(edge.entry, request)
    visit = Visit(edge, behavior, viewer, request_id, edge.clock(), arrived=request)
    try:
        served = yield from answer(visit, request)
    except EdgesimError as error:
        served = failed(visit, error)
        page = yield from page_instead(visit, request, served)
        served = dressed(visit, request, page or served)
    served = timed(visit, request, signed(visit, served))
    if edge.entry.rtt_s:
        yield from travel(edge.entry, served.response)
    return served


def answer(visit: Visit, request: Request) -> Steps[Served]:
    """What happens at the POP: access rules, the viewer's two triggers, the caches in between."""
    edge, arrived = visit.edge, request
    if edge.path is not None and not edge.path.admitted:
        return Served(forbidden(), 403)
    redirect = refused(
        edge.distribution, visit.behavior, request, visit.viewer, edge.clock(), edge.https_port
    )
    if redirect is not None:
        return Served(redirect, redirect.status, result_type=ResultType.REDIRECT)
    request = rooted(edge.distribution, request)
    asked = yield from ask(visit, Trigger.VIEWER_REQUEST, request)
    if isinstance(asked, Response):
        generated = Served(asked, asked.status, generated_at=Trigger.VIEWER_REQUEST)
        return dressed(visit, request, generated)
    visit = rerouted(visit, asked)
    entered = unsigned(visit.behavior, request)
    request = unsigned(visit.behavior, asked.request)
    note_rewriting(visit, entered, request)
    request = for_http_version(visit.behavior, request, visit.viewer)
    request = with_ranges_heeded(visit.behavior, request)
    told = described(visit.behavior, request, visit.viewer, arrived)
    served = yield from obtain(visit, 0, told)
    if visit.behavior.rules.covers(request):
        served = served.with_response(answered_condition(request, served.response))
        if "range" in request.headers and cuttable(served):
            served = served.with_response(cut(request, served.response))
    page = yield from page_instead(visit, request, served)
    served = dressed(visit, request, page or served)
    if page or served.origin_status >= 400:
        return served  # CloudFront: no viewer-response where the origin failed, or for such a page
    response = yield from amend(visit, Trigger.VIEWER_RESPONSE, request, served.response)
    return served.with_response(response)


def note_rewriting(visit: Visit, asked: Request, changed: Request) -> None:
    """Remember under which URL that is stored which a viewer asked for by another."""
    rules = visit.behavior.rules
    if changed.target != asked.target and rules.covers(changed):
        by, to = rules.key(asked)[0], rules.key(changed)[0]
        for tier in visit.tiers(changed):
            tier.rewritten.note(by, to)


def page_instead(visit: Visit, request: Request, served: Served) -> Steps[Served | None]:
    """The distribution's own page for an error, by way of the behavior that its path belongs to."""
    distribution = visit.edge.distribution
    custom = custom_error(distribution.custom_errors, served.response.status, served.failure)
    if custom is None:
        return None
    behavior = distribution.behavior_for(custom.page_path)
    try:
        asked = for_http_version(behavior, page_request(custom, request), visit.viewer)
        asked = described(behavior, asked, visit.viewer, request, erring=request)
        page = yield from obtain(replace(visit, behavior=behavior), 0, asked)
    except EdgesimError as error:
        page = failed(visit, error)
    response, failure = as_error_page(custom, page.response), served.failure or page.failure
    error_page = served.with_response(response)
    return replace(error_page, hit=None, failure=failure, result_type=ResultType.ERROR)


def obtain(visit: Visit, depth: int, request: Request) -> Steps[Served]:
    """Get the response from the tier at `depth`, or from what lies beyond it."""
    tiers, rules = visit.tiers(request), visit.behavior.rules
    if depth == len(tiers):
        return (yield from ask_origin(visit, request))
    tier = tiers[depth]
    if not rules.covers(request) or is_websocket(request):
        return (yield from pass_by(visit, depth, request))
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
        if isinstance(decision, Refuse):
            return replace(failed(visit, NOTHING_STORED), verdicts=(Verdict(tier.name, decision),))
        flight = tier.flights.get(key)
        if flight is not None and not (joined or visit.alone) and rules.collapses():
            joined = True  # once: a response that others may not use must not line them up
            yield from join(flight)
            if flight.failure is not None:
                verdict = Verdict(tier.name, decision)
                return replace(failed(visit, flight.failure), verdicts=(verdict,))
            if flight.reusable or flight.outdated:
                joined = flight.reusable
                continue  # what it brought is in the store now, or was overtaken: look again
        alone = replace(visit, alone=True) if joined else visit
        return (yield from fill(alone, depth, request, key, decision))


def pass_by(visit: Visit, depth: int, request: Request) -> Steps[Served]:
    """Go past the tier; what it has stored may be outdated by that, or replaced."""
    tier, rules, clock = visit.tiers(request)[depth], visit.behavior.rules, visit.edge.clock
    reason = ForwardReason.BYPASS if request.method in CACHED_METHODS else ForwardReason.METHOD
    request_time = clock()
    served = yield from beyond(visit, depth, request, Bypass(reason))
    for key in rules.outdates(request, served.response):
        tier.forget(key)
    if request.method in CACHED_METHODS or tier.store.refusal(served.response):
        return served
    kept = rules.stored_form(request, served.response, request_time, clock())
    if isinstance(kept, StoredResponse):
        served = served.with_response(keep(tier, rules.key(request), kept, served.response))
    return served


def fill(
    visit: Visit, depth: int, request: Request, key: CacheKey, decision: Serve | Forward
) -> Steps[Served]:
    """Fetch the response into the tier at `depth`, reviving what is stale there on a 304."""
    tier, rules, clock = visit.tiers(request)[depth], visit.behavior.rules, visit.edge.clock
    stale = decision.stored if isinstance(decision, Serve) else decision.stale
    flight = Flight(key)
    tier.take_off(flight, leads=request.method == "GET" and "range" not in request.headers)
    try:
        request_time = clock()
        served = yield from inquire(visit, depth, request, decision)
        now = clock()
        handed_on = depth == len(visit.edge.tiers) and relieved(visit, request, served) is not None
        silent, errs = served.failure is not None, served.origin_status >= 500 and not handed_on
        if stale is not None and errs and rules.rescues(stale, now, disconnected=silent):
            stale.spared_until = now + rules.spares_s(served.response.status)
            flight.reusable = not flight.outdated
            return reused(tier, Serve(stale, stale=True), now, failure=served.failure)
        validated = stale is not None and served.response.status == 304
        if stale is not None and rules.renews(request, stale, served.response):
            request = replace(request, method="GET")  # a HEAD renews a stored GET as well
            served = renewed(stale, served)
        kept: StoredResponse | NotStored | None = None
        if handed_on:
            kept = NotStored.FAILOVER  # every miss tries the primary origin first
        elif not flight.outdated:  # what an invalidation overtook is for those who asked before
            kept = kept_form(tier, rules, key, request, served.response, request_time, now)
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


def kept_form(
    tier: Tier,
    rules: Rules,
    key: CacheKey,
    request: Request,
    response: Response,
    request_time: float,
    response_time: float,
) -> StoredResponse | NotStored:
    """`response` as `tier` keeps it under `key`, or why it does not."""
    if request.method == "HEAD" and key == rules.key(request):
        return NotStored.METHOD  # without a body it may not take a whole response's place
    refusal = tier.store.refusal(response)
    return refusal or rules.stored_form(request, response, request_time, response_time)


def inquire(visit: Visit, depth: int, request: Request, decision: Serve | Forward) -> Steps[Served]:
    """Ask for no more than is needed: for news of what is stale, for the rest of a part."""
    stale = decision.stored if isinstance(decision, Serve) else decision.stale
    part = None if isinstance(decision, Serve) else decision.part
    plain = wanted = unconditional(request)
    if visit.behavior.rules.validates():
        wanted = completing(conditional(plain, stale), part)
    served = yield from beyond(visit, depth, wanted, decision)
    answer = combined(part, served.response)
    in_vain = answer.status in (206, 416) and "range" not in request.headers
    if in_vain and "range" in wanted.headers:
        return (yield from beyond(visit, depth, plain, decision))
    return served.with_response(answer)


def refresh(
    visit: Visit, depth: int, request: Request, key: CacheKey, decision: Serve
) -> Steps[None]:
    """Fill in the background, once at a time; if that fails the next request will see to it."""
    if key in visit.tiers(request)[depth].flights:
        return
    if request.method == "HEAD" or "range" in request.headers:
        request = replace(request, method="GET", headers=request.headers.without(*RANGE_FIELDS))
    with suppress(EdgesimError):
        yield from fill(visit, depth, request, key, decision)


def beyond(visit: Visit, depth: int, request: Request, decision: Decision) -> Steps[Served]:
    """Go on to the next cache that has a say, or to the origin, and come back with an answer."""
    tiers, last = visit.tiers(request), len(visit.edge.tiers)
    farther = last if depth < last and visit.skips_regional(request) else depth + 1
    links = visit.ways(tiers, depth, farther)
    for link in links:
        yield from travel(link, request)
    go_on = hand_over if visit.edge.divided else onward
    served = yield from go_on(visit, farther, request)
    for link in reversed(links):
        yield from travel(link, served.response)
    if depth == last:
        visit.done_with(links[0])
    verdict = Verdict(tiers[depth].name, decision)
    return replace(served, hit=None, verdicts=(verdict, *served.verdicts))


def onward(visit: Visit, depth: int, request: Request) -> Steps[Served]:
    """Come to the cache at `depth`; behind the edge's last one, to its way out."""
    if depth == len(visit.edge.tiers):
        return (yield from exchange(visit, request))
    return (yield from obtain(visit, depth, request))


def hand_over(visit: Visit, depth: int, request: Request) -> Steps[Served]:
    """The same in the process that has the caches behind the first."""
    path, viewer = visit.edge.path, visit.viewer
    city = "" if path is None else path.viewer.region or path.viewer.name
    behavior, request_id, alone = visit.behavior, visit.request_id, visit.alone
    served: Served = yield HandOver(
        request, depth, behavior, viewer, request_id, city, alone, visit.warnings
    )
    return served


def exchange(visit: Visit, request: Request) -> Steps[Served]:
    """Leave the edge for the origin; if that fails, for the one that stands by for it."""
    direct = visit.skips_regional(request)
    served = yield from approach(visit, request, direct=direct)
    instead = relieved(visit, request, served)
    return served if instead is None else (yield from approach(instead, request, direct=direct))


def approach(visit: Visit, request: Request, *, direct: bool) -> Steps[Served]:
    """Leave the edge, `direct` from the POP, for one origin; through its Shield if it has one."""
    shield, tiers = visit.shield(request), visit.edge.tiers
    link = visit.way_out(shield, direct=direct)
    yield from travel(link, request)
    served = yield from obtain(visit, len(tiers), request)
    yield from travel(link, served.response)
    if shield is None:
        visit.done_with(link)
    return served


def relieved(visit: Visit, request: Request, served: Served) -> Visit | None:
    """The visit to the origin that stands by, if the one that was asked failed itself."""
    if served.generated_at is not None or came_from(served) is not ResultType.MISS:
        return None
    behavior = standby(visit.behavior, request, served.origin_status, served.failure)
    return None if behavior is None else replace(visit, behavior=behavior)
