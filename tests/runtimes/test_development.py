"""Conditions for those who look inside: this process, an inspector, an SDK, slow starts."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from textwrap import dedent

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.errors import FunctionError, InvalidFunctionResult
from edgesim.runtimes import cold_start
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.conditions import Conditions
from edgesim.runtimes.node import free_port, node_host
from edgesim.runtimes.report import Report
from edgesim.runtimes.table import runtime_for
from tests.needed import node_or_skip

from .conftest import Write

AT = Trigger.VIEWER_REQUEST
ROOT = Path(__file__).parents[2]
CONFIGURATION = """
[origins.app]
url = "http://127.0.0.1:9"
[functions.fn]
code = "fn"
[default_behavior]
origin = "app"
viewer_request = "fn"
"""
STOPS = """
    def handler(event, context):
        answer = 6 * 7
        breakpoint()
        return {"status": str(answer * 10)}
"""


def test_a_breakpoint_stops_in_the_users_code(write: Write, tmp_path: Path) -> None:
    write(STOPS)
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edgesim", "invoke", "fn", "--debug"]
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = ""

    def until(words: str) -> None:
        nonlocal said
        deadline = time.monotonic() + 30
        while words not in said:
            assert select.select([ours], [], [], deadline - time.monotonic())[0], said
            said += os.read(ours, 4096).decode()

    try:
        until("(Pdb)")
        assert "fn/index.py(4)handler()" in said.replace("index.py(5)", "index.py(4)")
        os.write(ours, b"p answer, context.function_name\n")
        until("(42, 'us-east-1.fn')")
        os.write(ours, b"c\n")
        until('"status": "420"')
        until("accepted")
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


async def debugged(function: Function, event: object = None) -> tuple[object, list[object]]:
    told: list[object] = []
    runtime = runtime_for(function, told.append, Conditions(debug=True))
    await runtime.start(function)
    try:
        return await runtime.invoke(function, AT, {} if event is None else event), told  # type: ignore[arg-type]
    finally:
        await runtime.stop()


async def test_debugged_it_is_called_as_in_its_own_process(write: Write) -> None:
    write("NAME = 'vendored'", "beside.py")
    source = """
        import os, beside
        def handler(event, context):
            return {"pid": os.getpid(), "name": beside.NAME, "n": event["n"],
                    "stream": context.log_stream_name, "memory": context.memory_limit_in_mb}
    """
    result, told = await debugged(write(source), {"n": (1, 2)})
    assert isinstance(result, dict)
    assert result.pop("stream").startswith("20")
    assert result == {"pid": os.getpid(), "name": "vendored", "n": [1, 2], "memory": "128"}
    (report,) = told
    assert isinstance(report, Report)


REFUSED = [
    ("raise ValueError('no')", r"ValueError: no \(.*index\.py:2\)", "it raises"),
    ("return {1}", "Runtime.MarshalError", "no JSON"),
    ("return 'x' * 7_000_000", "6291456 bytes", "too large"),
    ("return b''", "it returned bytes", "not parsable"),
]


@pytest.mark.parametrize(("does", "what", "why"), REFUSED)
async def test_debugged_it_fails_as_in_its_own_process(
    write: Write, does: str, what: str, why: str
) -> None:
    with pytest.raises(FunctionError, match=what):
        await debugged(write(f"def handler(event, context):\n    {does}"))
    assert issubclass(InvalidFunctionResult, FunctionError)


async def test_the_inspector_names_the_users_file(write: Write) -> None:
    node_or_skip()
    function = write(
        "export const handler = async (event) => event", "index.mjs",
        runtime="nodejs22.x", handler="index.handler", timeout_s=0.2,
    )  # fmt: skip
    port = free_port(9329)
    said: list[LogLine | Report] = []
    runtime = runtime_for(function, said.append, Conditions(inspect_port=port))
    await runtime.start(function)
    try:
        assert await runtime.invoke(function, AT, {"a": 1}) == {"a": 1}
        url = f"http://127.0.0.1:{port}/json"
        answered = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
        (target,) = json.loads(answered)
        assert target["title"] == f"{function.code}/index.mjs"
        assert target["url"] == f"file://{function.code}/index.mjs"
        assert target["webSocketDebuggerUrl"].startswith(f"ws://127.0.0.1:{port}/")
        assert any(
            "Debugger listening on" in line.text for line in said if isinstance(line, LogLine)
        )
        assert free_port(port) != port, "the next function gets another one"
    finally:
        await runtime.stop()


def test_who_inspects_has_one_process_and_all_the_time(write: Write) -> None:
    node_or_skip()
    function = write("", "index.mjs", runtime="nodejs22.x")
    assert (node_host(function).environments, node_host(function).timed) == (10, True)
    host = node_host(function, Conditions(inspect_port=9229))
    assert (host.environments, host.timed) == (1, False)


SDK = [
    ("index.mjs", "import { name } from '@aws-sdk/client-s3';", "ES module"),
    ("index.js", "const { name } = require('@aws-sdk/client-s3');", "CommonJS"),
]


@pytest.mark.parametrize(("file", "line", "why"), SDK)
@pytest.mark.parametrize("own", [False, True])
async def test_the_sdk_comes_from_the_function_or_else_from_a_folder(
    write: Write, tmp_path: Path, file: str, line: str, why: str, own: bool
) -> None:
    node_or_skip()
    exports = "export const handler" if file.endswith(".mjs") else "exports.handler"
    function = write(f"{line}\n{exports} = async () => name;", file, runtime="nodejs22.x")
    places = {"sdk": tmp_path / "sdk"} | ({"fn": tmp_path / "fn"} if own else {})
    for name, place in places.items():
        package = place / "node_modules/@aws-sdk/client-s3"
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"main": "index.js"}))
        (package / "index.js").write_text(f"exports.name = 'from {name}';")
    conditions = Conditions(aws_sdk=str(tmp_path / "sdk"))
    runtime = runtime_for(function, lambda _: None, conditions)
    await runtime.start(function)
    try:
        assert await runtime.invoke(function, AT, {}) == f"from {'fn' if own else 'sdk'}", why
    finally:
        await runtime.stop()


async def test_a_folder_without_modules_is_no_sdk(write: Write, tmp_path: Path) -> None:
    node_or_skip()
    function = write("", "index.mjs", runtime="nodejs22.x")
    with pytest.raises(FunctionError, match="there is no node_modules in") as raised:
        node_host(function, Conditions(aws_sdk=str(tmp_path)))
    assert raised.value.where == "--aws-sdk"
    assert "npm install" in raised.value.hint


async def test_a_cold_start_lasts_as_long_as_on_aws(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cold_start, "MEDIAN_S", 0.5)
    monkeypatch.setattr(cold_start, "SIGMA", 0.0)
    function = write("def handler(event, context): return {}")
    told: list[LogLine | Report] = []
    runtime = runtime_for(function, told.append, Conditions(cold_starts=True))
    await runtime.start(function)
    await runtime.invoke(function, AT, {})
    await runtime.stop()
    (report,) = told
    assert isinstance(report, Report)
    assert report.init_s is not None
    assert 0.5 <= report.init_s < 2


def test_cold_starts_are_spread_as_people_report_them() -> None:
    drawn = sorted(cold_start.start_s(source) for source in [cold_start.as_on_aws()] * 2000)
    assert 0.15 < drawn[1000] < 0.25, "median"
    assert 0.6 < drawn[1980] < 1.0, "99th percentile"
    again = cold_start.start_s(cold_start.as_on_aws())
    assert again == cold_start.start_s(cold_start.as_on_aws()), "each run alike"


async def test_a_stack_points_into_the_source_that_was_compiled(
    write: Write, tmp_path: Path
) -> None:
    node_or_skip()
    source = dedent("""\
        type Event = { n: number };

        export const handler = async (event: Event): Promise<number> => {
          throw new Error("no");
        };
    """)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/index.ts").write_text(source)
    compiled = 'export const handler = async (event) => {\n  throw new Error("no");\n};\n'
    mapped = {
        "version": 3, "file": "index.mjs", "sources": ["../src/index.ts"], "names": [],
        "mappings": "AAEA,OAAO,MAAM,OAAO,GAAG,KAAK;EAC1B,MAAM,IAAI,MAAM;AAClB",
    }  # fmt: skip
    function = write(
        f"{compiled}//# sourceMappingURL=index.mjs.map\n", "index.mjs", runtime="nodejs22.x"
    )
    (tmp_path / "fn/index.mjs.map").write_text(json.dumps(mapped))
    runtime = runtime_for(function, lambda _: None)
    await runtime.start(function)
    try:
        with pytest.raises(FunctionError, match=r"Error: no \(.*/src/index\.ts:4\)"):
            await runtime.invoke(function, AT, {})
    finally:
        await runtime.stop()
