"""What one warm invocation costs, through the live proxy, beside a bare pipe to the same program.

    python -m bench.bench_functions [--requests 3000] [--rounds 3]

One edge in this process, loaded by wrk-like viewers on a second process. CPU is that of the edge
alone, its children's aside (`getrusage`), and of each request that of the same cached page without
a function is taken off: what is left is what the function adds. A hit without functions takes the
fast lane, which no function does; `added to it` is beside the same page on the ordinary path. The
latencies are a viewer's. The pipe is the least that any process could cost: 1,000 bytes each way,
blocking.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import uvloop

from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.function_event import viewer_event
from edgesim.cloudfront.lambda_event import Json, request_event
from edgesim.config.resolve import load
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.live.server import LiveServer
from edgesim.runtimes import FunctionSet
from edgesim.runtimes.node import installed_node
from edgesim.runtimes.table import HOSTS, RUNTIMES

AT = Trigger.VIEWER_REQUEST
HEADERS = Headers([("Host", "bench.localhost"), ("User-Agent", "bench"), ("Accept", "*/*")])
NONE, FAST = "ordinary path", "fast lane"
PYTHON = "def handler(event, context):\n    return event['Records'][0]['cf']['request']\n"
NODE = "export const handler = async (event) => event.Records[0].cf.request;\n"
INLINE = """
from edgesim.functions import viewer_request
@viewer_request
def handler(request):
    return request
