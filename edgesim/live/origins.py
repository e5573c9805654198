"""Every way to ask an origin, behind one door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..cloudfront.origin import Origin
from ..http.message import Request, Response
from .apps import RunningApp, run_app
from .bucket import fetch_object
from .folder import fetch_file
from .http_origin import HttpOrigin
from .ports import Asked, Origins
from .recording import Tasks
from .sigv4 import to_api


class OriginClients:
    """Connections to origins, made as they are needed and kept until `close()`.

    `base` is the folder that relative folders and modules of applications are looked for in.
    """

    def __init__(self, base: Path = Path()) -> None:
        self._base = base
        self._pools: dict[tuple[object, ...], HttpOrigin] = {}
        self._apps: dict[tuple[str, str], asyncio.Task[RunningApp]] = {}
        self._recordings: Tasks = set()

    async def start(self, origins: Iterable[Origin]) -> None:
        """Start the applications among `origins` now rather than at their first request."""
        for origin in origins:
            if origin.app:
                await self._running(origin)

    async def fetch(self, origin: Origin, request: Request) -> Response:
        if origin.folder:
            folder = self._base / origin.folder
            if origin.bucket is not None:
                return await fetch_object(folder, origin.bucket, request)
            return fetch_file(folder, request)
        if origin.bucket is not None:
            request = to_api(origin, origin.bucket, request)
        if origin.app:
            origin = (await self._running(origin)).as_http(origin)
        return await self._pool(origin).fetch(origin, request)

    def ask(self, origin: Origin, request: Request) -> Asked | None:
        if origin.folder or origin.app or origin.bucket is not None:
            return None
        return self._pool(origin).ask(origin, request)

    async def close(self) -> None:
        recordings = list(self._recordings)
        for task in recordings:
            task.cancel()
        await asyncio.gather(*recordings, return_exceptions=True)
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.close()
        starting, self._apps = self._apps, {}
        for app in await asyncio.gather(*starting.values(), return_exceptions=True):
            if isinstance(app, RunningApp):
                await app.close()

    def _pool(self, origin: Origin) -> HttpOrigin:
        """The connections that `origin` shares with others at the same address."""
        key = (
            origin.protocol,
            origin.host,
            origin.port,
            origin.keepalive_timeout_s,
            origin.verify_certificate,
            origin.ca_file,
            origin.client_certificate,
        )
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = HttpOrigin(origin, self._recordings)
        return pool

    async def _running(self, origin: Origin) -> RunningApp:
        """The application, started once however many ask; after a failure, tried anew."""
        key = (origin.app, origin.app_kind)
        starting = self._apps.get(key)
        if starting is None:
            loop = asyncio.get_running_loop()
            starting = self._apps[key] = loop.create_task(run_app(origin, self._base))
        try:
            return await asyncio.shield(starting)
        except Exception:
            if self._apps.get(key) is starting:
                del self._apps[key]
            raise


if TYPE_CHECKING:
    _conforms: type[Origins] = OriginClients
