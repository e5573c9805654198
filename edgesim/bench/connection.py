"""One connection of a load test: a request goes out, its answer comes in, and again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from ssl import SSLCertVerificationError, SSLError
from typing import TYPE_CHECKING, cast

from .responses import Answer, Malformed, Responses

if TYPE_CHECKING:
    from ssl import SSLContext

    from .alarm import Clock
    from .workload import Asked, Target


class Lost(Exception):
    """The connection could not be made; its text is the kind of error."""

    def __init__(self, kind: str, hint: str = "") -> None:
        super().__init__(kind)
        self.hint = hint


OnAnswer = Callable[["Connection", Answer], None]
OnFailure = Callable[["Connection", str], None]


class Connection(asyncio.Protocol):
    """Tells `on_answer` of each answer and `on_failure`, once, of its own end."""

    __slots__ = (
        "_bodiless",
        "_clock",
        "_on_answer",
        "_on_failure",
        "_responses",
        "_transport",
        "asked",
        "began",
        "intended",
    )

    def __init__(self, on_answer: OnAnswer, on_failure: OnFailure, clock: Clock) -> None:
        self._on_answer, self._on_failure, self._clock = on_answer, on_failure, clock
        self._responses = Responses()
        self._transport: asyncio.Transport | None = None
        self.asked: Asked | None = None
        """What is in the air."""
        self.intended = self.began = 0.0
        """When that should have gone out, and when it did: readings of the clock."""

    async def open(self, target: Target, tls: SSLContext | None, timeout_s: float) -> None:
        """Connect. Raises `Lost`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                await loop.create_connection(
                    lambda: self,
                    target.host,
                    target.port,
                    ssl=tls,
                    server_hostname=target.host if tls else None,
                )
        except TimeoutError:
            raise Lost("connect timeout") from None
        except SSLCertVerificationError as error:
            hint = "--insecure takes any certificate"
            raise Lost(f"certificate: {error.verify_message}", hint) from None
        except SSLError as error:
            raise Lost(f"TLS: {error.reason}") from None
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else type(error).__name__
            raise Lost(f"connect: {why}") from None

    def send(self, asked: Asked, intended: float) -> None:
        """Ask; only when nothing is in the air."""
        self.asked, self._bodiless = asked, asked.bodiless
        self.intended, self.began = intended, self._clock()
        cast("asyncio.Transport", self._transport).write(asked.data)

    def close(self) -> None:
        """End it; nobody is told any more."""
        self._on_failure = _nobody
        if self._transport is not None:
            self._transport.abort()

    def fail(self, kind: str) -> None:
        """Give it up."""
        told, self._on_failure = self._on_failure, _nobody
        if self._transport is not None:
            self._transport.abort()
        told(self, kind)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.asked is None:
            self.fail("unasked data")
            return
        try:
            answer = self._responses.feed(data, bodiless=self._bodiless)
        except Malformed:
            self.fail("malformed response")
            return
        if answer is not None:
            self._on_answer(self, answer)

    def connection_lost(self, exc: Exception | None) -> None:
        try:
            answer = self._responses.closed() if exc is None else None
        except Malformed:
            self.fail("closed early")
            return
        if answer is not None and self.asked is not None:
            self._on_answer(self, answer)
        self.fail("reset" if exc is not None else "closed early" if self.asked else "closed")


def _nobody(connection: Connection, kind: str) -> None:
    """What is told of a connection that nobody waits for."""