"""
CLOUDFRONT_JS = "function handler(event) { return event.request; }\n"
KINDS = {
    "in-process Python": ("inline", "index.py", INLINE),
    "Python child": ("python3.12", "index.py", PYTHON),
    "Node.js child": ("nodejs22.x", "index.mjs", NODE),
    "CloudFront Function": ("cloudfront-js-2.0", "index.js", CLOUDFRONT_JS),
}
CONFIGURATION = """
[origins.files]
folder = "files"
{functions}
[default_behavior]
origin = "files"
cache_policy = "CachingOptimizedForUncompressedObjects"
{behaviors}
"""
FUNCTION = (
    '[functions.{name}]\ncode = "{name}{file}"\nhandler = "index.handler"\nruntime = "{runtime}"\n'
)
BEHAVIOR = (
    '[[behaviors]]\npath_pattern = "/{name}/*"\norigin = "files"\n'
    'cache_policy = "CachingOptimizedForUncompressedObjects"\nviewer_request = "{name}"\n'
)
ECHO_PYTHON = """
import socket, sys
pipe = socket.socket(fileno=int(sys.argv[1]))
while data := pipe.recv(65536): pipe.sendall(data)
"""
ECHO_NODE = """
const { Socket } = require("node:net"); const fs = require("node:fs");
const fd = Number(process.argv[1]); const pipe = new Socket({ fd });
pipe.on("data", (data) => fs.writeSync(fd, data)); pipe.on("end", () => process.exit());
"""
VIEWER = """
import asyncio, sys, time
port, path, requests, flights = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
lines = ["Host: bench.localhost", "User-Agent: bench", "Accept: */*", *sys.argv[5:]]
head = "\\r\\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()
took = []
async def viewer(count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        began = time.perf_counter()
        writer.write(head)
        answer = await reader.readuntil(b"\\r\\n\\r\\n")
        assert b" 200 " in answer[:20], answer
        at = answer.lower().index(b"content-length:") + 15
        await reader.readexactly(int(answer[at:answer.index(b"\\r", at)]))
        took.append(time.perf_counter() - began)
    writer.close()
async def main():
    await asyncio.gather(*[viewer(requests // flights) for _ in range(flights)])
import uvloop
uvloop.run(main())
took.sort()
print(took[len(took) // 2] * 1e6, took[int(len(took) * 0.99)] * 1e6, len(took))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """µs: of a viewer's wait the median and the 99th percentile, and of the edge's CPU."""

    p50: float
    p99: float
    cpu: float


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def loaded(port: int, path: str, requests: int, flights: int, *lines: str) -> Row:
    viewer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VIEWER, str(port), path, str(requests), str(flights),
        *lines, stdout=subprocess.PIPE,
    )  # fmt: skip
    before = cpu_s()
    out, _ = await viewer.communicate()
    if viewer.returncode:
        raise SystemExit(f"{path}: the viewer failed")
    p50, p99, count = map(float, out.split())
    return Row(p50, p99, (cpu_s() - before) / count * 1e6)


def pipe_us(command: Sequence[str], requests: int) -> tuple[float, float]:
    """Median and 99th percentile of a blocking round trip, in µs."""
    ours, theirs = socket.socketpair()
    with theirs:
        child = subprocess.Popen([*command, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    data, took = b"x" * 1000, []
    for _ in range(requests):
        began = time.perf_counter()
        ours.sendall(data)
        left = len(data)
        while left:
            left -= len(ours.recv(65536))
        took.append(time.perf_counter() - began)
    ours.close()
    child.wait(timeout=10)
    took.sort()
    return took[len(took) // 2] * 1e6, took[int(len(took) * 0.99)] * 1e6


def available() -> dict[str, tuple[str, str, str]]:
    """The kinds of functions that this edgesim can run here."""
    known = (*HOSTS, *RUNTIMES)
    node = installed_node()
    return {
        name: kind
        for name, kind in KINDS.items()
        if kind[0].startswith(known) and (node or not kind[0].startswith("nodejs"))
    }


def configured(folder: Path, kinds: dict[str, tuple[str, str, str]]) -> Path:
    functions, behaviors = "", ""
    for number, (runtime, file, source) in enumerate(kinds.values()):
        name = f"f{number}"
        (folder / name).mkdir()
        (folder / name / file).write_text(source)
        single = f"/{file}" if runtime.startswith("cloudfront") else ""
        functions += FUNCTION.format(name=name, runtime=runtime, file=single)
        behaviors += BEHAVIOR.format(name=name)
    for name in ("plain", *(f"f{number}" for number in range(len(kinds)))):
        (folder / "files" / name).mkdir(parents=True)
        (folder / "files" / name / "page").write_bytes(b"x" * 1000)
    path = folder / "edgesim.toml"
    path.write_text(CONFIGURATION.format(functions=functions, behaviors=behaviors))
    return path


async def measured(
    path: Path, kinds: Sequence[str], requests: int, rounds: int
) -> dict[tuple[str, int], list[Row]]:
    server = LiveServer(explains=False)
    await server.deploy(load(path))
    port = await server.listen("127.0.0.1", 0)
    found: dict[tuple[str, int], list[Row]] = {}
    paths = {FAST: "/plain/page", NONE: "/plain/page"}
    paths |= {kind: f"/f{at}/page" for at, kind in enumerate(kinds)}
    for target in paths.values():
        await loaded(port, target, 64, 32)
    gc.collect()
    for _ in range(rounds):
        for flights in (1, 32):
            for name, target in paths.items():
                lines = ["Content-Length: 0"] if name == NONE else []
                row = await loaded(port, target, requests, flights, *lines)
                found.setdefault((name, flights), []).append(row)
    await server.stop()
    return found


async def alone(path: Path, kinds: Sequence[str], requests: int, rounds: int) -> None:
    """Prints what an invocation by itself costs the edge: from event to result, no HTTP."""
    deployment = load(path)
    functions = await FunctionSet.start(deployment.functions, lambda _: None)
    request, distribution = Request("GET", "/page", HEADERS), deployment.distribution
    print("\nan invocation alone, edge CPU")
    for flights in (1, 8):
        for at, kind in enumerate(kinds):
            function = deployment.function(f"f{at}")
            assert function is not None
            made = viewer_event if function.is_cloudfront_function else request_event
            event = made(distribution, AT, request, "192.0.2.1", "id")
            found = []
            for _ in range(rounds):
                before = cpu_s()

                async def several(
                    function: Function = function, event: Json = event, flights: int = flights
                ) -> None:
                    for _ in range(requests // flights):
                        await functions.invoke(function, AT, event)

                await asyncio.gather(*[several() for _ in range(flights)])
                found.append((cpu_s() - before) / requests * 1e6)
            print(
                f"{kind:22} {flights} in flight  {median(found):6.1f} µs, least {min(found):6.1f}"
            )
    await functions.retire(None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    kinds, node = available(), installed_node()
    print(f"{platform.machine()}, Python {platform.python_version()}, Node.js "
          f"{node.version if node else 'none'}")  # fmt: skip
    pipes = {"pipe to Python": [sys.executable, "-I", "-c", ECHO_PYTHON]}
    if node:
        pipes["pipe to Node.js"] = [node.program, "-e", ECHO_NODE]
    for name, command in pipes.items():
        p50, p99 = pipe_us(command, options.requests)
        print(f"{name:22} p50 {p50:7.0f} µs  p99 {p99:7.0f} µs")
    with tempfile.TemporaryDirectory() as name:
        path = configured(Path(name), kinds)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(alone(path, list(kinds), options.requests, options.rounds))
            found = runner.run(measured(path, list(kinds), options.requests, options.rounds))
    for flights in (1, 32):
        print(f"\n{flights} in flight; medians of {options.rounds} rounds")
        for kind in (FAST, NONE, *kinds):
            rows = found[kind, flights]
            p50, p99, cpu = (median(getattr(row, of) for row in rows) for of in Row.__slots__)
            pairs = zip(rows, found[NONE, flights], strict=True)
            added = median(row.cpu - plain.cpu for row, plain in pairs)
            text = f"{kind:22} p50 {p50:7.0f} µs  p99 {p99:7.0f} µs  edge CPU {cpu:6.1f} µs"
            print(text + (f"  added to it {added:6.1f} µs" if kind in kinds else ""))


if __name__ == "__main__":
    main()
