"""One CloudFront Function in the embedded engine: a context set up once, then event after event.

The engine refuses calls back into Python while a time limit is set. So nothing calls back: what a
function may ask is in the context, and what it says and decides is read from the outcome.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import thread_time

import quickjs
from pydantic_core import to_json

from ..cloudfront.lambda_event import Json
from .js_flat import is_flat, read

HOST = Path(__file__).parent / "hosts" / "cloudfront_js"
PARTS = (
    "bytes", "text", "crypto", "querystring", "buffer", "cloudfront", "legacy", "date", "flat",
    "run", "globals",
)  # fmt: skip
"""The files of our own that a context is made of, in order."""

OUR_FIRST_LINE = 11_000
"""The engine names no files: lines from here on are ours, those before are the function's, whose
10 KB cannot have so many."""

MEMORY_BYTES = 2 * 1024 * 1024
"""CloudFront: "Quotas", maximum function memory; on top of what an empty context takes."""
TIME_LIMIT_S = 0.05
"""CloudFront allows less than 1 ms of its own machines, and does not say how much less. The
engine looks at the clock so seldom that only what never ends is worth ending."""

PROLOGUE = "(function ($i) { 'use strict'; "
EPILOGUE = "\n;return handler;})"

_PLACE = re.compile(r"<input>:(\d+):(\d+)")


class Thrown(Exception):
    """What the function's code threw, or what ended it; line and column are 0 if not in it."""

    def __init__(
        self,
        what: str,
        line: int = 0,
        column: int = 0,
        *,
        late: bool = False,
        exhausted: bool = False,
    ) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column
        self.late, self.exhausted = late, exhausted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event. Exactly one of `returned` and `thrown` counts."""

    returned: object = None
    origin: Json | None = None
    log: tuple[str, ...] = ()
    thrown: Thrown | None = None
    repeats: bool = False
    """Whether the same event would bring the same: nothing was logged, and neither the clock nor
    random numbers nor the request's id were looked at."""


class JsContext:
    """A function, ready for events. `script` is strict code that declares `handler`.

    Raises `Thrown` if the code does not parse.
    """

    def __init__(self, script: str, version: str, store: Json | None = None) -> None:
        self._script, self._version = script, version
        self._store = "" if store is None else json.dumps(store)
        self._build()

    def _build(self) -> None:
        context = quickjs.Context()
        context.eval("globalThis.$host = {}")
        for source in our_parts():
            context.eval(source)
        begin, prepare = context.eval("$host.begin"), context.eval("$host.prepareGlobals")
        self._run, self._outcome = context.eval("$host.run"), context.eval("$host.outcome")
        self._said, self._in_full = context.eval("$host.said"), context.eval("$host.inFull")
        prepare(self._version)
        try:
            factory = context.eval(f"{PROLOGUE}{self._script}{EPILOGUE}")
        except quickjs.JSException as error:
            raise _thrown(str(error)) from None
        begin(factory, self._version != "1.0", self._store)
        context.gc()
        context.set_memory_limit(context.memory()["malloc_size"] + MEMORY_BYTES)
        context.set_time_limit(TIME_LIMIT_S)
        self._context = context

    def run(self, event: Json, now_s: float, seed: int) -> Outcome:
        """Hand `event` to the function; its clock stands at `now_s`, seconds since 1970."""
        try:
            made = self._run(to_json(event).decode(), float(int(now_s * 1000)), seed)
            if made == "":
                made = self._settled()
            if is_flat(made):
                flat = read(made)
                if flat is not None:
                    value, repeats = flat
                    return Outcome(value, repeats=repeats)
                made = self._in_full()
        except quickjs.JSException as error:
            return self._ended(str(error))
        try:
            # not with pydantic's, which takes no half surrogate pairs
            good, value, log, rest, repeats = json.loads(made)
        except RecursionError:
            return Outcome(thrown=Thrown("its result is nested too deeply"))
        if good:
            return Outcome(value, rest, tuple(log), repeats=bool(repeats))
        return Outcome(log=tuple(log), thrown=_thrown(f"{value}\n{rest}"))

    def cpu_s(self, event: Json, repeats: int) -> float:
        """The least CPU time in seconds that the function took for `event`, of several times."""
        given, least = to_json(event).decode(), float("inf")
        for _ in range(repeats):
            began = thread_time()
            try:
                if self._run(given, 0.0, 1) == "":
                    self._settled()
            except quickjs.JSException as error:
                self._ended(str(error))
                return TIME_LIMIT_S
            least = min(least, thread_time() - began)
        return least

    def _settled(self) -> str:
        """The outcome once nothing is left to do for the function's promises."""
        context, limit = self._context, thread_time() + TIME_LIMIT_S
        while context.execute_pending_job():
            if thread_time() > limit:
                raise quickjs.JSException("InternalError: interrupted")
        return str(self._outcome()) or _NEVER_SETTLED

    def _ended(self, message: str) -> Outcome:
        """What the engine ended, for want of time or memory; the next event finds a new context."""
        try:
            log = tuple(json.loads(self._said()))
        except quickjs.JSException:
            log = ()
        self._build()
        return Outcome(log=log, thrown=_thrown(message))


_NEVER_SETTLED = json.dumps(
    [False, "Error: the promise of the handler is never settled", [], "", 0]
)


@lru_cache(maxsize=1)
def our_parts() -> tuple[str, ...]:
    """Our own files, on lines of their own."""
    above = "\n" * OUR_FIRST_LINE
    return tuple(above + (HOST / f"{name}.js").read_text("utf-8") for name in PARTS)


def _thrown(message: str) -> Thrown:
    """An error's text with the first place of the function's own code that it names."""
    what, _, stack = message.partition("\n")
    if "interrupted" in what:
        return Thrown("it ran longer than the compute limit", late=True)
    exhausted = what == "null" or "out of memory" in what
    if exhausted:
        what = f"it needed more than the {MEMORY_BYTES // 1024 // 1024} MB of memory there are"
    for line, column in (map(int, place) for place in _PLACE.findall(stack)):
        if line < OUR_FIRST_LINE:
            before = len(PROLOGUE) if line == 1 else 0
            return Thrown(what, line, max(column - before, 1), exhausted=exhausted)
    return Thrown(what, exhausted=exhausted)
