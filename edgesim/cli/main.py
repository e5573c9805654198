"""The command `edgesim`. Each subcommand is a function of the same name in a file of its own.

Those files are imported when their command runs and not before, so that `--help` does not wait
for aiohttp and pydantic; what it lists comes from the table below.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from ..errors import ConfigErrors, EdgesimError

COMMANDS = {
    "dev": "Run the CDN in front of your origin.",
    "check": "Resolve a configuration and report on it.",
    "explain": "Say what would happen to a request.",
    "invoke": "Run one function on an event.",
    "bench": "Put load on a CDN and say how it took it.",
    "simulate": "Put a day of the whole world through several configurations.",
    "invalidate": "Make the running CDN forget stored responses.",
    "trust": "Say how to accept the certificates of dev --tls.",
    "outage": "Put an edge location, a region or a link out of order.",
    "init": "Write a starting configuration, or copy an example.",
}
"""By name, as `--help` lists them."""

EXIT_MISTAKE = 2


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are asked for by name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name not in COMMANDS:
            return name, command, rest
        real = typer.Typer(add_completion=False, rich_markup_mode=None)
        real.command(name, help=COMMANDS[name])(_implementation(name))
        return name, get_command(real), rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a mistake is a message and an exit status, never a traceback."""
        try:
            return super().invoke(ctx)
        except EdgesimError as error:
            print_error(error)
            raise typer.Exit(EXIT_MISTAKE) from None


def _implementation(name: str) -> Callable[..., Any]:
    """The command's function. Modules are no garbage, so nobody looks for any meanwhile."""
    from ..live.late_certificates import certificates_read_late  # noqa: PLC0415 - --help needs none

    gc.disable()
    try:
        with certificates_read_late():
            function: Callable[..., Any] = getattr(import_module(f"edgesim.cli.{name}"), name)
    finally:
        gc.enable()
    return function


def print_error(error: EdgesimError) -> None:
    """Every mistake on stderr, in colour if that is a terminal and NO_COLOR is not set."""
    from rich.console import Console  # noqa: PLC0415 - a command that succeeds needs no rich
    from rich.text import Text  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for one in error.errors if isinstance(error, ConfigErrors) else (error,):
        where = f"{one.where}: " if one.where else ""
        line = Text.assemble("edgesim: ", (where, "bold"), (one.what, "red"), f" [{one.label}]")
        console.print(line)
        if one.hint:
            console.print(Text.assemble("  hint: ", (one.hint, "green")))


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls it so
    if value:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 20 ms

        try:
            number = version("edgesim")
        except PackageNotFoundError:
            number = "from a checkout"
        typer.echo(f"edgesim {number}, Python {sys.version.partition(' ')[0]}")
        raise typer.Exit


def _app() -> typer.Typer:
    app = typer.Typer(
        cls=LazyGroup,
        help="A CDN edge on your own machine.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        *,
        show_version: Annotated[
            bool,
            typer.Option(
                "--version", callback=_show_version, is_eager=True, help="Say the version."
            ),
        ] = False,
    ) -> None:
        del show_version

    for name, text in COMMANDS.items():
        app.command(name, help=text)(_listed)
    return app


def _listed() -> None:
    """Stands in the list of commands until the real one is imported."""


app = _app()


def main() -> None:
    app()
