"""A day in the life: functions that leak, crash, hang and recover at random, behind a live edge.

    python -m bench.soak [--requests 200000] [--viewers 32] [--seed 1]

Every request carries its viewer's token and must be answered with it, or with CloudFront's page
for a function that failed. Checked: no request without an answer, no answer to another viewer, no
process left behind, the edge's memory flat. Exit status 1 if one of them is not so. Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import uvloop

from edgesim.config.resolve import load
from edgesim.live.server import LiveServer
from edgesim.runtimes.metrics import Metrics
from edgesim.runtimes.node import installed_node

FLAT_MB = 24.0
"""What the edge may have grown from the end of its first quarter to its end."""
ANSWER_S = 60.0

PYTHON = """
import os, time
leaked = []
def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    does, token = request["uri"].split("/")[2:4]
    if does == "leak": leaked.append(bytearray(4_000_000))
    if does == "exit": os._exit(1)
    if does == "kill": os.kill(os.getpid(), 9)
    if does == "hang": time.sleep(60)
    if does == "raise": raise ValueError(token)
    if does == "fork": os.fork()
    if does == "noise": print(token * 2000)
    return {"status": "200", "body": token}
"""
NODE = """
const leaked = [];
export const handler = async (event) => {
  const [, , does, token] = event.Records[0].cf.request.uri.split("/");
  if (does === "leak") leaked.push(Buffer.alloc(4_000_000, 1));
  if (does === "exit") process.exit(1);
  if (does === "kill") process.kill(process.pid, "SIGKILL");
  if (does === "hang") await new Promise((ok) => setTimeout(ok, 60_000));
  if (does === "raise") throw new Error(token);
  if (does === "fork") Promise.reject(new Error(token));
  if (does === "noise") console.log(token.repeat(2000));
  return { status: "200", body: token };
};
"""
INLINE = """
import asyncio
from edgesim.functions import viewer_request
from edgesim.http.message import Response
@viewer_request
async def handler(request):
    does, token = request.path.split("/")[2:4]
    if does == "hang": await asyncio.sleep(60)
    if does in ("raise", "exit", "kill"): raise ValueError(token)
    await asyncio.sleep(0)
    return Response(200, body=token.encode())
"""
KINDS = {
    "python": ("python3.12", "index.py", PYTHON),
    "node": ("nodejs22.x", "index.mjs", NODE),
    "inline": ("inline", "index.py", INLINE),
}
DOES = {
    "well": 0.95, "leak": 0.02, "noise": 0.01, "raise": 0.01, "fork": 0.003, "exit": 0.003,
    "kill": 0.003, "hang": 0.001,
}  # fmt: skip
ALWAYS_WELL = frozenset({"well", "noise"})
CONFIGURATION = """
[origins.app]
url = "http://127.0.0.1:9"
[default_behavior]
origin = "app"
"""
ONE = """
[functions.{name}]
code = "{name}"
handler = "index.handler"
runtime = "{runtime}"
timeout_s = 1
[[behaviors]]
path_pattern = "/{name}/*"
origin = "app"
cache_policy = "CachingDisabled"
viewer_request = "{name}"
"""


@dataclass
class Story:
    """What happened, and what should not have."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    answered: int = 0

    def wrong(self, what: str) -> None:
        if len(self.violations) < 100:
            self.violations.append(what)


def configured(folder: Path) -> tuple[Path, list[str]]:
    text, names = CONFIGURATION, []
    for name, (runtime, file, source) in KINDS.items():
        if runtime.startswith("nodejs") and installed_node() is None:
            continue
        names.append(name)
        (folder / name).mkdir()
        (folder / name / file).write_text(source)
        text += ONE.format(name=name, runtime=runtime)
    path = folder / "edgesim.toml"
    path.write_text(text)
    return path, names


