from __future__ import annotations

import asyncio
import logging
import sys
from contextvars import ContextVar
from typing import Any

import pytest

import edgesim
from edgesim.errors import FunctionTimeout, InvalidFunctionResult
from edgesim.http.message import Request, Response
from edgesim.testing.edge import VirtualEdge

shop = pytest.mark.edgesim(config="tests/testing/shop/edgesim.toml")
VISITOR: ContextVar[str] = ContextVar("VISITOR")


def line_of(call: Any, offset: int = 1) -> str:
    return f"test_functions.py:{call.__code__.co_firstlineno + offset})"


def request_of(event: Any) -> Any:
    return event["Records"][0]["cf"]["request"]


def test_a_handler_answers(edge: VirtualEdge) -> None:
    def hello(event: Any, context: Any) -> Any:
        print("hello from", request_of(event)["uri"])
        return {"status": "200", "body": "hello"}

    edge.attach(hello, "viewer-request")
    response = edge.get("/a")
    assert (response.text, response.edge.result_type) == ("hello", "LambdaGeneratedResponse")
    (run,) = response.edge.functions
    assert (run.function, run.trigger, run.log) == ("hello", "viewer-request", "hello from /a\n")
    assert run.result == {"status": "200", "body": "hello"}
    assert edge.origin("app").calls == 0


def test_all_four_triggers_in_their_order(edge: VirtualEdge) -> None:
    def same(event: Any, context: Any) -> Any:
        cf = event["Records"][0]["cf"]
        return cf.get("response", cf["request"])

    triggers = ["viewer-request", "origin-request", "origin-response", "viewer-response"]
    for trigger in triggers:
        edge.attach(same, trigger)
    edge.origin("app").respond("/", text="hello", headers={"cache-control": "max-age=60"})
    assert [run.trigger for run in edge.get("/").edge.functions] == triggers
    again = [run.trigger for run in edge.get("/").edge.functions]
    assert again == ["viewer-request", "viewer-response"]


def test_a_run_keeps_the_event_as_it_was_given(edge: VirtualEdge) -> None:
    def rewrite(event: Any, context: Any) -> Any:
        request_of(event)["uri"] = "/new"
        return request_of(event)

    edge.attach(rewrite, "viewer-request")
    edge.origin("app").respond("/new", text="new")
    response = edge.get("/old")
    (run,) = response.edge.functions
    assert request_of(run.event)["uri"] == "/old"
    assert run.result["uri"] == "/new"
    assert response.text == "new"


def test_the_context_has_lambdas_members(edge: VirtualEdge) -> None:
    seen = []

    def look(event: Any, context: Any) -> Any:
        seen.append(context)
        context.log("logged\n")
        return request_of(event)

    edge.attach(look, "viewer-request")
    assert edge.get("/").edge.functions[0].log == "logged\n"
    edge.get("/")
    first, second = seen
    assert (first.function_name, first.function_version) == ("us-east-1.look", "1")
    assert first.invoked_function_arn.endswith(":function:look:1")
    assert first.memory_limit_in_mb == "128"
    assert first.get_remaining_time_in_millis() == 5000
    assert len(first.aws_request_id) == 36
    assert first.aws_request_id != second.aws_request_id


