"""CloudFront Functions, in the engine that is embedded in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..cloudfront import execution_rules as rules
from ..cloudfront.function import Function, KeyValueStore, Trigger
from ..cloudfront.function_result import FunctionOutput
from ..cloudfront.key_value_store import imported
from ..cloudfront.lambda_event import Json
from ..cloudfront.rule_book import Rule
from ..errors import ConfigError, FunctionError, FunctionTimeout
from .base import LogLine, LogSink, SynchronousRuntime
from .code import shown_path
from .failures import with_log
from .js_context import JsContext, Thrown
from .js_source import Mistake, script_of
from .js_utilisation import compute_utilisation

EXECUTION_ERROR = "FunctionExecutionError"
THROTTLED_ERROR = "FunctionThrottledError"

OVERRUNS_UNTIL_THROTTLED = 5
REQUESTS_THROTTLED = 20
"""CloudFront throttles a function that keeps running over its limit, and does not say after how
many times nor for how long: five in a row stop it for the next twenty requests."""


class CloudFrontJsRuntime:
    """Runs one function. It never waits, so that `run` may be called where nothing can."""

    never_waits = True

    def __init__(self, log: LogSink, clock: Callable[[], float] = time.time) -> None:
        self._log, self._clock = log, clock
        self._function = Function("")
        self._context: JsContext | None = None
        self._runs = self._overruns = self._throttled = 0

    async def start(self, function: Function) -> None:
        self.load(function)

    def load(self, function: Function) -> None:
        """Get ready for `function`. Raises `FunctionError`, with line and column."""
        where = f"function {function.name}"
        try:
            code = Path(function.code).read_bytes()
        except OSError as error:
            what = f"its code cannot be read: {error.strerror}"
            raise FunctionError(what, where=where, code=EXECUTION_ERROR) from None
        version = version_of(function)
        script = script_of(code, version)
        if script.mistakes:
            raise _refused(function, script.mistakes)
        for doubt in script.doubts:
            self._log(LogLine(function.name, f"{_place(function, doubt)}: {doubt.text}"))
        try:
            self._context = JsContext(script.text, version, snapshot(function.key_value_store))
        except Thrown as thrown:
            raise _failure(function, where, thrown) from None
        except ConfigError as error:
            raise FunctionError(error.what, where=error.where, hint=error.hint) from None
        self._function = function

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> FunctionOutput:
        return self.run(trigger, event)

    def run(self, trigger: Trigger, event: Json, before: object = None) -> FunctionOutput:
        """What the function returned, at once. Raises `FunctionError`."""
        function, context = self._function, self._context
        where = f"function {function.name} at {trigger}"
        if context is None:
            raise FunctionError("it was never started", where=where, code=EXECUTION_ERROR)
        if self._throttled:
            self._throttled -= 1
            raise _throttled(where)
        self._runs += 1
        if isinstance(before, FunctionOutput) and before.repeats:
            self._overruns = 0
            return before  # nothing stays from one event to the next, and it saw nothing else
        now = self._clock()
        outcome = context.run(event, now, (int(now * 1e6) + self._runs) & 0x7FFFFFFF)
        for line in outcome.log:
            request_id = event["context"].get("requestId", "")
            self._log(LogLine(function.name, line, trigger.value, request_id))
        thrown = outcome.thrown
        if thrown is None:
            self._overruns = 0
            return FunctionOutput(outcome.returned, outcome.origin, outcome.repeats)
        self._note_overrun(thrown)
        raise with_log(_failure(function, where, thrown), outcome.log)

    def compute_utilisation(self, event: Json) -> int:
        """How much of its limit the function uses for `event`, in percent: an estimate."""
        return compute_utilisation(self._context, event) if self._context is not None else 0

    def _note_overrun(self, thrown: Thrown) -> None:
        self._overruns = self._overruns + 1 if thrown.late else 0
        if self._overruns == OVERRUNS_UNTIL_THROTTLED:
            self._overruns, self._throttled = 0, REQUESTS_THROTTLED

    async def stop(self) -> None:
        self._context = None


def version_of(function: Function) -> str:
    """`1.0` or `2.0`."""
    return function.runtime.rpartition("-")[2]


def snapshot(store: KeyValueStore | None) -> Json | None:
    """What `cf.kvs()` finds. Raises `ConfigError` if its file cannot be imported."""
    if store is None:
        return None
    file = Path(store.file)
    where = shown_path(store.file)
    try:
        data, changed = imported(file.read_bytes(), where), file.stat().st_mtime
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=where) from None
    updated = datetime.fromtimestamp(changed, UTC).isoformat(timespec="milliseconds")
    stamp = updated.replace("+00:00", "Z")
    meta = {"creationDateTime": stamp, "lastUpdatedDateTime": stamp, "keyCount": len(data)}
    return {"id": store.id, "data": data, "meta": meta}


def _place(function: Function, mistake: Mistake) -> str:
    return f"{shown_path(function.code)}:{mistake.line}:{mistake.column}"


def _refused(function: Function, mistakes: tuple[Mistake, ...]) -> FunctionError:
    """What CloudFront would find only when the function first runs, and then at every request."""
    first = mistakes[0]
    others = "".join(f"\n  {_place(function, one)}: {one.text}" for one in mistakes[1:])
    what = f"{first.text} ({_place(function, first)}){others}"
    where = f"function {function.name}"
    rule = first.rule
    return FunctionError(what, where=where, hint=rule.fix, code=EXECUTION_ERROR, rule=rule.id)


def _failure(function: Function, where: str, thrown: Thrown) -> FunctionError:
    what = thrown.what
    if thrown.line:
        what += f" ({shown_path(function.code)}:{thrown.line}:{thrown.column})"
    kind = FunctionTimeout if thrown.late else FunctionError
    rule = _broken(thrown)
    return kind(what, where=where, hint=_hint(thrown), code=EXECUTION_ERROR, rule=rule.id)


def _broken(thrown: Thrown) -> Rule:
    if thrown.late:
        return rules.CFF_TIME
    return rules.CFF_MEMORY if thrown.exhausted else rules.CFF_RAISES


def _hint(thrown: Thrown) -> str:
    if thrown.late or thrown.exhausted:
        return _broken(thrown).fix
    if "KeyNotFound" in thrown.what:
        return "ask kvs.exists(key) first, or catch what kvs.get(key) rejects with"
    if thrown.what.startswith("ReferenceError"):
        return "CloudFront Functions have no modules, timers, network or process of Node.js"
    return ""


def _throttled(where: str) -> FunctionError:
    return FunctionError(
        f"it ran over its compute limit {OVERRUNS_UNTIL_THROTTLED} times in a row",
        where=where,
        hint=f"it is tried again after {REQUESTS_THROTTLED} requests, or once it is saved",
        code=THROTTLED_ERROR,
        rule=rules.CFF_THROTTLED.id,
    )


if TYPE_CHECKING:
    _conforms: type[SynchronousRuntime] = CloudFrontJsRuntime
