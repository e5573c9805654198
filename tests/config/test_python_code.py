from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.config.python_code import RUNNING, code_mistake, doubt

MODULES = [
    # the module, what is said of handler "index.handler", why
    ("def handler(event, context): ...", "", "a function"),
    ("async def handler(event, context): ...", "", "a coroutine function"),
    ("from elsewhere import handler", "", "imported"),
    ("from elsewhere import *", "", "nobody knows what comes in"),
    ("import app\nhandler = app.lambda_handler", "", "assigned"),
    ("try:\n    from a import handler\nexcept ImportError:\n    handler = None", "", "either"),
    ("if True:\n    def handler(event, context): ...", "", "within a condition"),
    (r"pattern = '\d'" + "\ndef handler(e, c): ...", "", "a doubtful escape is no error"),
    ("def handle(event, context): ...", "did you mean 'handle'?", "misspelt"),
    ("", "write def handler(event, context):", "nothing at all"),
    ("def handler(event, context)\n    ...", "has a syntax error: expected ':'", "broken"),
    ("def f():\n    def handler(e, c): ...", "has no 'handler'", "only inside another function"),
]


@pytest.mark.parametrize(("module", "said", "why"), MODULES, ids=lambda v: str(v)[:40])
def test_a_module_is_read_and_not_run(module: str, said: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text(f"raise SystemExit\n{module}\n")
    mistake = code_mistake(Function("ab", runtime=RUNNING, code=str(tmp_path)))
    assert (said in str(mistake)) if said else mistake is None, why


def test_a_syntax_error_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "ab.py"
    file.write_text("x = 1\ny = = 2\n")
    mistake = code_mistake(Function("ab", runtime=RUNNING, code=str(file)))
    assert mistake is not None
    assert mistake.where == f"{file}:2"


def test_a_newer_python_may_know_more(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text("x = = 1")
    function = Function("ab", runtime="python3.14", code=str(tmp_path))
    assert code_mistake(function) is None
    note = doubt(function)
    assert note is not None
    assert note.where == f"{tmp_path / 'index.py'}:1"
    assert "this is a syntax error" in note.text


def test_other_languages_are_not_read(tmp_path: Path) -> None:
    assert code_mistake(Function("ab", runtime="nodejs22.x", code=str(tmp_path))) is None


def test_a_module_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "lambda_function.py").write_text("def handler(event, context): ...")
    mistake = code_mistake(Function("ab", runtime=RUNNING, code=str(tmp_path)))
    assert mistake is not None
    assert mistake.what == "there is no index.py for its handler"
    assert "lambda_function.handler" in mistake.hint
