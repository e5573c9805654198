"""The examples in Node.js: each runs as in edgesim, and the edge judges what it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.lambda_event import Json, request_event, response_event
from edgesim.cloudfront.lambda_result import request_result, response_result
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.runtimes.node import node_host
from edgesim.runtimes.process import ProcessRuntime
from tests.needed import node_or_skip

from .examples import CLIENT, DISTRIBUTION, example, get


class Example:
    """One of them, in a process of its own."""

    def __init__(self, name: str) -> None:
        code = bundled("edge_functions") / "node" / name
        self._function = Function(name, "nodejs22.x", str(code))
        self._runner = asyncio.Runner()
        self._runtime = ProcessRuntime(node_host, lambda line: None)
        self._runner.run(self._runtime.start(self._function))

    def asked(self, request: Request, *, ip: str = CLIENT) -> Any:
        """What the edge makes of the result at viewer-request."""
        trigger = Trigger.VIEWER_REQUEST
        event = request_event(DISTRIBUTION, trigger, request, ip, "id", None)
        made = request_result(trigger, self._result(trigger, event), request, None)
        return made if isinstance(made, Response) else made.request

    def amended(self, request: Request, response: Response) -> Response:
        """What the edge makes of the result at viewer-response."""
        trigger = Trigger.VIEWER_RESPONSE
        event = response_event(DISTRIBUTION, trigger, request, response, CLIENT, "id")
        return response_result(trigger, self._result(trigger, event), response)

    def _result(self, trigger: Trigger, event: Json) -> object:
        return self._runner.run(self._runtime.invoke(self._function, trigger, event))

    def stop(self) -> None:
        self._runner.run(self._runtime.stop())
        self._runner.close()


@pytest.fixture(scope="module")
def run() -> Iterator[Any]:
    node_or_skip()
    started: dict[str, Example] = {}

    def running(name: str) -> Example:
        if name not in started:
            started[name] = Example(name)
        return started[name]

    yield running
    for one in started.values():
        one.stop()


REDIRECTS = [
    # host, target, where to ("" is: not redirected), why
    ("www.example.com", "/", "", "nothing has moved"),
    ("shop.test", "/a?b=1", "", "a host that is not named is let through"),
    ("example.com", "/a?b=1", "https://www.example.com/a?b=1", "another host"),
    ("www.example.com", "/old", "/new", "another address"),
    ("www.example.com", "/old?a=1&b", "/new?a=1&b", "its query string stays"),
    ("www.example.com", "/older", "", "a path is meant whole"),
    ("www.example.com", "/blog/2024/x.html", "/articles/2024/x.html", "all below"),
    ("www.example.com", "/blog", "", "but not the folder's name"),
    ("example.com", "/blog/gr%C3%BCn", "https://www.example.com/articles/gr%C3%BCn", "both"),
]


@pytest.mark.parametrize(("host", "target", "location", "why"), REDIRECTS)
def test_redirect(run: Any, host: str, target: str, location: str, why: str) -> None:
    request = Request("GET", target, Headers([("Host", host)]))
    made = run("redirect").asked(request)
    if location:
        assert (made.status, made.headers.get("location")) == (301, location), why
        assert made.headers.get("cache-control") == "max-age=3600"
    else:
        assert made == request, why


PYTHON = example("security_headers")


def test_security_headers_are_those_of_the_other_language(run: Any) -> None:
    response = run("security_headers").amended(get("/"), Response(200))
    assert {name: response.headers.get(name.lower()) for name in PYTHON.HEADERS} == PYTHON.HEADERS


def test_security_headers_leave_what_the_origin_chose_and_what_is_read_only(run: Any) -> None:
    csp = "default-src 'none'"
    said = [("Server", "x/1"), ("X-Powered-By", "y"), ("Via", "1.1 z"), ("Content-Length", "0")]
    own = Headers([*said, ("Content-Security-Policy", csp)])
    response = run("security_headers").amended(get("/"), Response(200, own))
    assert response.headers.all("content-security-policy") == [csp]
    assert "server" not in response.headers
    assert "x-powered-by" not in response.headers
    assert response.headers.get("via") == "1.1 z"


def test_a_visitor_without_a_cookie_gets_one_and_keeps_the_variant(run: Any) -> None:
    ab = run("ab_testing")
    first = ab.asked(get("/"))
    variant = first.headers.all("cookie")[0].removeprefix("variant=")

    cookies = Headers([("Content-Length", "5"), ("Set-Cookie", "a=1")])
    response = ab.amended(first, Response(200, cookies, b"hello"))
    kept, given = response.headers.all("set-cookie")
    assert kept == "a=1"
    assert given.startswith(f"variant={variant}; ")

    again = get("/", ("Cookie", f"variant={variant}"))
    second = ab.asked(again, ip="198.51.100.1")
    assert second.headers == again.headers
    assert "set-cookie" not in ab.amended(second, Response(200)).headers


COOKIES = [
    (["a=1; b=2"], ["a=1; b=2"]),
    (["variant=zebra"], []),
    (["variant=toString"], []),
    (["a=1; variant=; b=2"], ["a=1; b=2"]),
    (["a=1", "variant=zebra"], ["a=1"]),
    (["subvariant=a"], ["subvariant=a"]),
]


@pytest.mark.parametrize(("sent", "kept"), COOKIES)
def test_other_cookies_stay_and_unknown_variants_go(
    run: Any, sent: list[str], kept: list[str]
) -> None:
    request = get("/", *(("Cookie", line) for line in sent))
    lines = run("ab_testing").asked(request).headers.all("cookie")
    assert lines[:-1] == kept
    assert lines[-1] in ("variant=a", "variant=b")


def test_a_viewer_cannot_send_the_internal_header(run: Any) -> None:
    request = get("/", ("X-Variant-Assigned", "b; Domain=evil"), ("Cookie", "variant=a"))
    assert "x-variant-assigned" not in run("ab_testing").asked(request).headers