async def viewer(
    number: int, port: int, requests: int, names: list[str], seed: int, story: Story
) -> None:
    """One connection, request after request; a new one if the edge should close it."""
    random = Random(f"{seed}-{number}")
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for count in range(requests):
        name = random.choice(names)
        does = random.choices(list(DOES), list(DOES.values()))[0]
        token = f"viewer{number}request{count}"
        if connection is None:
            connection = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(ANSWER_S):
                status, body, closes = await asked(*connection, f"/{name}/{does}/{token}")
        except (OSError, EOFError, TimeoutError) as error:
            story.wrong(f"no answer to {name} {does}: {type(error).__name__}")
            connection[1].close()
            connection = None
            continue
        story.answered += 1
        story.statuses[name, status] += 1
        judge(story, f"{name} {does}", token, status, body)
        if closes:
            connection[1].close()
            connection = None
    if connection is not None:
        connection[1].close()


async def asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
) -> tuple[int, str, bool]:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: soak.localhost\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else await reader.read()
    return int(head[9:12]), body.decode("latin-1"), "connection: close" in head.lower()


def judge(story: Story, what: str, token: str, status: int, body: str) -> None:
    if status == 200 and body != token:
        story.wrong(f"{what}: {token} got {body!r:.80}")
    elif status not in (200, 503):
        story.wrong(f"{what}: status {status}")
    elif status == 503 and what.rpartition(" ")[2] in ALWAYS_WELL:
        story.wrong(f"{what}: {token} got 503")
    elif status == 503 and re.search(r"viewer\d+request", body):
        story.wrong(f"{what}: a token on an error page")


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def left_behind(folder: str) -> list[str]:
    """The processes whose command line or variables name `folder`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if folder.encode() in told and int(entry.name) != os.getpid():
            found.append(entry.name)
    return found


async def lived(folder: Path, requests: int, viewers: int, seed: int, story: Story) -> Metrics:
    path, names = configured(folder)
    server = LiveServer(log=lambda _: None)
    await server.deploy(load(path))
    port = await server.listen("127.0.0.1", 0)

    async def sample() -> None:
        step = max(1, requests // 40)
        while True:
            if story.answered >= step * len(story.resident_mb):
                story.resident_mb.append(resident_mb())
            await asyncio.sleep(0.05)

    sampling = asyncio.ensure_future(sample())
    each = requests // viewers
    await asyncio.gather(
        *[viewer(number, port, each, names, seed, story) for number in range(viewers)]
    )
    sampling.cancel()
    story.resident_mb.append(resident_mb())
    await server.stop()
    if story.answered != each * viewers:
        story.wrong(f"{each * viewers - story.answered} requests without an answer")
    return server.metrics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--viewers", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    story, began = Story(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="edgesim-soak-") as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        told = lived(Path(name), options.requests, options.viewers, options.seed, story)
        metrics = runner.run(told)
        if left := left_behind(name):
            story.wrong(f"processes left behind: {', '.join(left)}")
    settled = story.resident_mb[len(story.resident_mb) // 4]
    grown = story.resident_mb[-1] - settled
    if grown > FLAT_MB:
        story.wrong(f"the edge grew by {grown:.1f} MB after its first quarter")
    seconds = time.monotonic() - began
    print(f"{story.answered:,} answers in {seconds:.0f} s ({story.answered / seconds:,.0f}/s)")
    for (function, status), count in sorted(story.statuses.items()):
        print(f"  {function:8} {status}  {count:,}")
    for function, one in metrics.functions.items():
        print(
            f"  {function:8} {one.cold_starts:,} cold starts, {one.concurrent_executions} at once"
        )
    print(f"edge: {settled:.1f} MB after a quarter, {story.resident_mb[-1]:.1f} MB at the end")
    for violation in story.violations:
        print(f"VIOLATION {violation}")
    print("all well" if not story.violations else f"{len(story.violations)} violations")
    sys.exit(bool(story.violations))


if __name__ == "__main__":
    main()
