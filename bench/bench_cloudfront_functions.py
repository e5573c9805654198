"""What a CloudFront Function adds to a cached page, in CPU µs a request, in the same minutes.

    python -m bench.bench_cloudfront_functions [--rounds 5] [--seconds 2] [--miniflare]

Four edges in front of one folder: none, one at viewer-request, one at both viewer triggers, and an
async one that reads a key-value store. The edges take turns; each figure is the least of its
rounds, for whatever else the machine does only ever adds. Needs Linux and wrk.

With --miniflare workerd takes its turns too: an equal function there, and its Cache API. npm
installs it once, in the user's cache folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .bench_live import HERE, Server, free_port, process, wrk

REWRITE = """function handler(event) {
  if (!event.response) {
    if (event.request.uri.endsWith('/')) event.request.uri += '1k';
    return event.request;
  }
  event.response.headers['x-frame-options'] = { value: 'DENY' };
  return event.response;
}
"""
STORE = """import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const known = await store.exists(event.request.uri);
  if (known) event.request.uri = await store.get(event.request.uri);
  return event.request;
}
"""
CONFIG = """[origins.files]
folder = "files"
[functions.fn]
code = "{code}"
runtime = "cloudfront-js-2.0"
{store}
[key_value_stores.paths]
file = "paths.json"
[default_behavior]
origin = "files"
cache_policy = "CachingOptimizedForUncompressedObjects"
{triggers}
"""
BOTH = 'viewer_request = "fn"\nviewer_response = "fn"'
CASES = {
    "none": ("rewrite.js", "", ""),
    "viewer-request": ("rewrite.js", "", 'viewer_request = "fn"'),
    "both viewer triggers": ("rewrite.js", "", BOTH),
    "async, key-value store": ("store.js", 'key_value_store = "paths"', 'viewer_request = "fn"'),
}


def laid_out(folder: Path) -> None:
    (folder / "files").mkdir()
    (folder / "files/1k").write_bytes(b"x" * 1024)
    (folder / "rewrite.js").write_text(REWRITE)
    (folder / "store.js").write_text(STORE)
    (folder / "paths.json").write_text('{"data": [{"key": "/", "value": "/1k"}]}')
    for number, (code, store, triggers) in enumerate(CASES.values()):
        text = CONFIG.format(code=code, store=store, triggers=triggers)
        (folder / f"{number}.toml").write_text(text)


PEER = "workerd (miniflare)"


def miniflare() -> Path:
    """The folder it is installed in, which is none of the project's."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "edgesim-bench" / "workerd_function"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "peers" / "workerd_function", folder, dirs_exist_ok=True)
    if not (folder / "node_modules" / "miniflare").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--miniflare", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name, ExitStack() as started:
        laid_out(Path(name))
        servers = []
        for number, case in enumerate(CASES):
            port = free_port()
            edgesim = [sys.executable, "-m", "edgesim", "dev", "--quiet", "--control-port", "0"]
            config = ["--config", f"{name}/{number}.toml", "--port", str(port), "--no-reload"]
            pid = started.enter_context(process(*edgesim, *config, port=port))
            servers.append(Server(case, pid, port))
            wrk(servers[-1], "/1k", 1)  # fills the caches
        if options.miniflare:
            port, script = free_port(), str(miniflare() / "serve.mjs")
            pid = started.enter_context(process("node", script, str(port), port=port))
            servers.append(Server(PEER, pid, port))
            wrk(servers[-1], "/1k", 1)
        least = {server.name: float("inf") for server in servers}
        most = {server.name: 0.0 for server in servers}
        for _ in range(options.rounds):
            for server in servers:
                measured = wrk(server, "/1k", options.seconds)
                least[server.name] = min(least[server.name], measured["cpu_us"])
                most[server.name] = max(most[server.name], measured["per_s"])
    for case, cpu_us in least.items():
        added = cpu_us - least["none"]
        print(f"{case:24} {cpu_us:6.1f} µs  +{added:5.1f} µs  {most[case]:8,.0f} a second")


if __name__ == "__main__":
    main()
