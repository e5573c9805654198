"""`edgesim dev`: the CDN in front of a dev server, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ..config.deployment import Deployment
from ..config.elsewhere import check_placed
from ..edge import Edge
from ..errors import ConfigError
from ..live.access_log import AccessLog
from ..live.authority import Authority, usual_folder
from ..live.companions import Companions
from ..live.control import DEFAULT_PORT, ControlPort
from ..live.function_log import FunctionLog
from ..live.garbage import sparing
from ..live.places import Places
from ..live.reload import keep_current
from ..live.server import LiveServer
from ..runtimes import Conditions, LogLine
from .options import (
    AwsSdkOption,
    CachePolicyOption,
    ConfigsOption,
    DebugOption,
    DistributionOption,
    ImportOption,
    InspectOption,
    LenientOption,
    OriginOption,
    ParameterOption,
    SetCertificateOption,
    SetFunctionOption,
    SetOriginOption,
    SetSignerOption,
    SetStoreOption,
    StrictOption,
    TemplateOption,
    WithoutOption,
    deployment_for,
    given,
    strictness_of,
)
from .terminal import Terminal

if TYPE_CHECKING:
    from ..live.cache_dir import CacheDir

DEFAULT_CITY = "Frankfurt am Main"
"""Where viewers are if nobody says so, but links are to take time: beside the usual POP."""

MAX_LATENCY_SCALE = 100.0

Build = Callable[[], Deployment]


def dev(
    origin: OriginOption = None,
    config: ConfigsOption = None,
    template: TemplateOption = None,
    set_origin: SetOriginOption = None,
    parameter: ParameterOption = None,
    import_: ImportOption = None,
    set_function: SetFunctionOption = None,
    set_store: SetStoreOption = None,
    set_signer: SetSignerOption = None,
    set_certificate: SetCertificateOption = None,
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
    cache_dir: Annotated[
        Path | None,
        typer.Option(help="Where stored responses outlive a restart.", metavar="DIR"),
    ] = None,
    tls_port: Annotated[
        int, typer.Option(help="The port to listen on with --tls.", min=0, max=65535)
    ] = 8443,
    viewer: Annotated[
        str,
        typer.Option(help="Where viewers are: a city, or a region's code.", metavar="CITY"),
    ] = "",
    latency: Annotated[
        float,
        typer.Option(help="How long links take: 0 no time, 1 as in the world.", metavar="SCALE"),
    ] = 0.0,
    concurrency: Annotated[
        int | None,
        typer.Option(
            help="How many functions may run at once; one more gets 503, as on AWS (1,000 there).",
            metavar="N",
            min=0,
        ),
    ] = None,
    function_log: Annotated[
        Path | None,
        typer.Option(
            help="Write what functions say there, by CloudWatch's log groups and streams.",
            metavar="FOLDER",
        ),
    ] = None,
    access_log: Annotated[
        str | None,
        typer.Option(
            help="Write CloudFront's access logs there: a file, or a folder that ends with /.",
            metavar="FILE|DIR/",
        ),
    ] = None,
    inspect: InspectOption = None,
    aws_sdk: AwsSdkOption = "",
    *,
    tls: Annotated[
        bool, typer.Option("--tls", help="Speak https too; see `edgesim trust`.")
    ] = False,
    debug: DebugOption = False,
    cold_starts: Annotated[
        bool, typer.Option("--cold-starts", help="Let cold starts last as long as on AWS.")
    ] = False,
    no_reload: Annotated[
        bool, typer.Option("--no-reload", help="Do not watch files for changes.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Do not print a line for each request.")
    ] = False,
    insecure_origin: Annotated[
        bool, typer.Option("--insecure-origin", help="Accept any certificate of --origin.")
    ] = False,
    strict: StrictOption = False,
    lenient: LenientOption = False,
) -> None:
    first, others = (config[0], config[1:]) if config else (None, [])
    every = partial(
        placed,
        cache_policy=cache_policy,
        strictness=strictness_of(strict=strict, lenient=lenient),
    )
    build = partial(
        every,
        origin,
        first,
        template,
        given=given(
            parameter,
            import_,
            set_function,
            set_store,
            without,
            distribution_id,
            set_signer,
            set_certificate,
        ),
        set_origin=set_origin or (),
        verify_certificate=not insecure_origin,
    )
    terminal = Terminal(Console(highlight=False), quiet=quiet)
    conditions = Conditions(debug, inspect, cold_starts, concurrency, aws_sdk)
    files = FunctionLog(function_log) if function_log else None
    serving = serve(
        build,
        terminal,
        host=host,
        port=port,
        control_port=control_port,
        cache_dir=cache_dir,
        reload=not no_reload,
        others=[partial(every, None, one) for one in others],
        tls_port=tls_port if tls else None,
        places=partial(_places, viewer, latency),
        conditions=conditions,
        files=files,
        access_log=AccessLog.at(access_log, terminal.said) if access_log else None,
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
    cache_dir: Path | None,
    reload: bool,
    places: Callable[[], Places],
    others: Sequence[Build] = (),
    tls_port: int | None = None,
    conditions: Conditions = Conditions(),
    files: FunctionLog | None = None,
    access_log: AccessLog | None = None,
) -> None:
    """Deploy, listen, and keep current until SIGINT or SIGTERM.

    Raises `ConfigError` or `FunctionError` before anything is served.
    """
    deployment = build()

    def make(beside: str = "") -> LiveServer:
        folder = cache_dir / beside if cache_dir is not None else None
        made = _server(terminal, conditions, files, _kept(folder, terminal), places())
        made.access_log = access_log
        return made

    server = make()
    companions = Companions(server, others, make)
    stop = _stop_signal()
    control = ControlPort(server)
    reloading: list[asyncio.Task[None]] = []
    try:
        await server.deploy(deployment)
        await companions.start()
        secure = await _with_tls(companions, server, host, tls_port)
        listening_on = await server.listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        url, controlled = f"http://{shown}:{listening_on}", await _controlled(control, control_port)
        said = _said(server.places, server.running.edge)
        terminal.started(
            deployment, url, reloads=reload, control=controlled, secure=secure, viewers=said
        )
        terminal.beside(one.deployment for one, _ in companions.served)
        for one, again in ((server, build), *companions.served):
            if reload and one.deployment.watched:
                reloading.append(asyncio.ensure_future(keep_current(one, again, terminal)))
                reloading[-1].add_done_callback(lambda _: stop.set())
        with sparing(companions.puts):
            await stop.wait()
    finally:
        for task in reloading:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await control.stop()
        await server.stop()
        await companions.stop()
        for one in companions.all:
            terminal.ended(one.metrics)


async def _with_tls(companions: Companions, server: LiveServer, host: str, port: int | None) -> str:
    """Listen by TLS on `port`, unless that is None, and say where it is. Raises `ConfigError`."""
    if port is None:
        return ""
    context = Authority(usual_folder()).context(companions.knows, companions.minimum_tls)
    listening_on = await server.listen(host, port, context=context, option="--tls-port")
    companions.have_tls_at(listening_on)
    name = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
    return f"https://{name}:{listening_on}"


def _places(viewer: str, latency: float) -> Places:
    """Raises `ConfigError`."""
    if not 0 <= latency <= MAX_LATENCY_SCALE:
        hint = f"0 for no time at all, 1 for the world's, at most {MAX_LATENCY_SCALE:g}"
        raise ConfigError(f"{latency:g} is no scale", where="--latency", hint=hint)
    return Places(viewer or (DEFAULT_CITY if latency else ""), latency)


def _said(places: Places, edge: Edge) -> str:
    """Where viewers are and how far away that is, in a line; "" if they are nowhere."""
    if places.usual is None or edge.path is None:
        return ""
    entrance = edge.pop.code if edge.path.pop is not None else edge.path.regional.code
    far = f"{edge.path.entry().rtt_s * 1000:.0f} ms from {entrance}"
    return f"in {places.usual.name}, {far}, links at {places.latency_scale:g} of their length"


def _kept(folder: Path | None, terminal: Terminal) -> CacheDir | None:
    if folder is None:
        return None
    from ..live.cache_dir import CacheDir  # noqa: PLC0415 - SQLite only for who wants it

    return CacheDir(folder, terminal.said)


def _server(
    terminal: Terminal,
    conditions: Conditions,
    files: FunctionLog | None,
    cache_dir: CacheDir | None,
    places: Places,
) -> LiveServer:
    make = partial(
        LiveServer, observer=terminal, conditions=conditions, cache_dir=cache_dir, places=places
    )
    if files is None:
        return make(log=terminal.function_said)

    def said(line: LogLine) -> None:
        terminal.function_said(line)
        files.said(line)

    return make(log=said, reports=files.reported)


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
