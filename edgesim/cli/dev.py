"""`edgesim dev`: the CDN in front of a dev server, until Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console

from ..config.deployment import Deployment
from ..live.reload import keep_current
from ..live.server import LiveServer
from .options import (
    CachePolicyOption,
    ConfigOption,
    OriginOption,
    SetOriginOption,
    deployment_for,
)
from .terminal import Terminal

Build = Callable[[], Deployment]


def dev(
    origin: OriginOption = None,
    config: ConfigOption = None,
    set_origin: SetOriginOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8080,
    cache_policy: CachePolicyOption = None,
    *,
    no_reload: Annotated[
        bool, typer.Option("--no-reload", help="Do not watch files for changes.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Do not print a line for each request.")
    ] = False,
    insecure_origin: Annotated[
        bool, typer.Option("--insecure-origin", help="Accept any certificate of --origin.")
    ] = False,
) -> None:
    build = partial(
        deployment_for,
        origin,
        config,
        set_origin=set_origin or (),
        cache_policy=cache_policy,
        verify_certificate=not insecure_origin,
    )
    terminal = Terminal(Console(highlight=False), quiet=quiet)
    _run(serve(build, terminal, host=host, port=port, reload=not no_reload))


async def serve(build: Build, terminal: Terminal, *, host: str, port: int, reload: bool) -> None:
    """Deploy, listen, and keep current until SIGINT or SIGTERM.

    Raises `ConfigError` or `FunctionError` before anything is served.
    """
    deployment = build()
    server = LiveServer(observer=terminal, log=terminal.function_said)
    stop = _stop_signal()
    reloading: asyncio.Task[None] | None = None
    try:
        await server.deploy(deployment)
        listening_on = await server.listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        terminal.started(deployment, f"http://{shown}:{listening_on}", reloads=reload)
        if reload and deployment.watched:
            reloading = asyncio.ensure_future(keep_current(server, build, terminal))
            reloading.add_done_callback(lambda _: stop.set())
        await stop.wait()
    finally:
        if reloading is not None:
            reloading.cancel()
            with suppress(asyncio.CancelledError):
                await reloading
        await server.stop()


def _spare_the_stored(phase: str, collection: dict[str, int]) -> None:
    """Let a full garbage collection look only at what is new since the one before.

    Otherwise each of them goes through everything that is stored: at a million entries, more
    than a second in which nobody is answered (`bench/bench_store.py`). What is evicted is
    given back all the same, for that takes no garbage collection.
    """
    if phase == "stop" and collection["generation"] == 2:
        gc.freeze()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    factory = None
    if sys.platform != "win32":
        import uvloop  # noqa: PLC0415  does not exist on Windows

        factory = uvloop.new_event_loop
    gc.callbacks.append(_spare_the_stored)
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main)
    finally:
        gc.callbacks.remove(_spare_the_stored)
