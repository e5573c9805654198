"""Conversations over real sockets: a viewer, a live edge with the policy RFC9111, an origin."""

from __future__ import annotations

from dataclasses import dataclass

from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from edgesim.cloudfront.origin import Origin
from edgesim.config.deployment import Deployment

from ..live.conftest import Serve
from ..live.edge import field_of, live_edge

HANGS_UP = b""


@dataclass(frozen=True)
class Asks:
    """One request of the viewer, what the origin says to it, and what the viewer gets."""

    request: str
    """Its first line, and fields, each on a line."""
    origin: bytes | tuple[bytes, ...] | None
    """Its answer, or answers if it is asked again; None where it must not be asked."""
    status: int = 200
    body: bytes | None = None
    has: str = ""
    """A field line that the response must have."""
    lacks: str = ""
    """The name of a field that it must not have."""


def said(
    *lines: str, body: bytes = b"one", status: str = "200 OK", length: int | None = None
) -> bytes:
    """An origin's response."""
    length = len(body) if length is None else length
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {length}", *lines))
    return f"{head}\r\n\r\n".encode("latin-1") + body


def strict(origin: Origin) -> Deployment:
    """A shared cache as RFC 9111 has it, before `origin`."""
    behavior = Behavior(
        "*", origin, rules=RFC9111(), cache_policy=None, allowed_methods=ALL_METHODS
    )
    return Deployment(Distribution((behavior,)), functions=(), source="test", watched=(), notes=())


def answers(step: Asks) -> tuple[bytes, ...]:
    if step.origin is None:
        return ()
    return step.origin if isinstance(step.origin, tuple) else (step.origin,)


async def converse(serve: Serve, *steps: Asks) -> list[bytes]:
    """Go through `steps`; what the origin was asked."""
    origin = await serve(*(answer for step in steps for answer in answers(step)))
    asked = 0
    async with live_edge(None, strict(origin.origin(connection_attempts=1))) as edge:  # type: ignore[arg-type]
        for step in steps:
            first, *lines = step.request.splitlines()
            method, target = first.split()
            connection = await edge.connect()
            response, body = await connection.ask(method, target, *lines)
            await connection.close()
            asked += len(answers(step))
            if step.origin == HANGS_UP:  # it may have been a kept connection: tried once more
                asked = max(asked, len(origin.requests))
            assert len(origin.requests) == asked, f"{first}: asked, or not, against the rule"
            assert response.status_code == step.status, first
            if step.body is not None:
                assert body == step.body, first
            if step.has:
                name, _, value = step.has.partition(": ")
                assert field_of(response, name.lower()) == value, first
            if step.lacks:
                assert field_of(response, step.lacks) is None, first
    return origin.requests
