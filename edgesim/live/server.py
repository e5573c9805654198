"""The live edge: listens, serves one deployment, swaps it for the next, stops."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from errno import EADDRINUSE
from hashlib import md5
from time import time

from aiohttp import web

from ..cache.store import Store
from ..cloudfront.distribution import Behavior, Distribution, Trigger
from ..cloudfront.error_pages import error_page
from ..cloudfront.invalidation import covered
from ..config.deployment import Deployment
from ..edge import Edge, Tier
from ..errors import ConfigError, EdgesimError
from ..runtimes import Conditions, FunctionSet, Report
from ..runtimes.base import LogSink
from ..runtimes.metrics import Metrics
from ..topology.network import Link
from .driver import Driver
from .exchange import Exchange
from .origins import OriginClients
from .ports import Observer, Origins, Silent
from .running import RequestIds, Running
from .viewer import ViewerProtocol

KEEPALIVE_TIMEOUT_S = 75.0
"""How long an idle viewer connection is kept."""


class LiveServer:
    """A CDN on a port, once it was given something to `deploy` and told where to `listen`."""

    def __init__(
        self,
        *,
        origins: Origins | None = None,
        observer: Observer | None = None,
        log: LogSink = lambda _: None,
        clock: Callable[[], float] = time,
        explains: bool = True,
        conditions: Conditions = Conditions(),
        reports: Callable[[Report], None] = lambda _: None,
    ) -> None:
        self.observer: Observer = observer or Silent()
        self.log = log
        self.clock = clock
        self.explains = explains
        self.conditions, self.reports = conditions, reports
        self.ids = RequestIds()
        self.tiers: tuple[Tier, ...] = (
            Tier("pop", Link("pop-regional")),
            Tier("regional", Link("regional-origin")),
        )
        self.origins: Origins = origins or OriginClients()
        self.deployment: Deployment
        self.running: Running
        self._functions: FunctionSet | None = None
        self._listener: asyncio.Server | None = None
        self._web: web.Server | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def deploy(self, deployment: Deployment) -> frozenset[str]:
        """Serve `deployment` from the next request on; those under way end as they began.

        Returns the names of the functions whose code or settings are new. Raises
        `EdgesimError`, with what served before still serving, if a function cannot be loaded.
        """
        functions = await FunctionSet.start(
            deployment.functions,
            self.log,
            previous=self._functions,
            conditions=self.conditions,
            reports=self.reports,
        )
        changed = functions.changed_since(self._functions)
        retired = self._functions
        if retired is not None and not changed and deployment == self.deployment:
            return changed
        if retired is not None:
            before = self.running
            self._forget_outdated(before.edge.distribution, deployment.distribution, changed)
            # nobody new waits for what is on its way to an old deployment, nor is that kept
            self.tiers = tuple(replace(tier, flights={}, aloft=set()) for tier in self.tiers)
            for tier in before.edge.tiers:
                tier.store = Store()
            retiring = asyncio.ensure_future(_retire(before, retired, functions))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        driver = Driver(self.origins, functions)
        self.deployment = deployment
        self.running = Running(self._edge(deployment.distribution), driver)
        self._functions = functions
        return changed

    def _forget_outdated(
        self, before: Distribution, after: Distribution, changed: frozenset[str]
    ) -> None:
        """Drop responses that went through other origin-facing functions than they would now.

        On AWS they would stay until they expire. Here somebody has just saved a file and
        wants to see what it does.
        """

        def outdated(url: str) -> bool:
            path = url.partition("?")[0]
            was, is_now = (_origin_facing(one.behavior_for(path)) for one in (before, after))
            return was != is_now or not changed.isdisjoint(is_now.values())

        for tier in self.tiers:
            tier.store.forget_where(outdated)

    def _edge(self, distribution: Distribution) -> Edge:
        via = f"{md5(distribution.id.encode(), usedforsecurity=False).hexdigest()}.cloudfront.net"
        return Edge(distribution, self.tiers, self.clock, via=via, explains=self.explains)

    async def listen(self, host: str, port: int) -> int:
        """Accept viewers; the port, which matters if `port` was 0. Raises `ConfigError`."""
        loop = asyncio.get_running_loop()
        self._web = web.Server(self._handle)
        manager = self._web

        def protocol() -> ViewerProtocol:
            return ViewerProtocol(
                manager,
                self,
                loop=loop,
                keepalive_timeout=KEEPALIVE_TIMEOUT_S,
                access_log=None,
                auto_decompress=False,
                max_line_size=65_536,
                max_field_size=65_536,
                max_headers=1024,
            )

        try:
            self._listener = await loop.create_server(protocol, host, port, backlog=1024)
        except OSError as error:
            raise cannot_listen(error, host, port, "--port") from None
        sockets: list[socket.socket] = list(self._listener.sockets)
        return int(sockets[0].getsockname()[1])

    async def _handle(self, message: web.BaseRequest) -> web.StreamResponse:
        return await Exchange(self, message).answer()

    def refusal(self, error: EdgesimError) -> web.StreamResponse:
        """CloudFront's page for what never became a request, or went wrong in ourselves."""
        request_id = self.ids.next()
        page = error_page(error, request_id)
        response = web.Response(status=page.status, body=page.body)
        for name, value in page.headers:
            response.headers[name] = value
        response.headers["X-Cache"] = "Error from cloudfront"
        response.headers["X-Amz-Cf-Id"] = request_id
        response.force_close()
        return response

    @property
    def metrics(self) -> Metrics:
        """What the functions were asked since the edge was started."""
        return self._functions.metrics if self._functions else Metrics()

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches in every tier; how many keys that were (`Store.invalidate`)."""
        paths = covered([path_pattern], self.deployment.distribution.default_root_object)
        return sum(tier.invalidate(path) for tier in self.tiers for path in paths)

    async def stop(self) -> None:
        """Stop listening, let requests end for a moment, leave nothing behind."""
        if self._listener is not None:
            self._listener.close()
        if self._web is not None:
            await self._web.shutdown(timeout=1.0)
        await asyncio.gather(*self._retiring)
        if self._functions is not None:
            await self.running.driver.stop()
            await self._functions.retire(None)
        await self.origins.close()


async def _retire(running: Running, functions: FunctionSet, successor: FunctionSet) -> None:
    """Let the last request of an old deployment leave, then end the functions it had alone."""
    await running.drained()
    await running.driver.stop()
    await functions.retire(successor)


def _origin_facing(behavior: Behavior) -> dict[Trigger, str]:
    """The functions whose work is stored with a response, by name."""
    return {
        trigger: association.function.name
        for trigger, association in behavior.functions.items()
        if trigger.faces_origin
    }


def cannot_listen(error: OSError, host: str, port: int, option: str) -> ConfigError:
    """Why there is no listening there, and the `option` that helps."""
    if error.errno == EADDRINUSE:
        return ConfigError(
            f"port {port} on {host} is in use",
            hint=f"stop what listens there, or choose another: {option} {port + 1}",
        )
    return ConfigError(f"cannot listen on {host}:{port}: {error.strerror or error}")
