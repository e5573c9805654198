from __future__ import annotations

import subprocess
import sys

import pytest

import edgesim
from edgesim import Headers, Request, Response
from edgesim.cloudfront.function import Trigger
from edgesim.functions import as_function, trigger_of


def greet(request: Request) -> Request | Response:
    if request.path == "/hello":
        return Response(200, body=b"hello")
    return request.with_headers(request.headers.with_("X-Greeted", "yes"))


def test_a_decorated_function_can_simply_be_called() -> None:
    decorated = edgesim.viewer_request(greet)
    assert decorated(Request("GET", "/hello")) == Response(200, body=b"hello")
    asked = decorated(Request("GET", "/"))
    assert asked.headers == Headers([("X-Greeted", "yes")])


@pytest.mark.parametrize("trigger", Trigger)
def test_each_trigger_has_its_decorator(trigger: Trigger) -> None:
    def function(response: Response) -> Response:
        return response

    decorate = getattr(edgesim, trigger.replace("-", "_"))
    assert trigger_of(decorate(function)) is trigger


def test_a_decorated_function_as_a_distribution_has_it() -> None:
    function = as_function(greet)
    assert (function.name, function.runtime, function.call) == ("greet", "inline", greet)
    assert trigger_of(len) is None


def test_there_are_no_other_public_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'viewer_requests'"):
        _ = edgesim.viewer_requests


def test_importing_edgesim_imports_nothing_else() -> None:
    script = "import edgesim, sys; print([m for m in sys.modules if m.startswith('edgesim.')])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert said.stdout == "[]\n"
