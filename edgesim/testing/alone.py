"""One function by itself: the event is made from a URL, the result held against the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from ..cloudfront.distribution import Distribution
from ..cloudfront.function import Association, Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.lambda_result import Asked
from ..cloudfront.moment import Moment, moment_at, moment_of, trigger_named
from ..cloudfront.origin import Origin
from ..config.deployment import Deployment
from ..errors import ConfigError, EdgesimError
from ..functions import trigger_of
from ..http.headers import Headers
from ..http.message import Request, Response, Viewer
from .functions import Handler, InProcess

RUNTIMES = {".py": "python3.12", ".js": "nodejs22.x", ".mjs": "nodejs22.x", ".cjs": "nodejs22.x"}
"""What a file is taken for unless its runtime is given."""

HOST = "www.example.test"

Fields = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run."""

    event: Json
    """What the function was given, whatever it made of it."""
    result: object
    """What it returned; None if it did not come to that."""
    log: str
    """What it printed and logged."""
    seconds: float
    """How long it took here, by the wall clock."""
    failure: EdgesimError | None = None
    """What it threw, or why CloudFront refuses its result."""
    meant: Asked | Response | None = None
    """What CloudFront makes of the result."""
    measure: Callable[[], int] | None = None

    @property
    def compute_utilisation(self) -> int:
        """Of a CloudFront Function: how much of its limit it used, in percent; an estimate."""
        if self.measure is None:
            raise AttributeError("it is no CloudFront Function")
        return self.measure()

    @property
    def request(self) -> Request:
        """The request as it goes on. Raises what the function threw, or the refusal."""
        meant = self._accepted()
        assert isinstance(meant, Asked), f"it did not go on: it answered {meant.status}"  # noqa: S101
        return meant.request

    @property
    def origin(self) -> Origin | None:
        """Where that goes, if a function chose. Raises as `request` does."""
        meant = self._accepted()
        if isinstance(meant, Response):
            return None
        return meant.route.origin if meant.route is not None else meant.origin

    @property
    def response(self) -> Response:
        """The response it made, or as it goes on. Raises as `request` does."""
        meant = self._accepted()
        assert isinstance(meant, Response), f"it made no response: on goes {meant.request}"  # noqa: S101
        return meant

    def _accepted(self) -> Asked | Response:
        if self.failure is not None:
            raise self.failure
        assert self.meant is not None  # noqa: S101 - one of the two is there
        return self.meant


class FunctionAlone:
    """A function at a trigger; call it with a URL, or give it an event with `on`."""

    def __init__(
        self, function: Function, trigger: Trigger, distribution: Distribution, run: InProcess
    ) -> None:
        self.function, self.trigger = function, trigger
        self._distribution, self._run = distribution, run

    def __call__(
        self,
        url: str = "/",
        *,
        method: str = "GET",
        headers: Fields = (),
        content: bytes = b"",
        ip: str = "192.0.2.1",
        status: int = 200,
        response_headers: Fields = (),
    ) -> Outcome:
        """Run it on the event of a request, at a response trigger with its response."""
        given = Headers(_lines(headers))
        if "host" not in given:
            given = Headers([("Host", HOST), *given])
        request = Request(method, url, given, content)
        response = Response(status, Headers(_lines(response_headers)))
        viewer = Viewer(ip, scheme="https")
        return self.at(moment_at(self._distribution, self.trigger, request, viewer, response))

    def on(self, event: Json) -> Outcome:
        """Run it on `event`. Raises `ConfigError` if that is none."""
        return self.at(moment_of(event, self._distribution, self.trigger))

    def at(self, moment: Moment) -> Outcome:
        """Run it at a moment that is made already."""
        began = perf_counter()
        ran = self._run(self.function, moment.trigger, moment.event)
        seconds = perf_counter() - began
        if isinstance(ran.value, EdgesimError):
            return Outcome(ran.event, None, ran.log, seconds, ran.value, measure=ran.measure)
        try:
            strictness = self._distribution.strictness
            meant = moment.outcome(self.function, ran.value, strictness)
        except EdgesimError as error:
            return Outcome(ran.event, ran.returned, ran.log, seconds, error, measure=ran.measure)
        return Outcome(ran.event, ran.returned, ran.log, seconds, meant=meant, measure=ran.measure)


def alone(
    named: str | Path | Handler,
    trigger: Trigger | str | None,
    *,
    deployment: Deployment,
    folder: Path,
    run: InProcess,
    runtime: str = "",
    handler: str = "index.handler",
    include_body: bool = False,
) -> FunctionAlone:
    """The function that `named` is: of the deployment, of a file or folder, or itself.

    Raises `ConfigError` if there is none, or nothing says at which trigger it runs.
    """
    function = _function(named, deployment, folder, runtime, handler)
    at = trigger or deployment.distribution.first_trigger(function) or _marked(function)
    if at is None:
        what = f'at which trigger does it run? edge_function(…, "{Trigger.VIEWER_REQUEST}")'
        raise ConfigError(what, where=f"function {function.name}")
    moment = trigger_named(str(at), "edge_function")
    distribution = deployment.distribution
    given = {moment: Association(function, include_body=include_body)}
    if include_body or deployment.function(function.name) is None:
        behaviors = (replace(one, functions=given) for one in distribution.behaviors)
        distribution = replace(distribution, behaviors=tuple(behaviors))
    return FunctionAlone(function, moment, distribution, run)


def _function(
    named: str | Path | Handler, deployment: Deployment, folder: Path, runtime: str, handler: str
) -> Function:
    if callable(named):
        name = getattr(named, "__name__", type(named).__name__)
        return Function(name, "python" if trigger_of(named) is None else "inline", call=named)
    known = deployment.function(str(named))
    if known is not None:
        return known
    path = folder / named
    if not path.exists():
        names = [one.name for one in deployment.functions]
        raise ConfigError.unknown("function, file or folder", str(named), names, "edge_function")
    runtime = runtime or RUNTIMES.get(path.suffix, "")
    if not runtime:
        what, hint = f"in which runtime does {named} run?", 'runtime="python3.12", for example'
        raise ConfigError(what, where="edge_function", hint=hint)
    return Function(path.stem, runtime, str(path), handler)


def _marked(function: Function) -> Trigger | None:
    return None if function.call is None else trigger_of(function.call)


def _lines(fields: Fields) -> Iterable[tuple[str, str]]:
    return fields.items() if isinstance(fields, Mapping) else fields


EdgeFunction = Callable[..., FunctionAlone]
