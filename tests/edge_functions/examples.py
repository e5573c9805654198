"""Loads the examples as Lambda does, and makes the events they are given."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any

from edgesim.bundled import bundled
from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json, request_event, response_event
from edgesim.cloudfront.lambda_result import request_result, response_result
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.runtimes.inline_code import neighbours
from tests.conftest import World

CLIENT = "192.0.2.7"
DISTRIBUTION: Distribution = World().edge.distribution


def example(name: str) -> ModuleType:
    return loaded(name, "index")


def loaded(name: str, module_name: str) -> ModuleType:
    """One of an example's modules; it finds those beside it."""
    code = bundled("edge_functions") / "python" / name / f"{module_name}.py"
    spec = importlib.util.spec_from_file_location(f"example_{name}_{module_name}", code)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with neighbours(code.parent):
        spec.loader.exec_module(module)
    return module


def asked(
    module: ModuleType,
    trigger: Trigger,
    request: Request,
    *,
    origin: Origin | None = None,
    ip: str = CLIENT,
) -> Any:
    """What the edge makes of the request function's result; it raises if CloudFront would."""
    event = request_event(DISTRIBUTION, trigger, request, ip, "id", origin)
    result = module.handler(copied(event), None)
    made = request_result(trigger, result, request, origin)
    return made if isinstance(made, Response) else made.request


def amended(module: ModuleType, request: Request, response: Response) -> Response:
    """What the edge makes of the result at viewer-response."""
    trigger = Trigger.VIEWER_RESPONSE
    event = response_event(DISTRIBUTION, trigger, request, response, CLIENT, "id")
    return response_result(trigger, module.handler(copied(event), None), response)


def copied(event: Json) -> Json:
    """As a function gets it: what it changes there, the edge does not see."""
    copy: Json = json.loads(json.dumps(event))
    return copy


def get(target: str, *headers: tuple[str, str]) -> Request:
    return Request("GET", target, Headers([("Host", "shop.test"), *headers]))
