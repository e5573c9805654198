"""The functions of one deployment, and how the next deployment takes them over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from .base import (
    AtOnce,
    HasToWait,
    LogLine,
    LogSink,
    Measuring,
    Runtime,
    Sink,
    SynchronousRuntime,
)
from .code import Fingerprint, fingerprint
from .conditions import Conditions
from .metrics import FunctionMetrics, Metrics
from .report import Report
from .table import runtime_for


@dataclass(slots=True, eq=False)
class Warm:
    """A started function; two deployments hold the same one if nothing about it changed."""

    function: Function
    code: Fingerprint
    runtime: Runtime
    all_metrics: Metrics
    metrics: FunctionMetrics
    synchronous: SynchronousRuntime | None = None
    """The runtime, if it is one that need not wait."""
    in_flight: int = 0
    drained: list[asyncio.Future[None]] = field(default_factory=list)

    def same(self, function: Function, code: Fingerprint) -> bool:
        return self.function == function and self.code == code

    def run(self, trigger: Trigger, event: Json, before: object = None) -> object:
        if self.synchronous is None:
            raise HasToWait
        self.all_metrics.begin(self.metrics, trigger)
        began = perf_counter()
        try:
            result = self.synchronous.run(trigger, event, before)
        except HasToWait:
            self.all_metrics.withdraw(self.metrics)
            raise
        except BaseException:
            self._ended(began, failed=True)
            raise
        if result is before and before is not None and not self.metrics.is_lambda:
            self.all_metrics.end(self.metrics, failed=False)
            self.metrics.repeated()
        else:
            self._ended(began, failed=False)
        return result

    def _ended(self, began: float, *, failed: bool) -> None:
        self.all_metrics.end(self.metrics, failed=failed)
        if not self.metrics.is_lambda:  # of those each environment reports
            self.metrics.took(perf_counter() - began)

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        if self.synchronous is not None and self.synchronous.never_waits:
            with suppress(HasToWait):
                return self.run(trigger, event)
        self.all_metrics.begin(self.metrics, trigger)
        self.in_flight += 1
        failed = True
        try:
            result = await self.runtime.invoke(function, trigger, event)
            failed = False
            return result
        finally:
            self.all_metrics.end(self.metrics, failed=failed)
            self.in_flight -= 1
            if not self.in_flight:
                for waiting in self.drained:
                    if not waiting.done():
                        waiting.set_result(None)

    async def retire(self) -> None:
        """Stop once nothing is in flight."""
        while self.in_flight:
            idle = asyncio.get_running_loop().create_future()
            self.drained.append(idle)
            await idle
        await self.runtime.stop()


class FunctionSet:
    """Every function of one deployment, warm."""

    def __init__(self, warm: Mapping[str, Warm], metrics: Metrics) -> None:
        self.warm = warm
        self.metrics = metrics
        self.retired = False
        self.successor: FunctionSet | None = None

    @classmethod
    async def start(
        cls,
        functions: Iterable[Function],
        log: LogSink,
        *,
        previous: FunctionSet | None = None,
        conditions: Conditions = Conditions(),
        reports: Callable[[Report], None] = lambda _: None,
    ) -> FunctionSet:
        """Have every function warm; those of `previous` that are the same go on as they are.

        What they say goes to `log`, what they take to `reports` and the metrics, which go on
        from those of `previous`.

        Raises `FunctionError` if one cannot be loaded; nothing new is left running then.
        """
        metrics = previous.metrics if previous else Metrics(conditions.concurrent_executions)
        kept: dict[str, Warm] = {}
        new: dict[str, Warm] = {}
        for function in dict.fromkeys(functions):
            name, code = function.name, fingerprint(function)
            if name in kept or name in new:
                raise FunctionError("two functions have this name", where=f"function {name}")
            running = previous.warm.get(name) if previous else None
            if running is not None and running.same(function, code):
                kept[name] = running
            else:
                counted = metrics.of(function)
                runtime = runtime_for(function, _told(log, reports, counted), conditions)
                synchronous = runtime if isinstance(runtime, SynchronousRuntime) else None
                new[name] = Warm(function, code, runtime, metrics, counted, synchronous)
        await _started(list(new.values()))
        return cls(kept | new, metrics)

    @property
    def codes(self) -> dict[str, Fingerprint]:
        """The code of each function, by its name."""
        return {name: warm.code for name, warm in self.warm.items()}

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`.

        A request that began before a change may come here long after it, on its way back from
        the origin: the successor's code answers it then.
        """
        holder = self
        while holder.retired and holder.successor is not None:
            holder = holder.successor
        warm = holder.warm.get(function.name)
        if warm is None or holder.retired:
            where = f"function {function.name} at {trigger}"
            raise FunctionError("this deployment does not have it any more", where=where)
        return await warm.invoke(function, trigger, event)

    def at_once(self, function: Function) -> AtOnce | None:
        """What runs `function` without waiting; None if nothing does."""
        warm = self.warm.get(function.name)
        if warm is None or self.retired or warm.synchronous is None:
            return None
        return warm if warm.synchronous.never_waits else None

    def compute_utilisation(self, function: Function, event: Json) -> int | None:
        """What `function` uses of its limit for `event`, in percent; None if it has no such."""
        runtime = self.warm[function.name].runtime
        return runtime.compute_utilisation(event) if isinstance(runtime, Measuring) else None

    def changed_since(self, previous: FunctionSet | None) -> frozenset[str]:
        """The names of the functions whose code or settings differ, new and gone ones included."""
        before = previous.warm if previous else {}
        names = self.warm.keys() | before.keys()
        return frozenset(name for name in names if self.warm.get(name) is not before.get(name))

    async def retire(self, successor: FunctionSet | None) -> None:
        """Wait for what is in flight, then stop all that `successor` does not share."""
        shared = set(successor.warm.values()) if successor else set()
        alone = [warm for warm in self.warm.values() if warm not in shared]
        self.retired, self.successor = True, successor
        await asyncio.gather(*(warm.retire() for warm in alone))


def _told(log: LogSink, reports: Callable[[Report], None], metrics: FunctionMetrics) -> Sink:
    def tell(what: LogLine | Report) -> None:
        if isinstance(what, Report):
            metrics.reported(what)
            reports(what)
        else:
            log(what)

    return tell


async def _started(new: list[Warm]) -> None:
    """Start all at once, or leave none running."""
    starts = [asyncio.ensure_future(warm.runtime.start(warm.function)) for warm in new]
    try:
        await asyncio.gather(*starts)
    except BaseException:
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        await asyncio.gather(*(warm.runtime.stop() for warm in new))
        raise
