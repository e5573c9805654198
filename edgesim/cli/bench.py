"""`edgesim bench [URL…]`: put load on a CDN and say how it took it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ..bench.compare import differences
from ..bench.html import report
from ..bench.run import Demand, run
from ..bench.summary import Summary, from_json
from ..bench.terminal import show, show_differences, show_thresholds
from ..bench.thresholds import Threshold, threshold
from ..errors import ConfigError
from .bench_load import open_loop, requests_for, tls_for
from .options import headers_from

EXIT_MISSED = 1
PIPED_WIDTH = 140


def bench(
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to ask for; {n} in it is an object's number. Default: this machine's "
            "port 8080.",
            metavar="[URL]…",
        ),
    ] = None,
    *,
    url_list: Annotated[
        Path | None,
        typer.Option("--urls", help="A file of URLs or paths, one a line.", metavar="FILE"),
    ] = None,
    access_log: Annotated[
        Path | None,
        typer.Option(help="Ask for what this log says was asked for.", metavar="FILE"),
    ] = None,
    objects: Annotated[int, typer.Option(help="How many objects {n} stands for.", min=1)] = 1000,
    zipf: Annotated[
        float, typer.Option(help="Popularity: the nth comes 1/n^this as often; 0 all alike.", min=0)
    ] = 0.0,
    connections: Annotated[
        int, typer.Option("-c", "--connections", help="Connections.", min=1, max=10_000)
    ] = 32,
    rate: Annotated[
        str | None,
        typer.Option(
            help="An open loop: requests a second, `100:1000` for a ramp, `100,200` for steps.",
            metavar="N",
        ),
    ] = None,
    arrivals: Annotated[
        str, typer.Option(help="Of an open loop: poisson or constant.", metavar="KIND")
    ] = "poisson",
    seconds: Annotated[
        float, typer.Option("-d", "--seconds", help="How long it counts.", min=0.1, max=86_400)
    ] = 10.0,
    requests: Annotated[
        int | None, typer.Option("-n", "--requests", help="End after so many.", min=1)
    ] = None,
    warm_up: Annotated[
        float, typer.Option(help="Seconds before it counts.", min=0, max=3600)
    ] = 0.0,
    timeout: Annotated[float, typer.Option(help="Seconds for one answer.", min=0.1)] = 10.0,
    method: Annotated[
        list[str] | None,
        typer.Option("-X", "--method", help="GET, or GET=9 POST=1.", metavar="NAME[=SHARE]"),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("-H", "--header", help="In every request.", metavar="'Name: value'"),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A field with several values: 'Cookie: id={1..100}', 'User-Agent: a|b'.",
            metavar="'Name: values'",
        ),
    ] = None,
    viewers: Annotated[
        str | None,
        typer.Option(
            help="Viewers in these cities, for an edgesim; `world` for all on its map.",
            metavar="CITY,…",
        ),
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="The body of POST, PUT and PATCH.", metavar="FILE")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same load again with the same seed.")] = 1,
    insecure: Annotated[bool, typer.Option("--insecure", help="Take any certificate.")] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="A configuration, to tell behaviors apart.", metavar="FILE"),
    ] = None,
    control_port: Annotated[
        int, typer.Option(help="Of the edgesim under test; 0 to ask nobody.", min=0, max=65535)
    ] = 8081,
    asserted: Annotated[
        list[str] | None,
        typer.Option(
            "--assert",
            help="'p99<20ms', 'hit_ratio>90%', 'errors==0', 'per_s>1000': else exit status 1.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the report there.", metavar="FILE")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures there.", metavar="FILE")
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="No load: two files of --json, side by side.", metavar="A B"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress line.")] = False,
) -> None:
    console, thresholds = _console(), [threshold(text) for text in asserted or ()]
    if compare is not None:
        before, after = map(read, compare)
        show_differences(console, differences(before, after))
        raise typer.Exit(_missed(console, thresholds, after))
    load = requests_for(
        urls or (),
        lists=(url_list, access_log),
        objects=objects,
        zipf=zipf,
        methods=method or ("GET",),
        always=tuple(headers_from(header or ())),
        varied=vary or (),
        viewers=viewers,
        body=body,
    )
    demand = Demand(
        load,
        connections=connections,
        seconds=seconds,
        warm_up_s=warm_up,
        requests=requests,
        stages=open_loop(rate, warm_up, seconds),
        poisson=_poisson(arrivals),
        timeout_s=timeout,
        seed=seed,
        tls=tls_for(load.target, insecure=insecure),
        behavior_of=behaviors(config),
        control=f"http://127.0.0.1:{control_port}" if control_port else "",
    )
    done = run(demand, None if quiet else Console(stderr=True))
    show(console, done)
    if html is not None:
        _write(html, report(done))
    if json_file is not None:
        _write(json_file, json.dumps(done.as_json(), indent=1))
    raise typer.Exit(_missed(console, thresholds, done))


def _console() -> Console:
    """As wide as the terminal; what goes into a file is not cut to one."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def _missed(console: Console, thresholds: Sequence[Threshold], run: Summary) -> int:
    return 0 if show_thresholds(console, thresholds, run) else EXIT_MISSED


def _poisson(arrivals: str) -> bool:
    if arrivals not in ("poisson", "constant"):
        hint = "poisson as independent viewers come, or constant"
        raise ConfigError(f"{arrivals!r} is no way to arrive", where="--arrivals", hint=hint)
    return arrivals == "poisson"


def behaviors(config: Path | None) -> Callable[[str], str] | None:
    """Which path pattern applies to a path, by the configuration. Raises `ConfigError`."""
    if config is None:
        return None
    from ..config.resolve import load  # noqa: PLC0415 - pydantic takes its time

    distribution = load(config).distribution
    return lambda path: distribution.behavior_for(path.partition("?")[0]).path_pattern


def read(path: Path) -> Summary:
    """A run that `--json` wrote. Raises `ConfigError`."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return from_json(data)
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "write one with `edgesim bench … --json FILE`"
        raise ConfigError("it is no result of a load test", where=str(path), hint=hint) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"it cannot be written: {error.strerror}", where=str(path)) from None
