"""Options that several commands have, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ..cloudfront.strictness import Strictness
from ..config.deployment import Deployment
from ..config.resolve import from_origin, load, with_origins
from ..errors import ConfigError
from ..http.headers import Headers

DEFAULT_FILE = Path("edgesim.toml")

OriginOption = Annotated[
    str | None, typer.Option("--origin", help="A server's URL, or a folder.", metavar="URL")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration.", metavar="FILE")
]
ConfigsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--config",
        help="The configuration; repeatable, a distribution each, found by Host.",
        metavar="FILE",
    ),
]
SetOriginOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set-origin", help="Where an origin really lives; repeatable.", metavar="ID=URL"
    ),
]
CachePolicyOption = Annotated[
    str | None,
    typer.Option("--cache-policy", help="A cache policy for every behavior.", metavar="NAME"),
]
DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug", help="Run Python functions in this process, without limits: breakpoint() works."
    ),
]
InspectOption = Annotated[
    int | None,
    typer.Option(
        "--inspect",
        help="Open Node.js's inspector, one for each function from this port on; 9229 is usual.",
        metavar="PORT",
        min=1,
        max=65535,
    ),
]
AwsSdkOption = Annotated[
    str,
    typer.Option(
        "--aws-sdk",
        help="Where Node.js functions find the AWS SDK that Lambda brings.",
        metavar="FOLDER",
    ),
]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option("-H", "--header", help="A request header; repeatable.", metavar="'Name: value'"),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Where AWS is silent about a rule, refuse.")
]
LenientOption = Annotated[
    bool, typer.Option("--lenient", help="Where AWS is silent about a rule, warn and go on.")
]


def strictness_of(*, strict: bool, lenient: bool) -> Strictness | None:
    """What the two options say; None leaves it to the configuration. Raises `ConfigError`."""
    if strict and lenient:
        raise ConfigError(
            "--strict and --lenient were both given", hint="leave out both for the safe reading"
        )
    if strict:
        return Strictness.STRICT
    return Strictness.LENIENT if lenient else None


def deployment_for(
    origin: str | None,
    config: Path | None,
    *,
    set_origin: Iterable[str] = (),
    cache_policy: str | None = None,
    verify_certificate: bool = True,
    strictness: Strictness | None = None,
) -> Deployment:
    """What `--origin` or `--config` describe; without either, the file in this folder.

    Raises `ConfigError`.
    """
    if origin is not None and config is not None:
        raise ConfigError(
            "--origin and --config were both given",
            hint="to move an origin of a file, use --set-origin ID=URL",
        )
    if origin is None and not verify_certificate:
        raise ConfigError(
            "--insecure-origin goes with --origin only",
            hint="write verify_certificate = false under [origins.NAME]",
        )
    if origin is not None:
        deployment = from_origin(
            origin,
            cache_policy=cache_policy,
            verify_certificate=verify_certificate,
            strictness=strictness,
        )
    else:
        deployment = load(found(config), cache_policy=cache_policy, strictness=strictness)
    return with_origins(deployment, _pairs(set_origin))


def found(config: Path | None) -> Path:
    """The file to read. Raises `ConfigError` if none was named and none is here."""
    if config is None and not DEFAULT_FILE.exists():
        raise ConfigError(
            f"there is no {DEFAULT_FILE} in this folder",
            hint="name a file with --config, a server with --origin, or run `edgesim init`",
        )
    return config or DEFAULT_FILE


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, url = text.partition("=")
        if not equals or not name or not url:
            hint = "write --set-origin ID=URL"
            raise ConfigError(f"{text!r} is no pair", where="--set-origin", hint=hint)
        pairs[name] = url
    return pairs


def headers_from(lines: Iterable[str]) -> Headers:
    """`Name: value` each. Raises `ConfigError`."""
    pairs = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ConfigError(f"{line!r} is no header", where="-H", hint="write 'Name: value'")
        pairs.append((name.strip(), value.strip()))
    return Headers(pairs)
