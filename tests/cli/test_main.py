from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgesim.cli.main import COMMANDS

from .conftest import Edgesim

HEAVY = ("aiohttp", "pydantic", "httpx", "PIL")


def test_help_lists_every_command(edgesim: Edgesim) -> None:
    ran = edgesim("--help")
    assert ran.status == 0
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, edgesim: Edgesim) -> None:
    ran = edgesim(command, "--help")
    assert ran.status == 0
    assert COMMANDS[command] in ran.out


@pytest.mark.parametrize("code", ["import edgesim", "import edgesim.cli.main"])
def test_help_waits_for_nothing_heavy(code: str) -> None:
    probe = f"{code}, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_version(edgesim: Edgesim) -> None:
    ran = edgesim("--version")
    assert ran.status == 0
    assert ran.out.startswith("edgesim ")


def test_the_module_is_the_command(project: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "edgesim", "check"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(root)},
    )
    assert done.returncode == 0
    assert "no mistakes" in done.stdout


def test_a_command_that_is_not_there(edgesim: Edgesim) -> None:
    ran = edgesim("chek")
    assert ran.status == 2
    assert "check" in ran.err


MISTAKES = [
    (("check", "nowhere.toml"), "edgesim: nowhere.toml: there is no such file [config]"),
    (("check", "--nothing"), "--nothing"),
    (("dev", "--origin", "localhost:3000"), "hint: did you mean 'http://localhost:3000'?"),
    (("dev", "--origin", "http://x", "--config", "a.toml"), "were both given"),
    (("dev", "--insecure-origin"), "verify_certificate = false"),
    (("dev", "--origin", "http://x/a/"), "edgesim: --origin: the path of 'http://x/a/' ends with"),
    (("dev", "--set-origin", "app"), "'app' is no pair"),
    (("dev", "--set-origin", "ap=http://x"), "did you mean 'app'?"),
    (("dev", "--cache-policy", "Caching"), "no cache policy is named 'Caching'"),
    (("dev", "--port", "99999"), "65535"),
    (("explain", "api"), "did you mean '/api' or 'http://api'?"),
    (("explain", "/a b"), "percent-encode it"),
    (("explain", "/a#b"), "quote it as %23"),
    (("explain", "/", "-H", "nonsense"), "'nonsense' is no header"),
    (("invoke", "abc"), "did you mean 'ab'?"),
    (("invoke", "ab", "--trigger", "viewer-requst"), "did you mean 'viewer-request'?"),
    (("invoke", "ab", "--event", "nowhere.json"), "it cannot be read"),
    (("init", "--example", "nothing"), "no example is named 'nothing'"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=lambda v: str(v)[:40])
def test_a_mistake_is_one_message_and_exit_status_2(
    arguments: tuple[str, ...], said: str, edgesim: Edgesim, project: Path
) -> None:
    ran = edgesim(*arguments)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err, "no colour where there is no terminal"
    assert ran.out == ""


def test_a_folder_without_a_configuration(
    edgesim: Edgesim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = edgesim("check")
    assert ran.status == 2
    assert "`edgesim init`" in ran.err


LATER = {"cryptography", "httpx", "PIL", "quickjs", "sqlite3", "tree_sitter", "watchfiles", "yaml"}


def test_what_few_need_is_not_loaded_by_the_others() -> None:
    """`edgesim dev` is there sooner, and smaller, without it."""
    code = "import edgesim.cli.dev, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not LATER & set(ran.stdout.split())
