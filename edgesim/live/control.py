"""The control port: what a developer may do to a running edge, over HTTP from this machine.

    POST /invalidations  {"paths": ["/css/*"]}   →  {"forgotten": 3, "paths": {"/css/*": 3}}
                         with "distribution": "E1", of several, in that one only
    POST /outages        {"what": ["NRT"], "on": true}  →  {"places": ["NRT"], "links": []}
    GET  /status                                 →  what is served and stored, what it took
    GET  /functions                              →  what functions did, and what that costs on AWS

It listens on the loopback interface only. A page in a browser of this machine could still reach
it, so it answers no Host but a loopback name and no Origin but its own (against DNS rebinding and
forged requests).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.typedefs import Handler

from ..cloudfront.invalidation import check_paths
from ..cloudfront.pricing import costs
from ..errors import ConfigError, EdgesimError
from ..runtimes.metrics import together
from ..topology.routing import Outages
from .orders import Stored, Told, told
from .process_counters import counted_together
from .server import LiveServer, cannot_listen

if TYPE_CHECKING:
    from .crew import Crew

HOST = "127.0.0.1"
DEFAULT_PORT = 8081
MAX_BODY_BYTES = 16 * 1024 * 1024
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


class ControlPort:
    """A tiny application beside the edge. `stop` it before the edge."""

    def __init__(self, server: LiveServer, crew: Crew | None = None) -> None:
        """`crew` are the workers, where there are several processes."""
        self._server, self._crew = server, crew
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_guarded])
        app.router.add_post("/invalidations", self._invalidate)
        app.router.add_post("/outages", self._switch)
        app.router.add_get("/status", self._status)
        app.router.add_get("/functions", self._functions)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self, port: int) -> int:
        """Listen; the port, which matters if `port` was 0. Raises `ConfigError`."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise cannot_listen(error, HOST, port, "--control-port") from None
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _invalidate(self, message: web.Request) -> web.Response:
        try:
            said = await message.json()
        except ValueError:
            return _refusal(400, "the body is no JSON")
        paths = said.get("paths") if isinstance(said, dict) else None
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            return _refusal(400, 'the body is {"paths": ["/a", "/b/*"]}')
        try:
            check_paths(paths)
        except ConfigError as error:
            return _refusal(400, error.what, error.hint)
        wanted = said.get("distribution", "")
        servers = [one for one in self._servers if not wanted or wanted in _names(one)]
        if not servers:
            known = ", ".join(_names(one)[0] for one in self._servers)
            return _refusal(400, f"no distribution is named {wanted!r}", f"they are: {known}")
        forgotten = {
            path: sum([await self._invalidated(server, path) for server in servers])
            for path in dict.fromkeys(paths)
        }
        return web.json_response({"forgotten": sum(forgotten.values()), "paths": forgotten})

    async def _invalidated(self, server: LiveServer, path: str) -> int:
        crew = self._crew
        return await (server.invalidate(path) if crew is None else crew.invalidate(server, path))

    async def _switch(self, message: web.Request) -> web.Response:
        try:
            said = await message.json()
        except ValueError:
            return _refusal(400, "the body is no JSON")
        match said:
            case {"what": [str(), *_] as names, "on": bool(on)} if len(names) <= 2:
                pass
            case _:
                return _refusal(400, 'the body is {"what": ["NRT"], "on": true}, or two names')
        places = [str(name) for name in names]
        try:
            for server in self._servers:
                outages = server.switch_outage(places, on=on)
            if self._crew is not None:
                await self._crew.switch_outage(places, on=on)
        except EdgesimError as error:
            return _refusal(400, error.what, error.hint)
        return web.json_response(_out_of_order(outages))

    async def _status(self, _: web.Request) -> web.Response:
        every = await self._every()
        told, *beside = [
            _told(server, [one.stored[index] for one in every])
            for index, server in enumerate(self._servers)
        ]
        told["process"] = counted_together(one.process for one in every)
        return web.json_response(told | ({"beside": beside} if beside else {}))

    async def _functions(self, _: web.Request) -> web.Response:
        every = await self._every()
        metrics = map(together, zip(*(one.metrics for one in every), strict=True))
        ran = [one for these in metrics for one in these.functions.items()]
        usd = asdict(costs(one.usage for _, one in ran))
        told = {
            "functions": {name: one.shown() for name, one in ran},
            "usd": {name.rstrip("_"): round(value, 10) for name, value in usd.items()},
        }
        return web.json_response(told)

    async def _every(self) -> Sequence[Told]:
        """What each process has done."""
        return [told(self._servers)] if self._crew is None else await self._crew.told()

    @property
    def _servers(self) -> Sequence[LiveServer]:
        """All behind the port, the one that listens first."""
        hosts = self._server.hosts
        return (self._server,) if hosts is None else hosts.all


def _names(server: LiveServer) -> tuple[str, ...]:
    one = server.deployment.distribution
    return (one.tenant.id if one.tenant is not None else one.id, *one.names)


def _told(server: LiveServer, stored: Iterable[Stored]) -> dict[str, Any]:
    """Of one distribution; `stored` is what each process has of it."""
    deployment = server.deployment
    tenant = deployment.distribution.tenant
    return {
        "distribution": deployment.distribution.id,
        **({"tenant": tenant.id} if tenant is not None else {}),
        "source": deployment.source,
        "tiers": _tiers(stored),
        "outages": _out_of_order(server.places.outages),
    }


def _tiers(stored: Iterable[Stored]) -> dict[str, dict[str, int]]:
    tiers: dict[str, dict[str, int]] = {}
    for label, (count, size_bytes) in chain.from_iterable(map(dict.items, stored)):
        tier = tiers.setdefault(label, {"stored": 0, "bytes": 0})
        tier["stored"] += count
        tier["bytes"] += size_bytes
    return tiers


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not _LOOPBACK.fullmatch(host):
        return _refusal(403, f"this port answers to loopback names only, not to {host!r}")
    if origin is not None and origin != f"http://{host}":
        return _refusal(403, f"pages of {origin} have no business here")
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _refusal(error.status, error.reason)


def _out_of_order(outages: Outages) -> dict[str, list[str]]:
    links = ["-".join(sorted(link)) for link in outages.links]
    return {"places": sorted(outages.places), "links": sorted(links)}


def _refusal(status: int, what: str, hint: str = "") -> web.Response:
    said = {"error": what, "hint": hint}
    return web.Response(status=status, text=json.dumps(said), content_type="application/json")
