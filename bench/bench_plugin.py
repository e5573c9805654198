"""What the pytest plugin costs: a thousand tests of one request each, and a suite that uses none.

    python -m bench.bench_plugin

Seconds are processor time of a pytest process of its own, the best of some rounds: a busy machine
disturbs it less than the clock on the wall.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = 1000
ROUNDS = 4
CHECKOUT = Path(__file__).parents[1]

USING = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_a_request(edge, number):
    edge.origin().respond(text="hello", headers={{"Cache-Control": "max-age=60"}})
    assert edge.get(f"/{{number}}").text == "hello"
"""
WITHOUT = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_nothing(number):
    assert number < {tests}
"""


def seconds(code: str, *options: str) -> float:
    """Of processor time for a pytest run, the best of some."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pytest.ini").write_text("[pytest]\n")  # nothing from the folders above
        (Path(folder) / "test_it.py").write_text(code.format(tests=TESTS))
        return min(_once(folder, options) for _ in range(ROUNDS))


def _once(folder: str, options: tuple[str, ...]) -> float:
    # Only pytest itself and what is asked for: other plugins cost as much as they like.
    clean = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=folder, env=clean, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    plugin = ("-p", "edgesim.testing.plugin")
    using, empty = seconds(USING, *plugin), seconds(WITHOUT)
    idle, bare = seconds(WITHOUT, "--collect-only", *plugin), seconds(WITHOUT, "--collect-only")
    print(f"{TESTS:,} tests of one request each: {using:.2f} s")
    print(f"{TESTS:,} tests of nothing, without the plugin: {empty:.2f} s")
    print(f"what the plugin adds to collecting them: {(idle - bare) * 1000:+.0f} ms")


if __name__ == "__main__":
    main()
