"""One load test from beginning to end."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from ssl import SSLContext
from threading import current_thread, main_thread
from time import perf_counter

from rich.console import Console
from rich.status import Status

from ..errors import ConfigError
from . import server_side
from .connection import Lost
from .load import Load, Plan
from .pace import Stage, steps
from .recorder import Recorder
from .summary import Summary, summary
from .terminal import progress
from .workload import Workload


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be done."""

    workload: Workload
    connections: int = 32
    seconds: float = 10.0
    warm_up_s: float = 0.0
    requests: int | None = None
    stages: Sequence[Stage] = ()
    poisson: bool = True
    timeout_s: float = 10.0
    seed: int = 1
    tls: SSLContext | None = None
    behavior_of: Callable[[str], str] | None = None
    control: str = ""
    """The URL of the control port of an edge of ours; "" to ask nobody."""

    def __str__(self) -> str:
        if not self.stages:
            return f"{self.connections} connections"
        how = "Poisson" if self.poisson else "evenly spaced"
        shown = ", ".join(map(str, self.counting))
        return f"{shown} requests a second, {how}, up to {self.connections} connections"

    @property
    def counting(self) -> Sequence[Stage]:
        """The stages without the warm-up's."""
        return self.stages[1:] if self.warm_up_s else self.stages


def run(demand: Demand, console: Console | None = None) -> Summary:
    """Put the load on; progress goes to `console`. Raises `ConfigError` if nobody listens."""
    recorder = Recorder(demand.behavior_of, steps(demand.counting))
    before = server_side.read(demand.control) if demand.control else None
    status = console.status("connecting") if console and console.is_terminal else nullcontext()
    with status as shown:

        def tell() -> None:
            if isinstance(shown, Status):
                elapsed = perf_counter() - recorder.began
                shown.update(progress(recorder, elapsed, demand.seconds))

        load = Load(demand.workload, _plan(demand), recorder, tls=demand.tls, tell=tell)
        try:
            with spared(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_interruptible(load))
        except Lost as lost:
            where = demand.workload.target.url
            hint = lost.hint or "is it running? `edgesim dev` listens on port 8080"
            raise ConfigError(f"nobody answers: {lost}", where=where, hint=hint) from None
    after = server_side.read(demand.control) if before else None
    target = demand.workload.target.url
    paths = {asked.path for asked in demand.workload.requests}
    return summary(
        recorder,
        url=f"{target}{next(iter(paths))}" if len(paths) == 1 else target,
        load=str(demand),
        seconds=max(0.0, load.ended - load.began),
        server=server_side.between(before, after),
    )


async def _interruptible(load: Load) -> None:
    """Ctrl-C ends the test, and what it has seen is told; a second one ends the program."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        load.end()

    if sys.platform != "win32" and current_thread() is main_thread():
        loop.add_signal_handler(signal.SIGINT, interrupted)
    await load.run()


@contextmanager
def spared() -> Iterator[None]:
    """Let the garbage collector look at nothing that is there already.

    With many distinct requests a full collection takes a tenth of a second, in which nothing is
    sent or read: that would look like the server's doing.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _plan(demand: Demand) -> Plan:
    return Plan(
        demand.connections,
        demand.seconds,
        demand.warm_up_s,
        demand.requests,
        demand.stages,
        demand.poisson,
        demand.timeout_s,
        demand.seed,
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415 - there is none on Windows

    return uvloop.new_event_loop
