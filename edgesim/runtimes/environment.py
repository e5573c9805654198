"""One execution environment: a child process that runs a function, one event at a time.

It is ready, answers, and is over: nothing is started twice in it. Whatever ends it, a crash,
a limit or a stop, goes through `_finish`, once the process is gone and its last words are heard.
An answer counts only if it names the event that was asked: whatever a function does to its
process, no viewer gets what is another's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any, cast

from ..cloudfront.function import Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from . import failures
from .base import Sink
from .frames import FrameReader, frame
from .host import Host
from .invocation import Invocation, report_of, request_id
from .leftovers import kill_leftovers
from .memory import resident_kb
from .output import Output
from .report import Report
from .reserved import LOG_STREAM, log_stream
from .words import Words

INIT_TIMEOUT_S = 10.0
"""LG "Understanding the Lambda execution environment lifecycle", Init phase."""
LAST_WORDS_S = 0.25
"""How long to wait for a dead process's pipes, which a process it left behind may hold open."""
BUFFER_BYTES = 64 * 1024
"""Read into, again and again: asyncio's own way allocates 256 KiB for each answer."""


class Environment(asyncio.BufferedProtocol):
    """The process and its pipe; `on_idle` and `on_over` tell the pool how it goes on."""

    def __init__(
        self,
        host: Host,
        log: Sink,
        on_idle: Callable[[Environment], None],
        on_over: Callable[[Environment], None],
    ) -> None:
        self._host, self._log = host, log
        self._on_idle, self._on_over = on_idle, on_over
        self._loop = asyncio.get_running_loop()
        self._frames = FrameReader()
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._process: asyncio.SubprocessTransport | None = None
        self._pipe: asyncio.WriteTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._ready.add_done_callback(_retrieved)
        self._current: Invocation | None = None
        self._verdict: FunctionError | None = None
        self._awaited = {"pipe", "output"}
        self._stream = log_stream()
        self._words = Words(host.function.name, self._stream, log)
        self._output = Output(self._words.said, self._exited, self._silent)
        self._born = perf_counter()
        self._init_s: float | None = None
        self._peak_kb = 0
        self.idle_since = 0.0
        """For the pool to note, by its own clock."""
        self.over = self._loop.create_future()

    async def start(self) -> None:
        """Start the process and wait until the function is loaded. Raises `FunctionError`."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process, _ = await self._spawn(theirs.fileno())
            if self._host.timed:
                self._timer = self._loop.call_later(INIT_TIMEOUT_S, self._late_init)
            await self._loop.create_unix_connection(lambda: self, sock=ours)
            if self._verdict is not None:  # stopped before it was born
                self.kill()
            await self._ready
        except BaseException as error:
            self._abandon(ours)
            if isinstance(error, OSError):
                what = f"its process cannot be started: {error}"
                raise FunctionError(what, where=self._where) from error
            raise

    async def _spawn(
        self, pipe: int
    ) -> tuple[asyncio.SubprocessTransport, asyncio.SubprocessProtocol]:
        return await self._loop.subprocess_exec(
            lambda: self._output,
            *self._host.command(pipe),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(pipe,),
            cwd=self._host.folder,
            env={**self._host.variables, LOG_STREAM: self._stream},
            start_new_session=True,
        )

    def _abandon(self, ours: socket.socket) -> None:
        """A start that failed, or that nobody waits for any more."""
        if self._pipe is None:
            ours.close()
            self._awaited.discard("pipe")
        if self._process is None:
            self._finish()
        else:
            self.kill()

    def invoke(self, trigger: Trigger, event: Json) -> asyncio.Future[object]:
        """Send it `event`; it must be idle. The reply comes even if nobody waits for it any more.

        Raises `FunctionError` or `FunctionTimeout`, through the future.
        """
        asked = request_id()
        message = frame((asked, event))
        self._words.begin(trigger, asked)
        reply: asyncio.Future[object] = self._loop.create_future()
        self._current = Invocation(trigger, asked, reply, perf_counter())
        if self._timer is None:
            self._wake(self._host.function.timeout_s)
        cast("asyncio.WriteTransport", self._pipe).write(message)
        return reply

    def look(self) -> bool:
        """Whether it is at work; if it holds more than its memory by now, that is its end."""
        if self._process is None or (self._current is None and self._ready.done()):
            return False
        self._weighed(resident_kb(self._process.get_pid()))
        return not self.over.done()

    def stop(self) -> None:
        """Kill the process; `over` is done when it is gone."""
        self._end(failures.stopped(self._where))

    def kill(self) -> None:
        """Kill the process and all it has started."""
        if self._process is None or self.over.done():
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.get_pid(), signal.SIGKILL)

    @property
    def _where(self) -> str:
        at = f" at {self._current.trigger}" if self._current else ""
        return f"function {self._host.function.name}{at}"

    # asyncio.BufferedProtocol, over the pipe

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._pipe = cast("asyncio.WriteTransport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for message in self._frames.feed(self._buffer[:nbytes]):
                self._heard(message)
        except (FunctionError, ValueError, RecursionError) as error:
            what = f"its process wrote something unreadable into the pipe: {error}"
            hint = "leave descriptors alone that are not yours"
            self._end(FunctionError(what, where=self._where, hint=hint))

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard_last_of("pipe")
        if self._awaited:  # a process that has closed its pipe is of no use any more
            self._loop.call_later(LAST_WORDS_S, self.kill)

    def _heard(self, message: Any) -> None:
        match message:
            case ["result", str(answered), int(peak_kb), result]:
                self._answered(answered, peak_kb, result)
            case ["log", str(text)]:
                self._words.said(text)
            case ["failed", str(answered), int(peak_kb), dict(report)]:
                error = failures.reported(report, self._where, self._words.last)
                self._answered(answered, peak_kb, error)
            case ["unparsable", str(answered), int(peak_kb), str(kind)]:
                error = failures.unparsable(kind, self._where, self._words.last)
                self._answered(answered, peak_kb, error)
            case ["fatal", dict(report)]:
                self._end(failures.reported(report, self._where, self._words.last))
            case ["ready"]:
                wait_s = self._host.least_init_s() - (perf_counter() - self._born)
                if wait_s > 0:
                    self._loop.call_later(wait_s, self._loaded)
                else:
                    self._loaded()
            case _:
                raise ValueError(f"{message!r:.80}")

    def _loaded(self) -> None:
        if self._ready.done() or self._verdict is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._init_s = perf_counter() - self._born
        self._ready.set_result(None)
        self._on_idle(self)

    def _answered(self, answered: str, peak_kb: int, reply: object) -> None:
        current = self._current
        if current is None or answered != current.request_id or not self._weighed(peak_kb):
            return  # too late, never asked, or worth nothing any more
        self._current = None
        self._words.end()
        current.settle(reply)
        report = self._report(current)
        self._on_idle(self)
        self._log(report)

    def _weighed(self, peak_kb: int) -> bool:
        """Whether it may go on with what it holds."""
        self._peak_kb = max(self._peak_kb, peak_kb)
        limit_mb = self._host.function.memory_mb
        if self._peak_kb > limit_mb * 1024:
            self._end(failures.out_of_memory(self._peak_kb / 1024, limit_mb, self._where))
        return self._verdict is None

    def _report(self, current: Invocation | None, error: FunctionError | None = None) -> Report:
        init_s, self._init_s = self._init_s, None
        began = current.began if current else self._born
        function, peak_kb = self._host.function, self._peak_kb
        asked = current.request_id if current else ""
        return report_of(function, asked, self._stream, began, peak_kb, init_s, error)

    # The end

    def _wake(self, seconds: float) -> None:
        if self._host.timed:
            self._timer = self._loop.call_later(seconds, self._woken)

    def _woken(self) -> None:
        """One timer for event after event: most have long been answered when it rings."""
        self._timer = None
        if self._current is None:
            return
        limit_s = self._host.function.timeout_s
        rest_s = self._current.began + limit_s - perf_counter()
        if rest_s > 0:
            self._wake(rest_s)
        else:
            self._end(failures.late(limit_s, self._where, ()))

    def _late_init(self) -> None:
        self._end(failures.late_init(INIT_TIMEOUT_S, self._where, ()))

    def _end(self, verdict: FunctionError) -> None:
        self._verdict = self._verdict or verdict
        self.kill()

    def _exited(self) -> None:
        self.kill()  # what it has started must not outlive it
        kill_leftovers(self._stream)
        self._loop.call_later(LAST_WORDS_S, self._finish)

    def _silent(self) -> None:
        self._heard_last_of("output")

    def _heard_last_of(self, channel: str) -> None:
        self._awaited.discard(channel)
        if not self._awaited:
            self._finish()

    def _finish(self) -> None:
        if self.over.done():
            return
        self.over.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
        returncode = None
        if self._process is not None:
            returncode = self._process.get_returncode()
            self._process.close()
        if self._pipe is not None:
            self._pipe.abort()
        error = self._verdict or failures.exited(returncode, self._where, ())
        error.log = error.log or tuple(self._words.last)
        current, self._current = self._current, None
        if current is not None:
            current.settle(error)
        unheard = current is not None or not self._ready.done()
        if not self._ready.done():
            self._ready.set_exception(error)
        self._on_over(self)
        if unheard:
            self._log(self._report(current, error))


def _retrieved(ready: asyncio.Future[None]) -> None:
    """Nobody may be waiting for a start that failed; that is no mistake of ours."""
    if not ready.cancelled():
        ready.exception()
