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
from ..config.elsewhere import check_placed
from ..errors import ConfigError
from ..live.control import DEFAULT_PORT, ControlPort
from ..live.reload import keep_current
from ..live.server import LiveServer
from .options import (
    CachePolicyOption,
    ConfigOption,
    DistributionOption,
    ImportOption,
    OriginOption,
    ParameterOption,
    SetFunctionOption,
    SetOriginOption,
    SetStoreOption,
    TemplateOption,
    WithoutOption,
    deployment_for,
    given,
)
from .terminal import Terminal

LARGE_STORE = 100_000
"""Stored responses from which on a full garbage collection takes too long to go through them."""

Build = Callable[[], Deployment]


def dev(
    origin: OriginOption = None,
    config: ConfigOption = None,
    template: TemplateOption = None,
    set_origin: SetOriginOption = None,
    parameter: ParameterOption = None,
    import_: ImportOption = None,
    set_function: SetFunctionOption = None,
    set_store: SetStoreOption = None,
    without: WithoutOption = None,
    distribution_id: DistributionOption = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8080,
    control_port: Annotated[
        int | None,
        typer.Option(
            help="Where `edgesim invalidate` reaches it, 0 for none.",
            min=0,
            max=65535,
            show_default=str(DEFAULT_PORT),
        ),
    ] = None,
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
        placed,
        origin,
        config,
        template,
        given=given(parameter, import_, set_function, set_store, without, distribution_id),
        set_origin=set_origin or (),
        cache_policy=cache_policy,
        verify_certificate=not insecure_origin,
    )
    terminal = Terminal(Console(highlight=False), quiet=quiet)
    serving = serve(
        build, terminal, host=host, port=port, control_port=control_port, reload=not no_reload
    )
    _run(serving)


def placed(*described: Any, **options: Any) -> Deployment:
    """As `deployment_for`, if all its origins are on this machine or said to be elsewhere."""
    deployment = deployment_for(*described, **options)
    check_placed(deployment)
    return deployment


async def serve(
    build: Build,
    terminal: Terminal,
    *,
    host: str,
    port: int,
    control_port: int | None,
    reload: bool,
) -> None:
    """Deploy, listen, and keep current until SIGINT or SIGTERM.

    Raises `ConfigError` or `FunctionError` before anything is served.
    """
    deployment = build()
    server = LiveServer(observer=terminal, log=terminal.function_said)
    stop = _stop_signal()
    sparing = partial(_spare_the_stored, server)
    gc.callbacks.append(sparing)
    control = ControlPort(server)
    reloading: asyncio.Task[None] | None = None
    try:
        await server.deploy(deployment)
        listening_on = await server.listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        url, controlled = f"http://{shown}:{listening_on}", await _controlled(control, control_port)
        terminal.started(deployment, url, reloads=reload, control=controlled)
        if reload and deployment.watched:
            reloading = asyncio.ensure_future(keep_current(server, build, terminal))
            reloading.add_done_callback(lambda _: stop.set())
        await stop.wait()
    finally:
        if reloading is not None:
            reloading.cancel()
            with suppress(asyncio.CancelledError):
                await reloading
        await control.stop()
        await server.stop()
        gc.callbacks.remove(sparing)


async def _controlled(control: ControlPort, port: int | None) -> str:
    """Open the control port, and say where it is; None stands for the usual one, if it is free."""
    if port == 0:
        return ""
    try:
        return f"http://127.0.0.1:{await control.start(port or DEFAULT_PORT)}"
    except ConfigError as error:
        if port is not None:
            raise
        return f"none: {error.what}; --control-port N chooses another"


def _spare_the_stored(server: LiveServer, phase: str, collection: dict[str, int]) -> None:
    """Let a full garbage collection look only at what is new since the one before.

    Otherwise each of them goes through everything that is stored: at a million entries, more
    than a second in which nobody is answered (`bench/bench_store.py`). What is evicted is
    given back all the same, for that takes no garbage collection. While little is stored there
    is nothing to win, and cycles that are alive now would never be collected.
    """
    full = phase == "stop" and collection["generation"] == 2
    if full and sum(len(tier.store) for tier in server.tiers) > LARGE_STORE:
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
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)
