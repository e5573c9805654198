"""`edgesim invoke FUNCTION`: one function, one event.

The result goes to stdout alone, so that it can be piped; all else goes to stderr.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer

from ..cloudfront.function import Function, Trigger
from ..cloudfront.function_result import FunctionOutput
from ..cloudfront.moment import Moment, moment_at, trigger_named
from ..config.deployment import Deployment
from ..errors import ConfigError
from .event import from_file
from .invocation import Invocation, Start, invoked
from .options import (
    AwsSdkOption,
    ConfigOption,
    DebugOption,
    DistributionOption,
    HeaderOption,
    ImportOption,
    InspectOption,
    LenientOption,
    OriginOption,
    ParameterOption,
    SetCertificateOption,
    SetFunctionOption,
    SetSignerOption,
    SetStoreOption,
    StrictOption,
    TemplateOption,
    WithoutOption,
    deployment_for,
    given,
    headers_from,
    strictness_of,
)
from .request import viewer_request


def invoke(
    function: Annotated[str, typer.Argument(help="The name of a function of the configuration.")],
    event: Annotated[
        Path | None, typer.Option("--event", help="A file with an event.", metavar="FILE")
    ] = None,
    trigger: Annotated[
        str | None,
        typer.Option("--trigger", help="When it runs; where it is associated if left out."),
    ] = None,
    url: Annotated[str, typer.Option("--url", help="A path or URL to make the event from.")] = "/",
    header: HeaderOption = None,
    method: Annotated[str, typer.Option("-X", "--method", help="The method.")] = "GET",
    config: ConfigOption = None,
    origin: OriginOption = None,
    template: TemplateOption = None,
    parameter: ParameterOption = None,
    import_: ImportOption = None,
    set_function: SetFunctionOption = None,
    set_store: SetStoreOption = None,
    set_signer: SetSignerOption = None,
    set_certificate: SetCertificateOption = None,
    without: WithoutOption = None,
    distribution_id: DistributionOption = "",
    inspect: InspectOption = None,
    aws_sdk: AwsSdkOption = "",
    *,
    debug: DebugOption = False,
    strict: StrictOption = False,
    lenient: LenientOption = False,
) -> None:
    deployment = deployment_for(
        origin,
        config,
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
        strictness=strictness_of(strict=strict, lenient=lenient),
    )
    asked = named(deployment, function)
    at = None if trigger is None else trigger_named(trigger, "--trigger")
    distribution = deployment.distribution
    if event is not None:
        moment = from_file(event, distribution, at)
    else:
        request, viewer = viewer_request(distribution, url, method, headers_from(header or ()))
        at = at or distribution.first_trigger(asked) or Trigger.VIEWER_REQUEST
        moment = moment_at(distribution, at, request, viewer)
    start = _starter(debug, inspect, aws_sdk)
    tell(asked, moment, asyncio.run(invoked(asked, moment, start, distribution.strictness)))


def named(deployment: Deployment, name: str) -> Function:
    """Raises `ConfigError` if no behavior runs such a function."""
    function = deployment.function(name)
    if function is None:
        known = [one.name for one in deployment.functions]
        raise ConfigError.unknown("function in use", name, known, deployment.source)
    return function


def _starter(debug: bool, inspect: int | None, aws_sdk: str) -> Start:  # noqa: FBT001
    from ..runtimes import (  # noqa: PLC0415 - tests run this command's parts without
        Conditions,
        FunctionSet,
    )

    conditions = Conditions(debug=debug, inspect_port=inspect, aws_sdk=aws_sdk)
    return cast(Start, partial(FunctionSet.start, conditions=conditions))


def tell(function: Function, moment: Moment, invocation: Invocation) -> None:
    """Print how it went. Raises what CloudFront would have refused, or what the code raised."""
    for line in invocation.log:
        typer.echo(f"log: {line.text.rstrip()}", err=True)
    result = invocation.result
    if isinstance(result, FunctionOutput):
        if result.origin is not None:
            typer.echo(f"origin: {json.dumps(result.origin, ensure_ascii=False)}", err=True)
        result = result.returned
    if invocation.completed:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False, default=repr))
    took = f"{invocation.seconds * 1000:.1f} ms of {function.timeout_s:g} s"
    if function.is_cloudfront_function:
        took = f"compute utilisation {invocation.utilisation or 100} of 100, an estimate"
    typer.echo(f"{function.name} at {moment.trigger}: {took}", err=True)
    for warning in invocation.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if invocation.failure is not None:
        if invocation.failure.rule:
            typer.echo(f"refused by the rule {invocation.failure.rule}", err=True)
        raise invocation.failure
    typer.echo(invocation.verdict, err=True)
