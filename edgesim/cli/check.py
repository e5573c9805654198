"""`edgesim check [FILE]`: what a configuration says, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ..cloudfront.distribution import Behavior, SecurityPolicy
from ..cloudfront.function import Function
from ..cloudfront.moment import trigger_named
from ..cloudfront.origin import Origin
from ..config import node_code
from ..config.cloudfront_js_code import code_mistakes, doubts
from ..config.deployment import Deployment, Note, NoteKind
from ..config.environment_reads import environment_reads
from ..config.functions import NODE
from ..config.package_size import check_packages
from ..config.python_code import RUNNING, code_mistake, differs, doubt
from ..config.schema import json_schema
from ..config.source import Findings, Source
from ..errors import ConfigErrors
from ..runtimes.node import INSTALL, installed_node
from ..runtimes.reserved import AT_THE_EDGE
from .notes import tell
from .options import (
    DistributionOption,
    ImportOption,
    LenientOption,
    ParameterOption,
    SetCertificateOption,
    SetFunctionOption,
    SetOriginOption,
    SetSignerOption,
    SetStoreOption,
    StrictOption,
    TemplateOption,
    WithoutOption,
    deployment_for,
    given,
    strictness_of,
)
from .rules import kind_named, markdown, print_rules

Row = tuple[str, ...]


def check(
    file: Annotated[
        Path | None, typer.Argument(help="The configuration; edgesim.toml if left out.")
    ] = None,
    template: TemplateOption = None,
    *,
    strict: StrictOption = False,
    lenient: LenientOption = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Show the rules for functions instead.")
    ] = False,
    trigger: Annotated[
        str | None, typer.Option("--trigger", help="With --rules: those of one trigger.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="With --rules: result, association or advice.")
    ] = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="With --rules: all of them, as a document.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print edgesim.toml's JSON Schema, for editors.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show each property that is understood, too.")
    ] = False,
    set_origin: SetOriginOption = None,
    parameter: ParameterOption = None,
    import_: ImportOption = None,
    set_function: SetFunctionOption = None,
    set_store: SetStoreOption = None,
    set_signer: SetSignerOption = None,
    set_certificate: SetCertificateOption = None,
    without: WithoutOption = None,
    distribution_id: DistributionOption = "",
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if schema:
        typer.echo(json.dumps(json_schema(), indent=2))
        return
    if rules:
        tell_rules(console, trigger, kind, as_markdown=as_markdown)
        return
    deployment = deployment_for(
        None,
        file,
        template,
        given=given(
            parameter,
            import_,
            set_function,
            set_store,
            without,
            distribution_id,
            set_signer,
            set_certificate,
        ),
        set_origin=set_origin or (),
        strictness=strictness_of(strict=strict, lenient=lenient),
    )
    looks = (code_mistake, node_code.code_mistake)
    mistakes = [look(function) for function in deployment.functions for look in looks]
    wrong = [mistake for mistake in mistakes if mistake is not None]
    strictness = deployment.distribution.strictness
    for function in deployment.functions:
        wrong += code_mistakes(function, strictness)
    if wrong:
        raise ConfigErrors(wrong)
    report(with_packages(deployment), console, verbose=verbose)


def tell_rules(
    console: Console, trigger: str | None, kind: str | None, *, as_markdown: bool
) -> None:
    """The rules alone; no configuration is looked at. Raises `ConfigError`."""
    if as_markdown:
        for line in markdown():
            typer.echo(line)
        return
    at = None if trigger is None else trigger_named(trigger, "--trigger")
    print_rules(console, at, None if kind is None else kind_named(kind))


def with_packages(deployment: Deployment) -> Deployment:
    """`deployment` with notes on how large its functions are. Raises `ConfigErrors`."""
    distribution = deployment.distribution
    source = Source(deployment.source, Path.cwd())
    findings = Findings(source, strictness=distribution.strictness)
    check_packages(distribution, findings)
    findings.raise_mistakes()
    return replace(deployment, notes=(*deployment.notes, *findings.notes))


def report(deployment: Deployment, console: Console, *, verbose: bool = False) -> None:
    """What comes of the configuration, as tables, or as plain lines if it is piped."""
    distribution = deployment.distribution
    names = ", ".join(distribution.names)
    console.print(Text(f"{deployment.source}: distribution {distribution.id} for {names}"))
    for line in _doors(deployment):
        console.print(Text(line))
    rows = [_origin(origin) for origin in deployment.origins]
    _print(console, "origins", ("name", "lives at", "region"), rows)
    head = ("path pattern", "origin", "cache policy", "other policies", "functions")
    _print(console, "behaviors", head, [_behavior(one) for one in distribution.behaviors])
    if deployment.functions:
        functions = [_function(function) for function in deployment.functions]
        _print(console, "functions", ("name", "runtime", "code", "limits"), functions)
    tell(console, deployment.notes, advice(deployment), verbose=verbose)
    console.print(Text("no mistakes"), style="green")


def advice(deployment: Deployment) -> Iterator[Note]:
    """What is allowed and may surprise."""
    for function in deployment.functions:
        if differs(function):
            text = f"it asks for {function.runtime} and would run on {RUNNING}"
            text += f", unless a {function.runtime} is installed"
            yield Note(NoteKind.WARNING, f"function {function.name}", text)
        if (unsure := doubt(function)) is not None:
            yield unsure
        yield from environment_reads(function, AT_THE_EDGE)
        yield from doubts(function, deployment.distribution.strictness)
    for name in deployment.elsewhere:
        text = f"it is on AWS; here `edgesim dev` needs --set-origin {name}=URL, or a folder"
        yield Note(NoteKind.WARNING, f"origin {name}", text)
    yield from _node_advice(deployment.functions)
    for behavior in deployment.distribution.behaviors:
        policy = behavior.cache_policy
        where = f"behavior {behavior.path_pattern}"
        if policy is not None and not policy.caches:
            yield Note(NoteKind.UNDERSTOOD, where, f"{policy.name} keeps nothing")
        if behavior.viewer_protocol_policy != "allow-all":
            text = f"{behavior.viewer_protocol_policy}: viewers need `edgesim dev --tls`"
            yield Note(NoteKind.WARNING, where, text)


def _node_advice(functions: Sequence[Function]) -> Iterator[Note]:
    asking = [function for function in functions if function.runtime in NODE]
    node = installed_node() if asking else None
    for function in asking:
        where = f"function {function.name}"
        if node is None:
            yield Note(NoteKind.WARNING, where, f"there is no Node.js to run it: {INSTALL}")
        elif node_code.differs(function, node.major):
            text = f"it asks for {function.runtime} and would run on Node.js {node.version}"
            yield Note(NoteKind.WARNING, where, text)


def _doors(deployment: Deployment) -> Iterator[str]:
    """What holds for the distribution as a whole, where that is not the usual."""
    distribution, staging = deployment.distribution, deployment.continuous_deployment
    if (tenant := distribution.tenant) is not None:
        values = ", ".join(f"{name}={value}" for name, value in tenant.parameters.items())
        yield f"tenant {tenant.id}{f' with {values}' if values else ''}"
    if distribution.security_policy is not SecurityPolicy.TLS_V1:
        yield f"TLS by {distribution.security_policy}"
    for build in deployment.beside:
        yield f"beside it: {', '.join(build().distribution.names)}"
    if not distribution.enabled:
        yield "not enabled: nobody is served"
    if (geo := distribution.geo_restriction) is not None:
        whom = "only viewers from" if geo.allows else "all viewers but those from"
        yield f"serves {whom} {', '.join(sorted(geo.countries))}"
    if staging is not None and staging.header is not None:
        yield f"staging: {staging.staging} for {': '.join(staging.header)}"
    elif staging is not None:
        yield f"staging: {staging.staging} for {staging.weight:.1%} of the requests"


def _origin(origin: Origin) -> Row:
    shield = f", Shield in {origin.shield_region}" if origin.shield_region else ""
    return origin.name, origin.url, f"{origin.region}{shield}"


def _behavior(behavior: Behavior) -> Row:
    others = (behavior.origin_request_policy, behavior.response_headers_policy)
    policies = ", ".join(
        (
            *(one.name for one in others if one is not None),
            *(f"signed by {group.name}" for group in behavior.trusted_key_groups),
        )
    )
    functions = ", ".join(
        f"{trigger} {one.function.name}{' (with body)' * one.include_body}"
        for trigger, one in behavior.functions.items()
    )
    pattern = behavior.path_pattern
    origin = ", else ".join(origin.name for origin in behavior.origins)
    return pattern, origin, behavior.cache_policy_name, policies or "-", functions or "-"


def _function(function: Function) -> Row:
    limits = f"{function.memory_mb:,} MB, {function.timeout_s:g} s"
    if function.is_cloudfront_function:
        limits = "CloudFront's own"
    return function.name, function.runtime, function.code, limits


def _print(console: Console, title: str, head: Row, rows: Sequence[Row]) -> None:
    if console.is_terminal:
        columns = (Column(one, overflow="fold") for one in head)
        table = Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table, soft_wrap=False)
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    console.print(Text(f"{title}:"))
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print(Text(f"  {'  '.join(cells).rstrip()}"))
