"""`edgesim dev`: run the CDN."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import (
    CachePolicyOption,
    ConfigOption,
    OriginOption,
    SetOriginOption,
    deployment_for,
)


def dev(
    origin: OriginOption = None,
    config: ConfigOption = None,
    set_origin: SetOriginOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8080,
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
    deployment = deployment_for(
        origin,
        config,
        set_origin=set_origin or (),
        cache_policy=cache_policy,
        verify_certificate=not insecure_origin,
    )
    from ..live.server import run  # noqa: PLC0415 - a mistake and `--help` need no server

    run(deployment, host=host, port=port, reload=not no_reload, quiet=quiet)
