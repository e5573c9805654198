"""`edgesim explain URL`: the very lifecycle, with no world attached.

A CloudFront Function is run, for it can do nothing to the world. Any other function's reply is
taken to be the request as it was given; the first effect whose reply only the world knows, the
origin's answer, ends the story.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated

import typer

from ..cloudfront.access import rooted
from ..cloudfront.distribution import Behavior, Distribution
from ..cloudfront.explanation import key_parts, lifetimes, patterns_tried
from ..cloudfront.function import Trigger
from ..cloudfront.function_outcome import asked_outcome
from ..cloudfront.lambda_event import Json
from ..cloudfront.lambda_result import Asked
from ..cloudfront.signed_access import unsigned
from ..cloudfront.viewer_headers import described
from ..edge import Edge, Served, Tier, shields_for
from ..effects import Fetch, Invoke, Spawn, Waiting, start
from ..errors import FunctionError
from ..http.message import Request, Viewer
from ..lifecycle import serve
from ..live.geography import Geography
from ..runtimes.base import LogLine
from ..runtimes.cloudfront_js import CloudFrontJsRuntime
from ..topology.network import Link
from .options import (
    ConfigOption,
    DistributionOption,
    HeaderOption,
    ImportOption,
    LenientOption,
    OriginOption,
    ParameterOption,
    SetCertificateOption,
    SetFunctionOption,
    SetSignerOption,
    SetStoreOption,
    StrictOption,
    TemplateOption,
    WithoutOption,
    deployment_for,
    given,
    headers_from,
    strictness_of,
)
from .request import viewer_request

EXAMPLE_MAX_AGE_S = 3600
_WIDTH = 16


def explain(
    url: Annotated[str, typer.Argument(help="A path, or a URL with the viewer's host.")],
    header: HeaderOption = None,
    method: Annotated[str, typer.Option("-X", "--method", help="The method.")] = "GET",
    config: ConfigOption = None,
    origin: OriginOption = None,
    template: TemplateOption = None,
    parameter: ParameterOption = None,
    import_: ImportOption = None,
    set_function: SetFunctionOption = None,
    set_store: SetStoreOption = None,
    set_signer: SetSignerOption = None,
    set_certificate: SetCertificateOption = None,
    without: WithoutOption = None,
    distribution_id: DistributionOption = "",
    *,
    strict: StrictOption = False,
    lenient: LenientOption = False,
) -> None:
    deployment = deployment_for(
        origin,
        config,
        template,
        given=given(
            parameter,
            import_,
            set_function,
            set_store,
            without,
            distribution_id,
            set_signer,
            set_certificate,
        ),
        strictness=strictness_of(strict=strict, lenient=lenient),
    )
    distribution = deployment.distribution
    request, viewer = viewer_request(distribution, url, method, headers_from(header or ()))
    viewer = Geography(deployment.geo).placed(viewer)
    for line in story(distribution, request, viewer):
        typer.echo(line)


def story(distribution: Distribution, request: Request, viewer: Viewer) -> Iterator[str]:
    """What would happen to `request`, line by line."""
    yield from _entering(distribution, request, viewer)
    rooted_request = rooted(distribution, request)
    behavior = distribution.behavior_for(rooted_request.path)
    tiers = (Tier("pop", Link("pop-regional")), Tier("regional", Link("regional-origin")))
    edge = Edge(distribution, tiers, time.time, shields_for(distribution, {}))
    step = start(serve(edge, request, viewer, "explained"))
    keyed = False
    while isinstance(step, Waiting):
        effect = step.effect
        if not keyed and not _is_first_trigger(step):
            keyed_request = unsigned(behavior, rooted_request)
            yield from _caching(behavior, described(behavior, keyed_request, viewer, request))
            keyed = True
        match effect:
            case Invoke(function, trigger, event) if function.is_cloudfront_function:
                log: list[LogLine] = []
                step, rooted_request = _run(step, effect, log, edge, rooted_request, viewer)
                yield _row(trigger.value, f"{function.name} ({function.runtime}) ran")
                yield from (_row("", f"log: {line.text}") for line in log)
            case Invoke(function, trigger, event):
                yield _row(trigger.value, f"{function.name} ({function.runtime}) would run")
                yield _row("", "what follows takes it to return the request unchanged")
                step = _resumed(step, unchanged(event))
            case Fetch(asked, sent):
                yield from _asking(asked.url, sent)
                yield from _coming_back(behavior)
                step.steps.close()
                return
            case Spawn():
                step = _resumed(step, None)
            case _:
                yield _row("waits", "the rest depends on the world")
                step.steps.close()
                return
    yield from _answered(step)


def unchanged(event: Json) -> object:
    """What a request function returns that changes nothing."""
    shown = event["Records"][0]["cf"] if "Records" in event else event
    request: object = shown.get("request")
    return request


def _resumed(waiting: Waiting[Served], reply: object) -> Served | Waiting[Served]:
    try:
        return Waiting(waiting.steps, waiting.steps.send(reply))
    except StopIteration as done:
        served: Served = done.value
        return served


def _run(
    waiting: Waiting[Served],
    effect: Invoke,
    log: list[LogLine],
    edge: Edge,
    request: Request,
    viewer: Viewer,
) -> tuple[Served | Waiting[Served], Request]:
    """How it goes on after a CloudFront Function, which needs no world, and with what request."""
    runtime, function, event = CloudFrontJsRuntime(log.append), effect.function, effect.event
    try:
        runtime.load(function)
        reply = runtime.run(effect.trigger, event)
    except FunctionError as error:
        try:
            return Waiting(waiting.steps, waiting.steps.throw(error)), request
        except StopIteration as done:
            return done.value, request
    behavior = edge.distribution.behavior_for(request.path)
    request = described(behavior, request, viewer, request)
    with suppress(FunctionError):
        meant = asked_outcome(function, reply, request, event, edge.distribution, behavior)
        request = meant.request if isinstance(meant, Asked) else request
    return _resumed(waiting, reply), request


def _is_first_trigger(waiting: Waiting[Served]) -> bool:
    effect = waiting.effect
    return isinstance(effect, Invoke) and effect.trigger is Trigger.VIEWER_REQUEST


def _row(title: str, text: str) -> str:
    return f"{title:{_WIDTH}}{text}".rstrip()


def _entering(distribution: Distribution, request: Request, viewer: Viewer) -> Iterator[str]:
    host = request.headers.get("host") or ""
    yield _row("request", f"{request.method} {viewer.scheme}://{host}{request.target}")
    path = rooted(distribution, request).path
    if path != request.path:
        yield _row("", f"the default root object makes it {path}")
    for tried in patterns_tried(distribution, path):
        pattern = tried.behavior.path_pattern
        last = tried.behavior is distribution.behaviors[-1]
        name = "the default behavior" if last else pattern
        yield _row("behavior", f"{name}: {'applies' if tried.matched else 'does not match'}")
    behavior = distribution.behavior_for(path)
    yield _row("", f"origin {behavior.origin.name}, cache policy {behavior.cache_policy_name}")


def _caching(behavior: Behavior, request: Request) -> Iterator[str]:
    policy = behavior.cache_policy
    if not behavior.rules.covers(request):
        off = policy is not None and not policy.caches
        why = "the cache policy switches caching off" if off else f"{request.method} is not cached"
        yield _row("no cache", f"{why}: every request goes to the origin")
        yield from _shielded(behavior, request, "on the way there, and keeps nothing either")
        return
    for part in key_parts(policy, request):
        title = "cache key" if part.keyed else "not in the key"
        value = f" = {part.value}" if part.value else ""
        yield _row(title, f"{part.kind} {part.name}{value}  ({part.why})")
    if policy is not None:
        bounds = f"min {policy.min_ttl_s:,} s, default {policy.default_ttl_s:,} s"
        yield _row("TTL", f"{bounds}, max {policy.max_ttl_s:,} s")
        for lifetime in lifetimes(policy, EXAMPLE_MAX_AGE_S):
            said = lifetime.cache_control or "no Cache-Control"
            kept = f"{lifetime.ttl:,} s" if isinstance(lifetime.ttl, int) else "not kept"
            yield _row("", f"{said:18} {kept:>14}  ({lifetime.why})")
    else:
        yield _row("TTL", "as RFC 9111 has it: s-maxage, max-age, Expires, else a heuristic")
    yield _row("pop", "nothing is stored under this key yet: a miss")
    yield _row("regional", "a miss as well; an equal request after this one may hit")
    yield from _shielded(behavior, request, "the last cache before the origin, a miss as well")


def _shielded(behavior: Behavior, request: Request, what: str) -> Iterator[str]:
    for origin in behavior.origins:
        if origin.shield_region and not behavior.skips_shield(request):
            yield _row("shield", f"{origin.name} has it in {origin.shield_region}: {what}")


def _asking(url: str, sent: Request) -> Iterator[str]:
    yield _row("origin", f"{url} is sent")
    yield _row("", f"{sent.method} {sent.target} HTTP/1.1")
    for name, value in sent.headers:
        yield _row("", f"{name}: {value}")


def _coming_back(behavior: Behavior) -> Iterator[str]:
    yield _row("unknown", "what the origin answers; this is where an explanation ends")
    after = {
        Trigger.ORIGIN_RESPONSE: "before the response is stored",
        Trigger.VIEWER_RESPONSE: "before the viewer gets it, unless the origin's status is 400+",
    }
    for trigger, when in after.items():
        association = behavior.functions.get(trigger)
        if association is not None:
            yield _row(trigger.value, f"{association.function.name} would run {when}")


def _answered(served: Served) -> Iterator[str]:
    response = served.response
    yield _row("answer", f"{response.status}, without asking the origin")
    if served.failure is not None:
        yield _row("", served.failure.what)
        if served.failure.hint:
            yield _row("", f"hint: {served.failure.hint}")
    location = response.headers.get("location")
    if location is not None:
        yield _row("", f"Location: {location}")
