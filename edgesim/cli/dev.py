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
from ..errors import ConfigError, EdgesimError
from ..live.access_log import AccessLog
from ..live.authority import Authority, usual_folder
from ..live.companions import Companions
from ..live.control import DEFAULT_PORT, ControlPort
from ..live.crew import Crew
from ..live.function_log import FunctionLog
from ..live.garbage import sparing
from ..live.orders import Listen
from ..live.places import Places
from ..live.ports import Beyond
from ..live.reload import keep_current
from ..live.server import LiveServer
from ..runtimes import Conditions, LogLine
from ..runtimes.base import LogSink
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
from .workers import WORKER_OPTION, Pending, check_alone, with_pops, work, worker_command

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
    workers: Annotated[
        int,
        typer.Option(
            help="How many processes listen on the port, each a cache server of the POP.",
            metavar="N",
            min=1,
        ),
    ] = 1,
    worker_of: Annotated[Path | None, typer.Option(WORKER_OPTION, hidden=True)] = None,
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
    build: Build = partial(
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
    alongside: list[Build] = [partial(every, None, one) for one in others]
    terminal = Terminal(Console(highlight=False), quiet=quiet)
    conditions = Conditions(debug, inspect, cold_starts, concurrency, aws_sdk)
    if workers > 1:
        check_alone(conditions)
        build, alongside = with_pops(build), [with_pops(one) for one in alongside]
    files = FunctionLog(function_log) if function_log else None
    serving = serve(
        build,
        terminal,
        host=host,
        port=port,
        control_port=control_port,
        cache_dir=cache_dir,
        reload=not no_reload,
        others=alongside,
        tls_port=tls_port if tls else None,
        places=partial(_places, viewer, latency),
        conditions=conditions,
        files=files,
        access_log=AccessLog.at(access_log, terminal.said) if access_log else None,
        workers=workers,
        worker_of=worker_of,
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
    workers: int = 1,
    worker_of: Path | None = None,
) -> None:
    """Deploy, listen, and keep current until SIGINT or SIGTERM.

    Raises `ConfigError` or `FunctionError` before anything is served.
    """
    pending = Pending(terminal.function_said)
    said = pending.add if workers > 1 and worker_of is None else terminal.function_said

    def make(beside: str = "", *, beyond: Beyond | None = None) -> LiveServer:
        folder = cache_dir / beside if cache_dir is not None and beyond is None else None
        made = _server(said, terminal, conditions, files, _kept(folder, terminal), places())
        made.access_log, made.beyond = access_log, beyond
        return made

    if worker_of is not None:
        await work(worker_of, make, build, others, terminal.function_said, _listen_too)
        return
    deployment = build()
    server = make()
    companions = Companions(server, others, make)
    stop = _stop_signal()
    crew = Crew(pending.take, stop.set) if workers > 1 else None
    control = ControlPort(server, crew)
    reloading: list[asyncio.Task[None]] = []
    try:
        await server.deploy(deployment)
        await companions.start()
        where = Listen(host, port, tls_port)
        if crew is None:
            where = await _listen(companions, where)
        else:
            where = await _start(crew, workers, companions, where)
        url, secure = _shown(where)
        controlled = await _controlled(control, control_port)
        viewers = _said(server.places, server.running.edge)
        terminal.started(
            deployment, url, reloads=reload, control=controlled, secure=secure, viewers=viewers
        )
        terminal.beside(one.deployment for one, _ in companions.served)
        for one, again in ((server, build), *companions.served):
            if reload and one.deployment.watched:
                current = one if crew is None else crew.everywhere(one)
                reloading.append(asyncio.ensure_future(keep_current(current, again, terminal)))
                reloading[-1].add_done_callback(lambda _: stop.set())
        with sparing(companions.puts):
            await stop.wait()
    finally:
        for task in reloading:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await control.stop()
        ran = [] if crew is None else await crew.stop()
        await server.stop()
        await companions.stop()
        for metrics in ran or [one.metrics for one in companions.all]:
            terminal.ended(metrics)
    if crew is not None and crew.failure:
        terminal.failed(EdgesimError(crew.failure, code="Worker"))
        raise typer.Exit(1)


async def _listen(companions: Companions, where: Listen, *, shared: bool = False) -> Listen:
    """Listen, and say where; if the ports are `shared`, others do too. Raises `ConfigError`."""
    server, host, tls_port = companions.all[0], where.host, where.tls_port
    if tls_port is not None:
        context = Authority(usual_folder()).context(companions.knows, companions.minimum_tls)
        tls_port = await server.listen(
            host, tls_port, context=context, option="--tls-port", shared=shared
        )
        companions.have_tls_at(tls_port)
    return Listen(host, await server.listen(host, where.port, shared=shared), tls_port)


async def _listen_too(companions: Companions, where: Listen) -> None:
    await _listen(companions, where, shared=True)


async def _start(crew: Crew, workers: int, companions: Companions, where: Listen) -> Listen:
    """Let workers listen, and say where. Raises `EdgesimError`."""
    if where.tls_port is not None:
        Authority(usual_folder())  # one for all of them
    return await crew.start(companions.all, workers, worker_command, where)


def _shown(where: Listen) -> tuple[str, str]:
    """Where it listens, and where by TLS if it does."""
    host = f"[{where.host}]" if ":" in where.host else where.host
    name = "localhost" if where.host == "127.0.0.1" else host
    secure = "" if where.tls_port is None else f"https://{name}:{where.tls_port}"
    return f"http://{host}:{where.port}", secure


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
    shown: LogSink,
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
        return make(log=shown)

    def said(line: LogLine) -> None:
        shown(line)
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
