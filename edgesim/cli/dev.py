"""`edgesim dev`: the CDN in front of a dev server, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from ..config.deployment import Deployment
from ..config.resolve import from_origin, load, with_origins
from ..errors import ConfigError
from ..live.reload import keep_current
from ..live.server import LiveServer
from .terminal import Terminal

DEFAULT_CONFIG = Path("edgesim.toml")


@dataclass(frozen=True, slots=True)
class DevOptions:
    """What the command line says."""

    origin: str | None = None
    config: Path | None = None
    set_origin: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 8080
    cache_policy: str | None = None
    insecure_origin: bool = False
    reload: bool = True
    quiet: bool = False


def deployment_of(options: DevOptions) -> Deployment:
    """The deployment that the options ask for. Raises `ConfigError`."""
    if options.origin and options.config:
        raise ConfigError("--origin and --config were both given", hint="leave one of them out")
    if options.origin:
        return from_origin(
            options.origin,
            cache_policy=options.cache_policy,
            verify_certificate=not options.insecure_origin,
        )
    config = options.config or DEFAULT_CONFIG
    if options.config is None and not config.exists():
        raise ConfigError(
            "neither --origin nor --config was given, and there is no edgesim.toml here",
            hint="edgesim dev --origin http://127.0.0.1:3000, or edgesim init for a first file",
        )
    return with_origins(load(config, cache_policy=options.cache_policy), options.set_origin)


def dev(options: DevOptions) -> int:
    """Run until a signal says stop."""
    console = Console(highlight=False)
    _run(serve(options, Terminal(console, quiet=options.quiet)))
    return 0


async def serve(options: DevOptions, terminal: Terminal) -> None:
    """Deploy, listen, and keep current until SIGINT or SIGTERM."""
    deployment = deployment_of(options)
    server = LiveServer(observer=terminal, log=terminal.function_said)
    stop = _stop_signal()
    reloading: asyncio.Task[None] | None = None
    try:
        await server.deploy(deployment)
        port = await server.listen(options.host, options.port)
        terminal.started(deployment, f"http://{options.host}:{port}", reloads=options.reload)
        if options.reload:
            reloading = asyncio.ensure_future(
                keep_current(server, lambda: deployment_of(options), terminal)
            )
            reloading.add_done_callback(lambda _: stop.set())
        await stop.wait()
    finally:
        if reloading is not None:
            reloading.cancel()
            with suppress(asyncio.CancelledError):
                await reloading
        await server.stop()


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
