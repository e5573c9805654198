"""Options that several commands have, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..cloudfront.strictness import Strictness
from ..config.deployment import Deployment
from ..config.resolve import from_origin, load, with_origins
from ..config.templates.given import Given
from ..errors import ConfigError
from ..http.headers import Headers

DEFAULT_FILE = Path("edgesim.toml")
MAY_BE_EMPTY = frozenset({"--parameter", "--import"})
"""Options whose pairs may end with the equals sign."""

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
TemplateOption = Annotated[
    Path | None,
    typer.Option(
        "--template", help="CloudFormation, SAM, CDK, serverless.yml, Terraform.", metavar="FILE"
    ),
]
SetOriginOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set-origin", help="Where an origin really lives; repeatable.", metavar="ID=URL"
    ),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", help="A template's parameter; repeatable.", metavar="NAME=VALUE"),
]
ImportOption = Annotated[
    list[str] | None,
    typer.Option("--import", help="What another stack exports; repeatable.", metavar="NAME=VALUE"),
]
SetFunctionOption = Annotated[
    list[str] | None,
    typer.Option("--set-function", help="Where code is; repeatable.", metavar="NAME=PATH"),
]
SetStoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set-store", help="What a key-value store imports; repeatable.", metavar="NAME=FILE"
    ),
]
SetSignerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set-signer",
        help="A public key of an account that is a trusted signer; repeatable.",
        metavar="ACCOUNT=KEYID:FILE",
    ),
]
SetCertificateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set-certificate",
        help="The client certificate that an origin is shown, and its key; repeatable.",
        metavar="ID=FILE",
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without", help="A refused property to leave out; repeatable.", metavar="PROPERTY"
    ),
]
DistributionOption = Annotated[
    str, typer.Option("--distribution", help="Which of a template's.", metavar="ID")
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


def given(
    parameter: Iterable[str] | None,
    imports: Iterable[str] | None,
    set_function: Iterable[str] | None,
    set_store: Iterable[str] | None,
    without: Iterable[str] | None,
    distribution: str,
    set_signer: Iterable[str] | None = None,
    set_certificate: Iterable[str] | None = None,
) -> Given:
    """What a command line says to a template, but for its origins. Raises `ConfigError`."""
    return Given(
        pairs(parameter or (), "--parameter", "NAME=VALUE"),
        pairs(imports or (), "--import", "NAME=VALUE"),
        functions=pairs(set_function or (), "--set-function", "NAME=PATH"),
        stores=pairs(set_store or (), "--set-store", "NAME=FILE"),
        without=frozenset(without or ()),
        distribution=distribution,
        signers=_signers(set_signer or ()),
        certificates=pairs(set_certificate or (), "--set-certificate", "ID=FILE"),
    )


def _signers(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Files of public keys by their ids, by account. Raises `ConfigError`."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        account, _, key = text.partition("=")
        key_id, colon, file = key.partition(":")
        if not (account and key_id and colon and file):
            hint = "write --set-signer ACCOUNT=KEYID:FILE, such as self=APKAEXAMPLE:public.pem"
            raise ConfigError(f"{text!r} is no key of a signer", where="--set-signer", hint=hint)
        found.setdefault(account, {})[key_id] = file
    return found


def deployment_for(
    origin: str | None,
    config: Path | None,
    template: Path | None = None,
    *,
    given: Given = Given(),
    set_origin: Iterable[str] = (),
    cache_policy: str | None = None,
    verify_certificate: bool = True,
    strictness: Strictness | None = None,
) -> Deployment:
    """What `--origin`, `--config` or `--template` describe; else the file in this folder.

    Raises `ConfigError`.
    """
    _check_one_of({"--origin": origin, "--config": config, "--template": template})
    if origin is None and not verify_certificate:
        raise ConfigError(
            "--insecure-origin goes with --origin only",
            hint="write verify_certificate = false under [origins.NAME]",
        )
    places = pairs(set_origin, "--set-origin", "ID=URL")
    if origin is not None:
        deployment = from_origin(
            origin,
            cache_policy=cache_policy,
            verify_certificate=verify_certificate,
            strictness=strictness,
        )
        return with_origins(deployment, places)
    file = template or found(config)
    if file.suffix != ".toml":
        from ..config.templates.load import load as load_template  # noqa: PLC0415 - and YAML

        whole = replace(given, origins=places).below(Path.cwd())
        return load_template(file, whole, cache_policy=cache_policy, strictness=strictness)
    if given != Given():
        raise ConfigError(
            f"{file} is no template, and has neither parameters nor imports",
            hint="--parameter and its like go with --template",
        )
    deployment = load(file, cache_policy=cache_policy, strictness=strictness)
    return with_origins(deployment, places)


def _check_one_of(options: Mapping[str, object]) -> None:
    named = [name for name, value in options.items() if value is not None]
    if len(named) > 1:
        raise ConfigError(
            f"{' and '.join(named)} were both given",
            hint="to move an origin of a file, use --set-origin ID=URL",
        )


def found(config: Path | None) -> Path:
    """The file to read. Raises `ConfigError` if none was named and none is here."""
    if config is None and not DEFAULT_FILE.exists():
        raise ConfigError(
            f"there is no {DEFAULT_FILE} in this folder",
            hint="name a file with --config or --template, a server with --origin, "
            "or run `edgesim init`",
        )
    return config or DEFAULT_FILE


def pairs(texts: Iterable[str], option: str, form: str) -> dict[str, str]:
    """`NAME=VALUE` each. Raises `ConfigError`."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not (value or option in MAY_BE_EMPTY):
            raise ConfigError(f"{text!r} is no pair", where=option, hint=f"write {option} {form}")
        found[name] = value
    return found


def headers_from(lines: Iterable[str]) -> Headers:
    """`Name: value` each. Raises `ConfigError`."""
    pairs = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ConfigError(f"{line!r} is no header", where="-H", hint="write 'Name: value'")
        pairs.append((name.strip(), value.strip()))
    return Headers(pairs)
