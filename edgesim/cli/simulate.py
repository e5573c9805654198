"""`edgesim simulate [SCENARIO]`: a day of the whole world, by several configurations at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ..config.scenario import built_in, load_scenario, parse_scenario
from ..config.world import world
from ..errors import ConfigError
from ..sim.answer import answer
from ..sim.html import report
from ..sim.jobs import simulate as run
from ..sim.results import as_json, results
from ..sim.scenario import Scenario
from ..sim.tally import Tally
from ..sim.terminal import show

PIPED_WIDTH = 160


def simulate(
    scenario: Annotated[
        Path | None,
        typer.Argument(help="A scenario file; without one edgesim's own.", metavar="[SCENARIO]"),
    ] = None,
    *,
    requests: Annotated[
        int | None,
        typer.Option("-n", "--requests", help="So many, about, for each model.", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same report again with the same seed.")] = 1,
    jobs: Annotated[int, typer.Option("-j", "--jobs", help="Processes.", min=1, max=1024)] = 1,
    dask: Annotated[
        str, typer.Option(help="A dask scheduler to give the work to.", metavar="ADDRESS")
    ] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write the report there.", metavar="FILE")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures there.", metavar="FILE")
    ] = None,
    print_scenario: Annotated[
        bool, typer.Option("--print-scenario", help="Show edgesim's own scenario, and stop.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    if print_scenario:
        typer.echo(built_in(), nl=False)
        return
    plan = load_scenario(scenario) if scenario else parse_scenario(built_in())
    plan = replace(plan, seed=seed, requests=requests or plan.requests)
    found = results(world(), plan, _tallies(plan, jobs, dask, quiet=quiet))
    said = answer(found)
    show(_console(), found, said)
    if html is not None:
        _write(html, report(world(), found, said))
    if json_file is not None:
        _write(json_file, json.dumps(as_json(found, said), indent=1) + "\n")


def _tallies(plan: Scenario, jobs: int, cluster: str, *, quiet: bool) -> tuple[Tally, ...]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("simulating", total=1.0)
        return run(
            plan,
            jobs=jobs,
            cluster=cluster,
            progress=lambda share: bar.update(task, completed=share),
        )


def _console() -> Console:
    """As wide as the terminal; what goes into a file is not cut to one."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"it cannot be written: {error.strerror}", where=str(path)) from None
