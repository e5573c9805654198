"""Asks the control port of a running `edgesim dev`."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Annotated, Any

import typer

from ..errors import ConfigError

HOST = "127.0.0.1"
TIMEOUT_S = 10.0

PortOption = Annotated[
    int, typer.Option(help="The control port of `edgesim dev`.", min=1, max=65535)
]


def asked(port: int, path: str, question: dict[str, Any], *wanted: str) -> tuple[Any, ...]:
    """What it answers to `question`: the `wanted` members. Raises `ConfigError`."""
    connection = HTTPConnection(HOST, port, timeout=TIMEOUT_S)
    where = f"{HOST}:{port}"
    try:
        body = json.dumps(question)
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        said = json.loads(response.read())
        if response.status != 200:
            raise ConfigError(said["error"], where=where, hint=said["hint"])
        return tuple(said[name] for name in wanted)
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
