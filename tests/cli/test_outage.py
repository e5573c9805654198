from __future__ import annotations

from http.server import HTTPServer

import pytest

from .conftest import Edgesim
from .control import Control

SWITCHES = [
    (("NRT", "on"), {"what": ["NRT"], "on": True}),
    (("Tokyo", "off"), {"what": ["Tokyo"], "on": False}),
    (("KIX", "us-east-1", "on"), {"what": ["KIX", "us-east-1"], "on": True}),
]


@pytest.mark.parametrize(("arguments", "heard"), SWITCHES)
def test_what_is_switched(
    edgesim: Edgesim, control: HTTPServer, arguments: tuple[str, ...], heard: object
) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = (200, {"places": ["NRT"], "links": ["KIX-us-east-1"]})
    ran = edgesim("outage", *arguments, "--port", str(control.server_port))
    assert (ran.status, ran.out) == (0, "out of order: NRT, KIX-us-east-1\n")
    assert handler.heard == heard


def test_when_all_is_well_again(edgesim: Edgesim, control: HTTPServer) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = (200, {"places": [], "links": []})
    ran = edgesim("outage", "NRT", "off", "--port", str(control.server_port))
    assert ran.out == "everything is in order\n"


def test_what_the_edge_refuses(edgesim: Edgesim, control: HTTPServer) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = (400, {"error": "no city is named 'NRTT'", "hint": "did you mean 'NRT'?"})
    ran = edgesim("outage", "NRTT", "on", "--port", str(control.server_port))
    assert ran.status == 2
    assert "did you mean 'NRT'?" in ran.err


@pytest.mark.parametrize("arguments", [("NRT",), ("on",), ("a", "b", "c", "on"), ("NRT", "maybe")])
def test_what_says_nothing_to_switch(edgesim: Edgesim, arguments: tuple[str, ...]) -> None:
    ran = edgesim("outage", *arguments)
    assert ran.status == 2
    assert "edgesim outage NRT on" in ran.err
