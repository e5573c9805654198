"""What a handler meets, and what becomes of what it does; each case in a real process."""

from __future__ import annotations

import re
import sys

import pytest

from edgesim.cloudfront.function import Function
from edgesim.errors import FunctionError, InvalidFunctionResult
from edgesim.runtimes.code import located
from edgesim.runtimes.reserved import reserved_variables

from .conftest import Run, Write

ERRORS = [
    # code, (part of) what is said, why
    ("def handler(event, context): raise KeyError('cf')", "KeyError: 'cf' (", "it raises"),
    ("def handler(event, context):\n    import json\n    json.loads('{')", ":3)", "in a library"),
    ("async def handler(event, context): pass", "coroutine is not JSON", "no async on Lambda"),
    ("def handler(event, context): return {1, 2}", "set is not JSON", "no JSON"),
    ("def handler(event, context):\n    a = []; a.append(a); return a", "Circular", "no JSON"),
    ("def handler(event, context): return 'x' * 7_000_000", "6291456 bytes", "Lambda's limit"),
    ("import os\ndef handler(event, context): os._exit(3)", "exit status 3", "it exits"),
    ("import sys\ndef handler(event, context): sys.exit()", "exit status 0", "it exits politely"),
    ("import os\ndef handler(event, context): os.abort()", "signal: aborted", "it crashes"),
    ("def handler(event, context): return bytearray(4_000_000_000)", "MemoryError", "its limit"),
    ("def handler(): pass", "TypeError: handler() takes 0 positional arguments", "no parameters"),
    ("def handle(event, context): pass", "Runtime.HandlerNotFound: Handler 'handler'", "name"),
    ("def handler(event, context):\n    return (", "Runtime.UserCodeSyntaxError", "syntax"),
    ("import nowhere", "Runtime.ImportModuleError: Unable to import module 'index'", "import"),
    ("1 / 0", "ZeroDivisionError: division by zero", "it raises while imported"),
    ("import sys; sys.exit(4)", "Runtime.ExitError: exit status 4", "it exits while imported"),
]


@pytest.mark.parametrize(("code", "what", "why"), ERRORS, ids=lambda v: str(v)[-30:])
async def test_what_goes_wrong_is_an_error_that_says_where(
    run: Run, code: str, what: str, why: str
) -> None:
    if sys.platform != "linux" and what == "MemoryError":
        pytest.skip("memory is limited on Linux only")
    fn = run(code)
    with pytest.raises(FunctionError) as raised:
        await fn()
    error = raised.value
    assert what in error.what, why
    assert error.where == "function fn at viewer-request"
    assert error.status == 503
    assert error.hint or error.what.endswith(")"), "a hint, or else a file and line"
    if "Runtime.ExitError" not in error.what:
        assert re.search(r"fn/index\.py:[1-9]", error.what) or "HandlerNotFound" in error.what


PLACES = [
    ("def handler(event, context):\n    x = (\n    return x", "index.py:2)", "'(' never closed"),
    ("\n\nraise ValueError('no')", "index.py:3)", "the line that raises"),
    ("from other import x", "index.py:1)", "the import that fails"),
]


@pytest.mark.parametrize(("code", "place", "why"), PLACES)
async def test_starting_names_the_line(run: Run, code: str, place: str, why: str) -> None:
    fn = run(code)
    with pytest.raises(FunctionError) as raised:
        await fn.pool.start()
    assert raised.value.where == "function fn"
    assert raised.value.what.endswith(place), why
    assert fn.pool.size == 0


HANDLERS = [
    ("index", "Runtime.MalformedHandlerName", "no dot"),
    ("sys.exit", "Runtime.BuiltInModuleConflict", "part of the interpreter"),
    ("elsewhere.handler", "No module named 'elsewhere'", "no such file"),
]


@pytest.mark.parametrize(("handler", "what", "why"), HANDLERS)
async def test_handlers_that_name_nothing(run: Run, handler: str, what: str, why: str) -> None:
    with pytest.raises(FunctionError) as raised:
        await run("def handler(event, context): pass", handler=handler)()
    assert what in raised.value.what, why


@pytest.mark.parametrize("handler", ["pkg/main.on_request", "pkg.main.on_request"])
async def test_a_module_may_lie_deeper_and_import_what_lies_beside_it(
    run: Run, write: Write, handler: str
) -> None:
    write("NAME = 'vendored'", "requests.py")
    source = "import requests\ndef on_request(event, context): return {'name': requests.NAME}"
    write(source, "pkg/main.py")
    assert await run("", handler=handler)() == {"name": "vendored"}


async def test_a_file_is_the_module_of_its_own_name(run: Run, write: Write) -> None:
    function = write("def run(event, context): return {'ran': __name__}", "ab.py")
    fn = run("", code=f"{function.code}/ab.py", handler="index.run")
    assert await fn() == {"ran": "ab"}


def test_code_that_is_not_there() -> None:
    with pytest.raises(FunctionError, match="there is no file or folder 'nowhere'") as raised:
        located(Function("fn", code="nowhere"))
    assert raised.value.where == "function fn"


async def test_bytes_reach_cloudfront_which_cannot_read_them(run: Run) -> None:
    with pytest.raises(InvalidFunctionResult, match="it returned bytes") as raised:
        await run("def handler(event, context): return b'{}'")()
    assert "not parsable" in raised.value.page
    assert raised.value.status == 502


CONTEXT = """
    def handler(event, context):
        shown = {name: getattr(context, name) for name in (
            "aws_request_id", "function_name", "function_version", "invoked_function_arn",
            "memory_limit_in_mb", "log_group_name", "log_stream_name", "client_context",
            "tenant_id")}
        context.log("said by context.log\\n")
        shown["remaining"] = context.get_remaining_time_in_millis()
        shown["identity"] = [context.identity.cognito_identity_id,
                             context.identity.cognito_identity_pool_id]
        return shown
"""


async def test_the_context_is_lambdas(run: Run) -> None:
    fn = run(CONTEXT, timeout_s=2.0)
    shown, again = await fn(), await fn()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown["aws_request_id"])
    assert shown["aws_request_id"] != again["aws_request_id"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[1\][0-9a-f]{32}", shown["log_stream_name"])
    assert 0 <= shown["remaining"] <= 2000
    expected = {
        "function_name": "us-east-1.fn",
        "function_version": "1",
        "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:fn:1",
        "memory_limit_in_mb": "128",
        "log_group_name": "/aws/lambda/us-east-1.fn",
        "client_context": None,
        "tenant_id": None,
        "identity": [None, None],
    }
    assert expected.items() <= shown.items()
    assert fn.texts == ["said by context.log"] * 2


async def test_the_environment_is_the_reserved_variables_and_nothing_else(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "the-developers-own")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    function = write(source)
    expected = reserved_variables(function, located(function))
    seen = await run(source)()
    stream = "AWS_LAMBDA_LOG_STREAM_NAME"
    assert seen == expected | {stream: seen[stream]}
    assert seen["LAMBDA_TASK_ROOT"] == function.code


async def test_the_module_is_loaded_once_and_stays(run: Run) -> None:
    fn = run(
        """
        calls = []
        def handler(event, context):
            calls.append(event["n"])
            return calls
        """
    )
    assert [await fn({"n": n}) for n in range(3)] == [[0], [0, 1], [0, 1, 2]]


async def test_nothing_it_does_to_its_files_is_left_in_the_code_folder(
    run: Run, write: Write
) -> None:
    function = write("")
    await run("def handler(event, context): return {}")()
    assert [path.name for path in located(function).folder.iterdir()] == ["index.py"]
