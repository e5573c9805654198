"""`edgesim invalidate PATH…`: the running CDN forgets what matches, in every tier."""

from __future__ import annotations

from typing import Annotated

import typer

from ..cloudfront.invalidation import check_paths
from .control_port import PortOption, asked


def invalidate(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Paths, a * at the end stands for anything; or cache tags: '#news'.",
            metavar="PATH…",
        ),
    ],
    port: PortOption = 8081,
    distribution: Annotated[
        str,
        typer.Option(help="Of several: which one, by its id or a name of it.", metavar="ID"),
    ] = "",
) -> None:
    check_paths(paths)
    question = {"paths": paths} | ({"distribution": distribution} if distribution else {})
    (forgotten,) = asked(port, "/invalidations", question, "paths")
    width = max(map(len, forgotten))
    for path, count in forgotten.items():
        typer.echo(f"{path:{width}}  {count:,} forgotten, all tiers together")
