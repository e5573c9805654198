from __future__ import annotations

import socket
from http.server import HTTPServer

import pytest

from .conftest import Edgesim
from .control import Control


def test_what_was_forgotten_is_told(edgesim: Edgesim, control: HTTPServer) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = (200, {"forgotten": 1234, "paths": {"/css/*": 1234, "/": 0}})
    ran = edgesim("invalidate", "/css/*", "/", "--port", str(control.server_port))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "/css/*  1,234 forgotten, all tiers together",
        "/       0 forgotten, all tiers together",
    ]
    assert handler.heard == {"paths": ["/css/*", "/"]}


def test_one_of_several_distributions(edgesim: Edgesim, control: HTTPServer) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = (200, {"forgotten": 1, "paths": {"/": 1}})
    edgesim("invalidate", "/", "--distribution", "E2", "--port", str(control.server_port))
    assert handler.heard == {"paths": ["/"], "distribution": "E2"}


ANSWERS = [
    ((400, {"error": "too many", "hint": "fewer"}), "too many"),
    ((200, []), "is no control port"),
    ((404, "not here"), "is no control port"),
]


@pytest.mark.parametrize(("said", "told"), ANSWERS)
def test_an_answer_that_is_none(
    edgesim: Edgesim, control: HTTPServer, said: tuple[int, object], told: str
) -> None:
    handler = control.RequestHandlerClass
    assert issubclass(handler, Control)
    handler.said = said
    ran = edgesim("invalidate", "/", "--port", str(control.server_port))
    assert ran.status == 2
    assert told in ran.err


def test_nobody_there(edgesim: Edgesim) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ran = edgesim("invalidate", "/", "--port", str(port))
    assert ran.status == 2
    assert "nobody listens there" in ran.err
    assert "edgesim dev" in ran.err


def test_a_path_that_cloudfront_refuses(edgesim: Edgesim) -> None:
    ran = edgesim("invalidate", "/ok", "css/a.css")
    assert ran.status == 2
    assert "'css/a.css' does not begin with a slash" in ran.err
    assert "did you mean '/css/a.css'?" in ran.err
