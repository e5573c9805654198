"""`edgesim outage WHERE on|off`: viewers of the running CDN go round what is out of order."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ..errors import ConfigError
from .control_port import PortOption, asked


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


def outage(
    where: Annotated[
        list[str],
        typer.Argument(
            help="An edge location (NRT, Tokyo), a region, or two of them for the link between; "
            "then on or off.",
            metavar="WHERE… on|off",
        ),
    ],
    port: PortOption = 8081,
) -> None:
    *names, switch = where
    if switch not in set(Switch) or not 1 <= len(names) <= 2:
        hint = "edgesim outage NRT on, or edgesim outage KIX us-east-1 off"
        raise ConfigError(f"{' '.join(where)!r} says nothing to switch", where="outage", hint=hint)
    question = {"what": names, "on": switch == Switch.ON}
    places, links = asked(port, "/outages", question, "places", "links")
    broken = [*places, *links]
    typer.echo(f"out of order: {', '.join(broken)}" if broken else "everything is in order")
