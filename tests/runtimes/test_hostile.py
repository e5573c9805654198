"""What a function may do to itself costs one request its status, and the edge nothing.

Each case through a live edge and a real process: the answer, then a second request that is served,
and nothing left running once the edge has stopped (`no_process_left`).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from edgesim.config.resolve import load
from edgesim.http.message import Response
from tests.live.edge import InMemory, field_of, live_edge
from tests.needed import node_or_skip

CONFIGURATION = """
[origins.app]
url = "http://127.0.0.1:9"

[functions.hostile]
code = "hostile"
handler = "index.handler"
runtime = "RUNTIME"
timeout_s = 1

[default_behavior]
origin = "app"
cache_policy = "CachingDisabled"
viewer_request = "hostile"
"""

PYTHON = """
import os, signal, subprocess, sys, threading, time
def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["uri"] != "/bad":
        return request
    {does}
    return request
"""
DAEMON = "import os, sys, time; os.setsid(); print('up', flush=True); time.sleep(600)"
PYTHON_CASES = [
    # what it does, status, in the log, why
    ("time.sleep(600)", 503, "Task timed out after 1.00 seconds", "it hangs"),
    ("while True: pass", 503, "Task timed out", "it loops"),
    ("signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(600)", 503,
     "Task timed out", "it hangs and is deaf"),
    ("os._exit(0)", 503, "Runtime.ExitError: exit status 0", "it exits"),
    ("sys.exit(7)", 503, "exit status 7", "it exits politely"),
    ("os.kill(os.getpid(), 9)", 503, "signal: killed", "it kills its process"),
    ("os.kill(os.getppid(), 0); os.abort()", 503, "signal: aborted", "it crashes"),
    ("os.fork()", 200, "", "both of it return, and only one is heard"),
    ("os.fork() or time.sleep(600)", 200, "", "its child stays"),
    ("os.fork() or os.execv('/bin/sleep', ['sleep', '600'])", 200, "", "as another program"),
    (f"subprocess.Popen([sys.executable, '-c', {DAEMON!r}], stdout=-1).stdout.readline()", 200, "",
     "its child leaves the session"),
    ("threading.Thread(target=time.sleep, args=(600,)).start()", 200, "", "a thread stays"),
    ("[print('x' * 1000) for _ in iter(int, 1)]", 503, "Task timed out", "it floods stdout"),
    ("[os.write(1, b'x' * 65536) for _ in iter(int, 1)]", 503, "Task timed out", "past Python too"),
    ("return {'status': '200', 'body': 'x' * 100_000_000}", 503, "Runtime.ExitError: signal: kill",
     "100 MB are returned"),
    ("return {'status': '200', 'body': 'x' * 10_000_000}", 503, "6291456 bytes", "10 MB are"),
    ("return {'status': '200', 'body': 'x' * 50_000}", 502, "", "40 KB are the limit here"),
    ("kept = [bytearray(10**6) for _ in iter(int, 1)]", 503, "out of memory", "it takes it all"),
    ("kept = bytearray(150_000_000); del kept", 503, "out of memory", "it took it for a moment"),
    ("kept = bytearray(150_000_000); time.sleep(600)", 503, "out of memory", "and while it runs"),
    ("os.closerange(3, 100)", 503, "Runtime.ExitError", "it closes what is not its own"),
    ("os.dup2(os.open('/dev/null', os.O_RDWR), 1); print('x')", 200, "", "its stdout"),
    ("raise KeyboardInterrupt", 503, "Runtime.ExitError", "no Exception at all"),
    ("sys.setrecursionlimit(10**9); f = lambda: f(); f()", 503, "", "it recurses"),
    ("a = []; a.append(a); return a", 503, "Runtime.MarshalError", "a cycle"),
]  # fmt: skip

NODE = """
import child_process from "node:child_process";
import fs from "node:fs";
const forever = () => new Promise((ok) => setTimeout(ok, 600_000));
export const handler = async (event) => {{
  const request = event.Records[0].cf.request;
  if (request.uri !== "/bad") return request;
  {does};
  return request;
}};
"""
NODE_CASES = [
    ("await forever()", 503, "Task timed out after 1.00 seconds", "it hangs"),
    ("while (true);", 503, "Task timed out", "it loops"),
    ("process.on('SIGTERM', () => {}); await forever()", 503, "Task timed out", "and is deaf"),
    ("await new Promise(() => {})", 503, "Runtime.NodeJsExit", "it waits for nothing"),
    ("process.exit(0)", 503, "Runtime.ExitError: exit status 0", "it exits"),
    ("process.kill(process.pid, 'SIGKILL')", 503, "signal: killed", "it kills its process"),
    ("process.abort()", 503, "signal: aborted", "it crashes"),
    ("child_process.spawn('sleep', ['600'])", 200, "", "its child stays"),
    ("child_process.spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref()", 200, "",
     "its child leaves the session"),
    ("setInterval(() => {}, 1)", 200, "", "a timer stays"),
    ("while (true) console.log('x'.repeat(1000))", 503, "Task timed out", "it floods stdout"),
    ("while (true) fs.writeSync(1, 'x'.repeat(65536))", 503, "", "past Node.js too"),
    ("return { status: '200', body: 'x'.repeat(100_000_000) }", 503, "",
     "100 MB are returned"),
    ("return { status: '200', body: 'x'.repeat(50_000) }", 502, "", "40 KB are the limit here"),
    ("const kept = []; while (true) kept.push(Array(1000).fill(Math.random()))", 503,
     "Runtime.ExitError: signal: ", "it takes all memory, of V8 perhaps before ours"),
    ("const kept = Buffer.alloc(150_000_000, 1); await forever(kept)", 503, "out of memory",
     "outside the heap too"),
    ("for (let fd = 3; fd < 100; fd++) try { fs.closeSync(fd) } catch {}", 503, "",
     "it closes what is not its own"),
    ("Promise.reject(new Error('no'))", 503, "UnhandledPromiseRejection", "nobody handles it"),
    ("const f = () => f(); f()", 503, "RangeError", "it recurses"),
    ("globalThis.JSON = {}; globalThis.Buffer = {}", 200, "", "it breaks the globals"),
]  # fmt: skip


async def survives(folder: Path, source: str, runtime: str, status: int, logged: str) -> None:
    configuration = CONFIGURATION.replace("RUNTIME", runtime)
    (folder / "edgesim.toml").write_text(configuration)
    (folder / "hostile").mkdir()
    ending = "py" if runtime.startswith("python") else "mjs"
    (folder / f"hostile/index.{ending}").write_text(dedent(source))
    origin = InMemory(lambda request: Response(200, body=request.path.encode()))
    async with live_edge(origin, load(folder / "edgesim.toml")) as edge:
        connection = await edge.connect()
        response, body = await connection.ask("GET", "/bad")
        assert response.status_code == status
        if status == 503:
            assert field_of(response, "x-cache") == "LambdaExecutionError from cloudfront"
            assert b"is invalid or doesn&#x27;t have the required permissions" in body
        for path in ("/good", "/better"):
            response, body = await connection.ask("GET", path)
            assert (response.status_code, body) == (200, path.encode())
        await connection.close()
    failures = [str(one.served.failure) for one in edge.watching.visits if one.served.failure]
    assert len(failures) == (status != 200)
    assert logged in "".join(failures)
    assert edge.watching.crashes == []


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory is counted on Linux only")


@linux_only
@pytest.mark.parametrize(
    ("does", "status", "logged", "why"), PYTHON_CASES, ids=lambda v: str(v)[:40]
)
async def test_python(tmp_path: Path, does: str, status: int, logged: str, why: str) -> None:
    async with asyncio.timeout(20):
        await survives(tmp_path, PYTHON.format(does=does), "python3.12", status, logged)


@linux_only
@pytest.mark.parametrize(("does", "status", "logged", "why"), NODE_CASES, ids=lambda v: str(v)[:40])
async def test_node(tmp_path: Path, does: str, status: int, logged: str, why: str) -> None:
    node_or_skip()
    async with asyncio.timeout(20):
        await survives(tmp_path, NODE.format(does=does), "nodejs22.x", status, logged)


async def test_the_request_after_a_crash_shows_its_cold_start(tmp_path: Path) -> None:
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION.replace("RUNTIME", "python3.12"))
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile/index.py").write_text(PYTHON.format(does="os._exit(1)"))
    origin = InMemory(lambda request: Response(200))
    async with live_edge(origin, load(tmp_path / "edgesim.toml")) as edge:
        timings = [field_of(await edge.get(path), "server-timing") for path in ("/bad", "/a", "/b")]
    shown = ['cold-start;desc="hostile";dur=' in (timing or "") for timing in timings]
    assert shown == [False, True, False], "the first was warm from the start"