def test_what_is_said_is_heard_once_more(
    edge: VirtualEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    def talk(event: Any, context: Any) -> Any:
        print("out")
        print("err", file=sys.stderr, flush=True)
        logging.getLogger("talk").error("logged %s", 1)
        logging.getLogger("talk").info("not even on Lambda, unless it is asked to")
        return request_of(event)

    edge.attach(talk, "viewer-request")
    assert edge.get("/").edge.functions[0].log == "out\nerr\n[ERROR]\tlogged 1\n"
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("out\n", "err\n")


RESULTS = [
    (None, "it returned"),
    ({"status": 200.5}, "status"),
    ({"status": "200", "body": b"x"}, "bytes is not JSON serializable"),
    (b"x", "it returned bytes"),
    ({1, 2}, "Runtime.MarshalError"),
]


class TestFailures:
    def test_a_handler_that_raises(self, edge: VirtualEdge) -> None:
        def boom(event: Any, context: Any) -> Any:
            print("about to")
            raise KeyError("user")

        edge.attach(boom, "origin-request")
        response = edge.get("/")
        assert (response.status_code, response.edge.result_type) == (503, "LambdaExecutionError")
        failure = response.edge.failure
        assert failure is not None
        assert failure.where == "function boom at origin-request"
        assert failure.what.startswith("KeyError: 'user' (")
        assert failure.what.endswith(line_of(boom, 2))
        assert isinstance(failure.__cause__, KeyError)
        assert response.edge.functions[0].result is failure
        assert "| about to" in str(response.edge)
        assert "failed: function boom at origin-request: KeyError" in str(response.edge)

    @pytest.mark.parametrize("error", [StopIteration(), SystemExit(3), RuntimeError("x")])
    def test_whatever_it_raises(self, edge: VirtualEdge, error: BaseException) -> None:
        def boom(event: Any, context: Any) -> Any:
            raise error

        edge.attach(boom, "viewer-request")
        response = edge.get("/")
        assert response.status_code == 503
        assert type(error).__name__ in str(response.edge.failure)
        assert line_of(boom) in str(response.edge.failure)

    def test_a_test_that_fails_within_a_handler_fails(self, edge: VirtualEdge) -> None:
        edge.attach(lambda event, context: pytest.fail("enough"), "viewer-request")
        with pytest.raises(pytest.fail.Exception, match="enough"):
            edge.get("/")

    @pytest.mark.parametrize(("result", "said"), RESULTS, ids=str)
    def test_a_result_that_is_refused(self, edge: VirtualEdge, result: Any, said: str) -> None:
        def odd(event: Any, context: Any) -> Any:
            return result

        edge.attach(odd, "viewer-request")
        response = edge.get("/")
        assert response.status_code in (502, 503)
        assert said in str(response.edge.failure)
        assert "function odd at viewer-request" in str(response.edge.failure)

    def test_a_handler_is_no_coroutine(self, edge: VirtualEdge) -> None:
        async def later(event: Any, context: Any) -> Any:
            return request_of(event)

        edge.attach(later, "viewer-request")
        failure = edge.get("/").edge.failure
        assert "coroutine is not JSON serializable" in str(failure)
        assert line_of(later, 0) in str(failure)


@edgesim.viewer_request
def greet(request: Request) -> Request | Response:
    print("greeting", request.path)
    if request.path == "/hello":
        return Response(200, body=b"hello")
    return request.with_headers(request.headers.with_("X-Greeted", "yes"))


@edgesim.viewer_request
async def greet_later(request: Request) -> Request | Response:
    await asyncio.sleep(0)
    return request.with_headers(request.headers.with_("X-Visitor", VISITOR.get()))


def test_a_decorated_function(edge: VirtualEdge) -> None:
    edge.attach(greet)
    edge.origin("app").respond("/", text="page")
    response = edge.get("/hello")
    assert (response.text, response.edge.functions[0].log) == ("hello", "greeting /hello\n")
    assert edge.get("/").text == "page"
    assert edge.origin("app").requests[0].headers.get("x-greeted") == "yes"


async def test_an_async_one_in_an_async_test(edge: VirtualEdge) -> None:
    VISITOR.set("Ada")
    edge.attach(greet_later)
    edge.origin("app").respond("/", text="page")
    assert edge.get("/").text == "page"
    assert edge.origin("app").requests[0].headers.get("x-visitor") == "Ada"


def test_an_async_one_has_its_time_limit(edge: VirtualEdge) -> None:
    @edgesim.viewer_request
    async def hang(request: Request) -> Request:
        await asyncio.Event().wait()
        return request

    edge.attach(hang, timeout_s=0.01)
    response = edge.get("/")
    assert isinstance(response.edge.failure, FunctionTimeout)
    assert response.edge.failure.what == "Task timed out after 0.01 seconds"


def test_a_decorated_function_that_raises(edge: VirtualEdge) -> None:
    @edgesim.origin_response
    async def boom(response: Response) -> Response:
        raise TimeoutError("the database")

    edge.attach(boom)
    edge.origin("app").respond("/")
    failure = edge.get("/").edge.failure
    assert "boom at origin-response: TimeoutError: the database (" in str(failure)
    assert line_of(boom, 2) in str(failure)


def test_a_decorated_function_that_mixes_them_up(edge: VirtualEdge) -> None:
    @edgesim.viewer_response
    def confused(request: Request, response: Response) -> Any:
        return request

    edge.attach(confused)
    edge.origin("app").respond("/")
    failure = edge.get("/").edge.failure
    assert isinstance(failure, InvalidFunctionResult)
    assert failure.where == "function confused at viewer-response"


@shop
def test_a_function_of_a_configuration(edge: VirtualEdge) -> None:
    edge.origin("pages").respond(text="page")
    first, second = edge.get("/a"), edge.get("/b")
    (run,) = first.edge.functions
    assert (run.function, run.trigger) == ("stamp", "origin-request")
    assert run.log == "stamped 1\n[WARNING]\tthat was 1\n"
    assert request_of(run.event)["uri"] == "/a"
    stamps = [request.headers.get("x-stamp") for request in edge.origin("pages").requests]
    assert stamps == ["number 1", "number 2"]
    assert second.edge.functions[0].log.startswith("stamped 2")
    assert "stamp_words" not in sys.modules


@shop
def test_every_edge_loads_its_functions_anew(edge: VirtualEdge) -> None:
    edge.origin("pages").respond(text="page")
    edge.get("/a")
    assert edge.origin("pages").requests[0].headers.get("x-stamp") == "number 1"


@shop
def test_behaviors_and_origins_of_a_configuration(edge: VirtualEdge) -> None:
    edge.origin("api").respond("/api/*", json={"ok": True})
    assert edge.get("/api/x").json() == {"ok": True}
    assert edge.get("/api/x").edge.functions == []
    assert edge.origin("api").calls == 2
    edge.origin("pages").hang()
    assert 5 < edge.get("/").edge.seconds < 6, "the configuration's response_timeout_s"
