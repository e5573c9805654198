"""A Python application as an origin: ASGI or WSGI, run here under uvicorn.

It gets a port of its own on the loopback interface and is then an origin like any other, so
that the app sees real requests and edgesim needs no second way to ask.
"""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cloudfront.origin import Origin
from ..errors import OriginError
from .failures import where

if TYPE_CHECKING:
    import uvicorn

_STOP_S = 3.0
"""How long an application may take to finish its last requests."""


class RunningApp:
    """An application that listens on a port of this machine."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._server, self._listener = server, listener
        self.port: int = listener.getsockname()[1]
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def as_http(self, origin: Origin) -> Origin:
        """`origin` as the HTTP origin that it now is."""
        return replace(origin, app="", host="127.0.0.1", port=self.port, protocol="http")

    async def until_ready(self, origin: Origin) -> None:
        """Wait for its startup. Raises `OriginError` if that fails."""
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OriginError(
                    f"{origin.app} did not start",
                    where=where(origin),
                    hint="its lifespan startup failed; the log above says why",
                )
            await asyncio.sleep(0.005)  # uvicorn has no event for it

    async def close(self) -> None:
        self._server.should_exit = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), _STOP_S)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        self._listener.close()

    async def _serve(self) -> None:
        with suppress(SystemExit):  # what uvicorn makes of a startup that failed
            await self._server.serve(sockets=[self._listener])


async def run_app(origin: Origin, base: Path) -> RunningApp:
    """Import `origin.app`, with `base` on the path, and start it."""
    server = _server(origin, load_app(origin, base))
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    app = RunningApp(server, listener)
    try:
        await app.until_ready(origin)
    except BaseException:
        await app.close()
        raise
    return app


def load_app(origin: Origin, base: Path) -> Any:
    """The object that "module:attribute" names. Raises `OriginError` with file and line."""
    module_name, _, attribute = origin.app.partition(":")
    folder = str(base.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    _forget(module_name.partition(".")[0], base.resolve())
    importlib.invalidate_caches()
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        raise OriginError(
            f"cannot import {module_name}: {type(error).__name__}: {error}{_place(error)}",
            where=where(origin),
            hint=f"app is module:attribute, looked for in {folder} first",
        ) from error
    for name in (attribute or "app").split("."):
        if not hasattr(found, name):
            raise OriginError(
                f"{module_name} has no attribute {name!r}",
                where=where(origin),
                hint=f"app is module:attribute, for example {module_name}:app",
            )
        found = getattr(found, name)
    return found


def _server(origin: Origin, app: Any) -> uvicorn.Server:
    try:
        import uvicorn  # noqa: PLC0415 - an extra
        from a2wsgi import WSGIMiddleware  # noqa: PLC0415
    except ImportError as error:
        raise OriginError(
            f"running {origin.app} needs {error.name}, which is not installed",
            where=where(origin),
            hint="pip install 'edgesim[asgi]'",
        ) from error

    class Server(uvicorn.Server):
        """Leaves the signals to edgesim, which stops it with everything else."""

        @contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    config = uvicorn.Config(
        WSGIMiddleware(app) if origin.app_kind == "wsgi" else app,
        access_log=False,
        interface="asgi3" if origin.app_kind == "wsgi" else "auto",
        lifespan="auto",
        log_config=None,
        proxy_headers=False,  # the app sees the edge's address, as behind CloudFront
        # longer than we keep a connection: or it would close one just as we use it
        timeout_keep_alive=int(origin.keepalive_timeout_s) + 5,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


def _forget(package: str, base: Path) -> None:
    """Drop what an earlier start imported from `base`, so that its code is read anew."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != package:
            continue
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(base) and "site-packages" not in file:
            del sys.modules[name]


def _place(error: BaseException) -> str:
    """Where in the user's code `error` arose."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({error.filename}, line {error.lineno})"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and frame.filename != __file__
    ]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
