"""What the pytest plugin costs: a thousand tests of one request each, and a suite that uses none.

    python -m bench.bench_plugin

Seconds are processor time of a pytest process of its own, the best of some rounds and their
median. The rounds take turns: what else the machine does disturbs them all alike. Bytecode is kept
from a first round on, as it is wherever edgesim is installed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

TESTS = 1000
ROUNDS = 7
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


class Runs:
    """A pytest run that is repeated, and what it took."""

    def __init__(self, folder: Path, code: str, *options: str) -> None:
        folder.mkdir()
        (folder / "pytest.ini").write_text("[pytest]\n")  # nothing from the folders above
        (folder / "test_it.py").write_text(code.format(tests=TESTS))
        self._folder, self._options = folder, options
        self._seconds: list[float] = []

    def once_more(self) -> None:
        # Only pytest itself and what is asked for: other plugins cost as much as they like.
        clean = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        clean["PYTHONPYCACHEPREFIX"] = str(self._folder.parent)
        clean.pop("PYTHONDONTWRITEBYTECODE", None)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self._options]
        subprocess.run(command, cwd=self._folder, env=clean, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self._seconds.append(took)

    @property
    def best(self) -> float:
        return min(self._seconds)

    def __str__(self) -> str:
        return f"{self.best:.2f} s (median {median(self._seconds[1:]):.2f})"


def main() -> None:
    plugin = ("-p", "edgesim.testing.plugin")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        using, empty = Runs(folder / "using", USING, *plugin), Runs(folder / "empty", WITHOUT)
        idle = Runs(folder / "idle", WITHOUT, "--collect-only", *plugin)
        bare = Runs(folder / "bare", WITHOUT, "--collect-only")
        for _ in range(1 + ROUNDS):
            for runs in (using, empty, idle, bare):
                runs.once_more()
    print(f"{TESTS:,} tests of one request each: {using}")
    print(f"{TESTS:,} tests of nothing, without the plugin: {empty}")
    print(f"what the plugin adds to collecting them: {(idle.best - bare.best) * 1000:+.0f} ms")


if __name__ == "__main__":
    main()
