"""`edgesim invalidate PATH…`: the running CDN forgets what matches, in every tier."""

from __future__ import annotations

from typing import Annotated

import typer

from ..cloudfront.invalidation import check_paths
from .control_port import PortOption, asked


def invalidate(
    paths: Annotated[
        list[str],
        typer.Argument(help="Paths; a * at the end stands for anything.", metavar="PATH…"),
    ],
    port: PortOption = 8081,
) -> None:
    check_paths(paths)
    (forgotten,) = asked(port, "/invalidations", {"paths": paths}, "paths")
    width = max(map(len, forgotten))
    for path, count in forgotten.items():
        typer.echo(f"{path:{width}}  {count:,} forgotten, all tiers together")
