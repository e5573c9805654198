"""The live edge: listens, serves one deployment, swaps it for the next, stops."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from errno import EADDRINUSE
from hashlib import md5
from time import time
from typing import TYPE_CHECKING

from aiohttp import web

from ..cache.store import Store
from ..cloudfront.distribution import Behavior, Distribution, Routing
from ..cloudfront.endpoint import identification
from ..cloudfront.error_pages import error_page
from ..cloudfront.function import Function, Trigger
from ..cloudfront.invalidation import covered
from ..config.deployment import Deployment
from ..edge import Edge, Shield, Tier, shields_for
from ..errors import ConfigError, EdgesimError
from ..http.message import Request
from ..runtimes import Conditions, FunctionSet, Report
from ..runtimes.base import LogSink
from ..runtimes.metrics import Metrics
from ..topology.network import Link
from ..topology.routing import Outages
from .access_log import AccessLog
from .driver import Driver
from .exchange import Exchange
from .fingerprint import Makers
from .geography import Geography
from .hosts import Chosen, Hosts
from .origins import OriginClients
from .outbox import Outbox
from .places import Places
from .ports import Beyond, Observer, Origins, Silent
from .process_counters import Counted
from .running import RequestIds, Running
from .viewer import ViewerProtocol

if TYPE_CHECKING:
    from .cache_dir import CacheDir

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
        cache_dir: CacheDir | None = None,
        places: Places | None = None,
        conditions: Conditions = Conditions(),
        reports: Callable[[Report], None] = lambda _: None,
        access_log: AccessLog | None = None,
        beyond: Beyond | None = None,
    ) -> None:
        """`cache_dir` is closed when this stops. `beyond` has the caches behind the first."""
        self.observer: Observer = observer or Silent()
        self.log = log
        self.clock = clock
        self.explains = explains
        self.cache_dir = cache_dir
        self.places = places or Places()
        self.places.caches.on_new = self._attach
        self.conditions, self.reports = conditions, reports
        self.access_log = access_log
        self.beyond = beyond
        self.ids = RequestIds()
        self.outbox = Outbox()
        self.tiers: tuple[Tier, ...] = (
            Tier("pop", Link("pop-regional")),
            Tier("regional", Link("regional-origin")),
        )
        self.shields: dict[str, Shield] = {}
        self.origins = Counted(origins or OriginClients())
        self.deployment: Deployment
        self.running: Running
        self.hosts: Hosts | None = None
        """Set where others are behind the port too; else every request is for this one."""
        self.https_port: int | None = None
        """Where its viewers find TLS, if anywhere."""
        self._functions: FunctionSet | None = None
        self._listeners: list[asyncio.Server] = []
        self._web: web.Server | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def deploy(
        self, deployment: Deployment, changed_beyond: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Serve `deployment` from the next request on; those under way end as they began.

        `changed_beyond` are functions that run beyond, whose code or settings are new.
        Returns the names of the functions whose code or settings are new. Raises
        `EdgesimError`, with what served before still serving, if a function cannot be loaded.
        """
        geography = Geography(deployment.geo)
        try:
            functions = await FunctionSet.start(
                self._functions_here(deployment),
                self.log,
                previous=self._functions,
                conditions=self.conditions,
                reports=self.reports,
            )
        except BaseException:
            geography.close()
            raise
        changed = functions.changed_since(self._functions) | changed_beyond
        retired = self._functions
        if retired is not None and not changed and deployment == self.deployment:
            geography.close()
            return changed
        if retired is not None:
            before = self.running
            self._forget_outdated(before.edge.distribution, deployment.distribution, changed)
            self._take_over(before.nowhere)
            retiring = asyncio.ensure_future(_retire(before, retired, functions))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        scale = self.places.latency_scale
        driver = Driver(self.origins, functions, latency_scale=scale, beyond=self.beyond)
        self.shields = shields_for(deployment.distribution, self.shields)
        self.deployment = deployment
        nowhere = self._edge(deployment.distribution)
        self.running = Running(nowhere, driver, geography, self.places)
        self._functions = functions
        if self.cache_dir is not None:
            self.cache_dir.serve(Makers(deployment.distribution, functions.codes))
            for tier in self.caches:
                self._attach(tier)
        return changed

    def _functions_here(self, deployment: Deployment) -> Sequence[Function]:
        """All of them, or those that do not run beyond."""
        if self.beyond is None:
            return deployment.functions
        behaviors = deployment.distribution.behaviors
        ran = [one for behavior in behaviors for one in behavior.functions.items()]
        here = {one.function.name for trigger, one in ran if not trigger.faces_origin}
        return [function for function in deployment.functions if function.name in here]

    @property
    def caches(self) -> tuple[Tier, ...]:
        """Every tier that there is, for whichever origin, wherever its viewers are."""
        return (*self.running.nowhere.caches, *self.places.caches.tiers)

    def _attach(self, tier: Tier) -> None:
        if self.cache_dir is not None:
            self.cache_dir.attach(tier.label, tier.store)

    def switch_outage(self, names: Sequence[str], *, on: bool) -> Outages:
        """Put a place, or the stretch between two, out of order or in order again.

        Raises `ConfigError` for a name that is on no map, and `EdgesimError`, with all as it
        was, if the viewers of this edge could not get in any more.
        """
        running, places = self.running, self.places
        edge = places.rerouted(running.nowhere, places.with_outage(names, on=on))
        running.move(running.nowhere, edge)
        return places.outages

    def _take_over(self, before: Edge) -> None:
        """Leave the stores, and nothing else, to who comes after.

        Nobody new waits for what is on its way to an old deployment, nor is that kept.
        """
        self.tiers = tuple(map(_reopened, self.tiers))
        self.shields = {
            region: replace(shield, tier=_reopened(shield.tier))
            for region, shield in before.shields.items()
        }
        for tier in before.caches:
            tier.store = Store()
        self.places.caches = self.places.caches.reopened()

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

        for tier in self.caches:
            tier.store.forget_where(outdated)

    def _edge(self, distribution: Distribution) -> Edge:
        via = f"{md5(distribution.id.encode(), usedforsecurity=False).hexdigest()}.cloudfront.net"
        tiers = self.tiers if distribution.routing is Routing.EDGE_OPTIMIZED else self.tiers[1:]
        return Edge(
            distribution,
            tiers,
            self.clock,
            self.shields,
            via=via,
            explains=self.explains,
            https_port=self.https_port,
            divided=self.beyond is not None,
        )

    def has_tls_at(self, port: int) -> None:
        """Redirects to HTTPS lead there from now on."""
        self.https_port = port
        nowhere = replace(self.running.nowhere, https_port=port)
        self.running.move(nowhere, replace(self.running.edge, https_port=port))

    def choose(self, request: Request) -> Chosen:
        """Who answers `request`. Raises `ViewerError` if nobody does."""
        return Chosen(self.running, request) if self.hosts is None else self.hosts.choose(request)

    async def listen(
        self,
        host: str,
        port: int,
        *,
        context: ssl.SSLContext | None = None,
        option: str = "--port",
        shared: bool = False,
    ) -> int:
        """Accept viewers, by TLS with a `context`; the port, which matters if `port` was 0.

        If that is `shared`, other processes may listen there too.
        Raises `ConfigError`, which names the `option` that chooses another port.
        """
        loop = asyncio.get_running_loop()
        manager = self._web = self._web or web.Server(self._handle)

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
            listener = await loop.create_server(
                protocol, host, port, backlog=1024, ssl=context, reuse_port=shared or None
            )
        except OSError as error:
            raise cannot_listen(error, host, port, option) from None
        self._listeners.append(listener)
        sockets: list[socket.socket] = list(listener.sockets)
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
        routing = self.deployment.distribution.routing
        if routing is Routing.EDGE_OPTIMIZED:
            response.headers["X-Cache"] = "Error from cloudfront"
        response.headers.update(identification(routing, request_id))
        response.force_close()
        return response

    @property
    def metrics(self) -> Metrics:
        """What the functions were asked since the edge was started."""
        return self._functions.metrics if self._functions else Metrics()

    def rewritten(self, path_pattern: str) -> frozenset[tuple[str, str]]:
        """What an invalidation that names `path_pattern` concerns under other URLs."""
        found = [
            tier.rewritten.concerning(path)
            for tier in self.caches
            for path in self._covered(path_pattern)
        ]
        return frozenset().union(*found)

    async def invalidate(self, path_pattern: str, rewritten: Iterable[tuple[str, str]] = ()) -> int:
        """Forget what matches in every tier; how many keys that were (`Store.invalidate`).

        `rewritten` is what others know of URLs that stand for some of them. It is forgotten at
        once. The return waits until it is on the disk too.
        """
        paths = self._covered(path_pattern)
        for asked, stored in rewritten:
            for tier in self.caches:
                tier.rewritten.note(asked, stored)
        forgotten = sum(tier.invalidate(path) for tier in self.caches for path in paths)
        return max(forgotten, await self.cache_dir.forgotten()) if self.cache_dir else forgotten

    def _covered(self, path_pattern: str) -> Sequence[str]:
        return covered([path_pattern], self.deployment.distribution.default_root_object)

    async def stop(self) -> None:
        """Stop listening, let requests end for a moment, leave nothing behind."""
        for listener in self._listeners:
            listener.close()
        if self._web is not None:
            await self._web.shutdown(timeout=1.0)
        await asyncio.gather(*self._retiring)
        if self._functions is not None:
            await self.running.driver.stop()
            self.running.geography.close()
            await self._functions.retire(None)
        await self.origins.close()
        if self.cache_dir is not None:
            await self.cache_dir.close()


def _reopened(tier: Tier) -> Tier:
    return replace(tier, flights={}, aloft=set())


async def _retire(running: Running, functions: FunctionSet, successor: FunctionSet) -> None:
    """Let the last request of an old deployment leave, then end the functions it had alone."""
    await running.drained()
    await running.driver.stop()
    running.geography.close()
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
