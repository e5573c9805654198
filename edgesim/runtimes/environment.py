"""One execution environment: a child process that runs a function, one event at a time.

It is ready, answers, and is over: nothing is started twice in it. Whatever ends it, a crash,
a time limit or a stop, goes through `_finish`, once the process is gone and its last words
are heard.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from . import failures
from .base import LogLine, LogSink
from .frames import FrameReader, frame
from .output import Output

INIT_TIMEOUT_S = 10.0
"""LG "Understanding the Lambda execution environment lifecycle", Init phase."""
LAST_WORDS_S = 0.25
"""How long to wait for a dead process's pipes, which a process it left behind may hold open."""
LOG_LINES_KEPT = 20
BUFFER_BYTES = 64 * 1024
"""Read into, again and again: asyncio's own way allocates 256 KiB for each answer."""


@dataclass(frozen=True, slots=True)
class Host:
    """How to start a function's process."""

    function: Function
    command: Callable[[int], Sequence[str]]
    """The command line, given the descriptor of the pipe."""
    folder: str
    variables: Mapping[str, str]


class Environment(asyncio.BufferedProtocol):
    """The process and its pipe; `on_idle` and `on_over` tell the pool how it goes on."""

    def __init__(
        self,
        host: Host,
        log: LogSink,
        on_idle: Callable[[Environment], None],
        on_over: Callable[[Environment], None],
    ) -> None:
        self._host, self._log = host, log
        self._on_idle, self._on_over = on_idle, on_over
        self._loop = asyncio.get_running_loop()
        self._frames = FrameReader()
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._output = Output(self._said, self._exited, self._silent)
        self._process: asyncio.SubprocessTransport | None = None
        self._pipe: asyncio.WriteTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reply: asyncio.Future[Any] | None = None
        self._verdict: FunctionError | None = None
        self._log_tail: deque[str] = deque(maxlen=LOG_LINES_KEPT)
        self._awaited = {"pipe", "output"}
        self._trigger, self._request_id = "", ""
        self.over = self._loop.create_future()

    async def start(self) -> None:
        """Start the process and wait until the function is loaded. Raises `FunctionError`."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process, _ = await self._spawn(theirs.fileno())
            ready = self._reply = self._loop.create_future()
            self._timer = self._loop.call_later(INIT_TIMEOUT_S, self._late_init)
            await self._loop.create_unix_connection(lambda: self, sock=ours)
            if self._verdict is not None:  # stopped before it was born
                self.kill()
            await ready
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
            env=dict(self._host.variables),
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
        request_id = str(uuid4())
        message = frame((request_id, event))
        self._trigger, self._request_id = trigger, request_id
        self._log_tail.clear()
        reply = self._reply = self._loop.create_future()
        self._timer = self._loop.call_later(self._host.function.timeout_s, self._late)
        cast("asyncio.WriteTransport", self._pipe).write(message)
        return reply

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
        at = f" at {self._trigger}" if self._trigger else ""
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
            case ["result", result]:
                self._replied(result)
            case ["log", str(text)]:
                self._said(text)
            case ["ready"]:
                self._replied(None)
            case ["failed", dict(report)]:
                error = failures.reported(report, self._where, self._log_tail)
                if self._trigger:
                    self._replied(error)
                else:
                    self._end(error)
            case ["fatal", dict(report)]:
                self._end(failures.reported(report, self._where, self._log_tail))
            case ["unparsable", str(kind)]:
                self._replied(failures.unparsable(kind, self._where, self._log_tail))
            case _:
                raise ValueError(f"{message!r:.80}")

    def _replied(self, reply: object) -> None:
        future, self._reply = self._reply, None
        if future is None or self._timer is None or self._verdict is not None:
            return  # too late, or it was never asked
        self._timer.cancel()
        if not future.done():
            if isinstance(reply, FunctionError):
                future.set_exception(reply)
            else:
                future.set_result(reply)
        self._trigger = self._request_id = ""
        self._on_idle(self)

    def _said(self, text: str) -> None:
        name, trigger, request_id = self._host.function.name, self._trigger, self._request_id
        for line in text.split("\n"):
            self._log_tail.append(line)
            self._log(LogLine(name, line, trigger, request_id))

    # The end

    def _late(self) -> None:
        self._end(failures.late(self._host.function.timeout_s, self._where, ()))

    def _late_init(self) -> None:
        self._end(failures.late_init(INIT_TIMEOUT_S, self._where, ()))

    def _end(self, verdict: FunctionError) -> None:
        self._verdict = self._verdict or verdict
        self.kill()

    def _exited(self) -> None:
        self.kill()  # what it has started must not outlive it
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
        error.log = error.log or tuple(self._log_tail)
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
        self._on_over(self)
