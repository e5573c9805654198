"""`edgesim invalidate PATH…`: the running CDN forgets what matches, in every tier."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Annotated

import typer

from ..cloudfront.invalidation import check_paths
from ..errors import ConfigError

HOST = "127.0.0.1"
TIMEOUT_S = 10.0


def invalidate(
    paths: Annotated[
        list[str],
        typer.Argument(help="Paths; a * at the end stands for anything.", metavar="PATH…"),
    ],
    port: Annotated[
        int, typer.Option(help="The control port of `edgesim dev`.", min=1, max=65535)
    ] = 8081,
) -> None:
    check_paths(paths)
    forgotten = asked(port, paths)
    width = max(map(len, forgotten))
    for path, count in forgotten.items():
        typer.echo(f"{path:{width}}  {count:,} forgotten, all tiers together")


def asked(port: int, paths: list[str]) -> dict[str, int]:
    """How many stored responses each path made the edge forget. Raises `ConfigError`."""
    connection = HTTPConnection(HOST, port, timeout=TIMEOUT_S)
    where = f"{HOST}:{port}"
    try:
        body = json.dumps({"paths": paths})
        connection.request("POST", "/invalidations", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        said = json.loads(response.read())
        if response.status != 200:
            raise ConfigError(said["error"], where=where, hint=said["hint"])
        counts: dict[str, int] = said["paths"]
        return counts
    except ConnectionRefusedError:
        raise ConfigError(
            "nobody listens there",
            where=where,
            hint="start `edgesim dev`, or name the control port that it shows: --port N",
        ) from None
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"what listens there is no control port of edgesim ({type(error).__name__})",
            where=where,
            hint="name the control port that `edgesim dev` shows: --port N",
        ) from None
    finally:
        connection.close()
