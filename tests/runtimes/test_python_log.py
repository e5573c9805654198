"""What a function says reaches the log, in order and with its invocation."""

from __future__ import annotations

import re

import pytest

from edgesim.errors import FunctionError

from .conftest import Run

TALKATIVE = """
    import logging, sys
    print("loading")
    def handler(event, context):
        print("one")
        print("two", file=sys.stderr)
        logging.warning("three %s", event["n"])
        logging.info("below the level")
        print("four\\nfive")
        print("six", end="")
        return {}
"""


async def test_print_stderr_and_logging_in_the_order_in_which_they_were_said(run: Run) -> None:
    fn = run(TALKATIVE)
    await fn({"n": 3})
    logged = fn.texts[3]
    assert fn.texts == ["loading", "one", "two", logged, "four", "five", "six"]
    form = r"\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t([0-9a-f-]{36})\tthree 3"
    match = re.fullmatch(form, logged)
    assert match is not None
    assert {(line.trigger, line.request_id) for line in fn.said[1:]} == {
        ("viewer-request", match[1])
    }
    assert (fn.said[0].function, fn.said[0].trigger) == ("fn", "")


async def test_what_goes_past_python_is_heard_too(run: Run) -> None:
    source = """
        import os, subprocess
        def handler(event, context):
            os.write(1, b"raw\\n")
            subprocess.run(["echo", "from a program"], check=True)
            os._exit(1)
    """
    fn = run(source)
    with pytest.raises(FunctionError) as raised:
        await fn()
    assert fn.texts == ["raw", "from a program"]
    assert raised.value.log == ("raw", "from a program")


async def test_an_exception_is_logged_and_its_error_has_the_last_lines(run: Run) -> None:
    source = """
        def handler(event, context):
            for n in range(100):
                print(n)
            raise ValueError("no")
    """
    fn = run(source)
    with pytest.raises(FunctionError) as raised:
        await fn()
    log = raised.value.log
    assert log[-4:-2] == ("[ERROR] ValueError: no", "Traceback (most recent call last):")
    assert re.fullmatch(r'  File ".*/fn/index\.py", line 5, in handler', log[-2])
    assert log[-5] == "99"
    assert len(log) == 20


async def test_a_flood_arrives_whole_and_blocks_nobody(run: Run) -> None:
    source = """
        def handler(event, context):
            for n in range(20_000):
                print("line", n)
            print("x" * 1_000_000)
            return {}
    """
    fn = run(source)
    assert await fn() == {}
    assert fn.texts[:20_000] == [f"line {n}" for n in range(20_000)]
    assert "".join(fn.texts[20_000:]) == "x" * 1_000_000
