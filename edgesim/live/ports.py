"""The doors between a lifecycle that runs in real time and the world."""

from __future__ import annotations

from typing import Protocol

from ..cloudfront.distribution import Function, Origin, Trigger
from ..cloudfront.lambda_event import Json
from ..http.message import Request, Response


class Origins(Protocol):
    """Ways to ask an origin."""

    async def fetch(self, origin: Origin, request: Request) -> Response:
        """The origin's response, its body a `Stream` where it is large or still arriving.

        `request` goes out as it is, target and headers included. A WebSocket upgrade that the
        origin accepts comes back as status 101 with a `live.tunnel.Tunnel` for a body.
        Raises `OriginError` or `OriginTimeout` within the origin's limits.
        """
        ...

    async def close(self) -> None:
        """Close every connection; safe to call twice."""


class Runtimes(Protocol):
    """Ways to run a function."""

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        ...
