from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.config.environment_reads import environment_reads
from edgesim.runtimes.code import Code
from edgesim.runtimes.reserved import AT_THE_EDGE, reserved_variables

READS = [
    # runtime, code, names read
    ("python3.12", "os.environ['A']", ["A"]),
    ("python3.12", "os.environ.get('A', 'x')", ["A"]),
    ("python3.12", "os.getenv('A')", ["A"]),
    ("python3.12", "from os import environ, getenv\nenviron['A']\ngetenv('B')", ["A", "B"]),
    ("python3.12", "os.environ['AWS_REGION'] + os.environ['_HANDLER']", []),
    ("python3.12", "os.environ['A'] = '1'", []),
    ("python3.12", "settings.environ['A']\nsettings.get('B')", []),
    ("python3.12", "# os.environ['A']", []),
    ("python3.12", "def (", []),
    ("nodejs22.x", "const t = process.env.A;", ["A"]),
    ("nodejs22.x", "process.env['A'] ?? process.env[\"B\"]", ["A", "B"]),
    ("nodejs22.x", "process.env.AWS_REGION", []),
    ("nodejs22.x", "// process.env.A\n/* process.env.B */", []),
    ("cloudfront-js-2.0", "process.env.A", []),
]


@pytest.mark.parametrize(("runtime", "text", "names"), READS)
def test_what_is_read(runtime: str, text: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / ("index.py" if "python" in runtime else "index.mjs")).write_text(text)
    notes = list(environment_reads(Function("ab", runtime, str(tmp_path)), AT_THE_EDGE))
    assert [note.text.split()[5].rstrip(",") for note in notes] == names
    assert all("[environment-read]" in note.text for note in notes)


def test_it_says_where_and_leaves_packages_alone(tmp_path: Path) -> None:
    (tmp_path / "node_modules/a").mkdir(parents=True)
    (tmp_path / "node_modules/a/index.js").write_text("process.env.A")
    (tmp_path / "index.js").write_text("/* a\n b */\n\nprocess.env.TABLE")
    (note,) = environment_reads(Function("ab", "nodejs22.x", str(tmp_path)), AT_THE_EDGE)
    assert note.where == f"{tmp_path / 'index.js'}:4"


def test_what_functions_get_is_what_they_may_count_on(tmp_path: Path) -> None:
    function = Function("ab", code=str(tmp_path))
    code = Code(tmp_path, "index.handler")
    assert set(reserved_variables(function, code)) <= AT_THE_EDGE
