"""`make demo`: the shop, its identity provider and the CDN in front, together until Ctrl-C.

All run in process groups of their own, so that whatever they start can be ended with them.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

HERE = Path(__file__).parent
CONFIG = HERE / "edgesim.toml"
SHOP_PORT = 8090
PROVIDER = HERE.parent / "identity_provider/server.py"
PROVIDER_PORT = 8091
"""The one that settings.json of the function `auth` knows; it cannot be another."""
START_WITHIN_S = 30
STOP_WITHIN_S = 8
LOOK_EVERY_S = 0.1
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

WHAT_TO_TRY = """
The shop is open: {site}
(its origin is {origin}, where nothing is cached)

  Open it in a browser     each line of the tour shows where an answer came from
  Type twice               curl -sD - -o /dev/null {site}/
  A smaller picture        curl -s '{site}/images/1.jpg?w=300&format=webp' | wc -c
  Sign in                  {site}/members, as {people}
  Be taken for a bot       curl -s {site}/deals | grep One, then open it in a browser
  Before asking            {python} -m edgesim explain --config {config} {site}/about
  Change a function        edit {function}, then load {site}/about

Ctrl-C stops all of it.
"""
PEOPLE = "ada or grace; the name is the password"
NOBODY = f"nobody: the identity provider did not start on port {PROVIDER_PORT}"


class Stopped(BaseException):
    """Somebody asked for the end."""


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo shop with the CDN in front of it.")
    parser.add_argument("--port", type=int, default=8080, help="where the CDN listens")
    port = parser.parse_args().port
    for ending in ENDINGS:
        signal.signal(ending, _stop)
    try:
        run(port)
    except Stopped:
        print("\nAll of it is stopped.")


def run(port: int) -> None:
    """Until somebody stops it, or one of the two ends."""
    if not _is_free(port):
        raise SystemExit(f"Port {port} is taken. Another one: make demo PORT={port + 1}")
    shop_port = SHOP_PORT if _is_free(SHOP_PORT) else 0
    with (
        started([str(HERE / "server.py"), "--port", str(shop_port)], piped=True) as shop,
        started([str(PROVIDER), "--port", str(PROVIDER_PORT)], piped=True) as provider,
    ):
        origin = _address_of(shop)
        people = PEOPLE if provider.stdout and provider.stdout.readline() else NOBODY
        edge_command = ["-m", "edgesim", "dev", "--config", _shown(CONFIG), "--port", str(port)]
        with started([*edge_command, "--set-origin", f"app={origin}"]) as edge:
            _wait_until_open(port, edge)
            print(
                WHAT_TO_TRY.format(
                    site=f"http://127.0.0.1:{port}",
                    origin=origin,
                    people=people,
                    python=_shown(Path(sys.executable)),
                    config=_shown(CONFIG),
                    function=_shown(
                        HERE.parents[1] / "edge_functions/python/security_headers/index.py"
                    ),
                ),
                flush=True,
            )
            while shop.poll() is None and edge.poll() is None:
                time.sleep(LOOK_EVERY_S)
            ended = "The CDN" if shop.poll() is None else "The shop"
    raise SystemExit(f"{ended} ended by itself, so the demo is over.")


@contextmanager
def started(arguments: list[str], *, piped: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A Python process with `arguments`; it and its own children are gone afterwards."""
    child = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else None,
        text=True,
        process_group=0,
    )
    try:
        yield child
    finally:
        _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(STOP_WITHIN_S)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _stop(number: int, frame: FrameType | None) -> None:
    for ending in ENDINGS:  # an impatient second Ctrl-C must not leave half of it running
        signal.signal(ending, signal.SIG_IGN)
    raise Stopped


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _address_of(shop: subprocess.Popen[str]) -> str:
    """What the shop says its address is."""
    line = shop.stdout.readline() if shop.stdout else ""
    if "http://" not in line:
        raise SystemExit("The shop did not start; what it said is above.")
    return line.split()[-1]


def _wait_until_open(port: int, edge: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not _answers(port):
        if edge.poll() is not None:
            raise SystemExit("The CDN did not start; what it said is above.")
        if time.monotonic() > deadline:
            raise SystemExit(f"The CDN does not answer on port {port} after {START_WITHIN_S} s.")
        time.sleep(LOOK_EVERY_S)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S)
    try:
        connection.request("GET", "/static/icon.svg")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _shown(path: Path) -> str:
    """`path` as somebody would type it from here."""
    with suppress(ValueError):
        return str(path.absolute().relative_to(Path.cwd()))
    return str(path)


if __name__ == "__main__":
    main()
