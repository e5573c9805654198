from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.cloudfront.strictness import Strictness
from edgesim.config.cloudfront_js_code import code_mistakes, doubts


def function(folder: Path, code: str, runtime: str = "cloudfront-js-2.0") -> Function:
    (folder / "fn.js").write_text(code)
    return Function("fn", runtime, str(folder / "fn.js"))


def test_every_mistake_says_where_and_what_helps(tmp_path: Path) -> None:
    code = (
        "function handler(e) {\n  for (var x of []) {}\n  try {} catch {}\n  return e.request;\n}\n"
    )
    first, second = code_mistakes(function(tmp_path, code))
    assert first.what == (
        'SyntaxError: Token "of" not supported in this version in 2 [cff-js-for-of]'
    )
    assert first.where == f"{tmp_path}/fn.js:2:3"
    assert first.hint == "loop by index, or use Object.keys(x).forEach(…)"
    assert second.where == f"{tmp_path}/fn.js:3:10"


def test_what_only_the_engine_sees(tmp_path: Path) -> None:
    code = "function handler(e) {\n  let a = 1;\n  let a = 2;\n  return e.request;\n}\n"
    (mistake,) = code_mistakes(function(tmp_path, code))
    assert mistake.what.startswith("SyntaxError: ")
    assert mistake.what.endswith(" [cff-js-syntax]")
    assert mistake.where.startswith(f"{tmp_path}/fn.js:3:")


def test_what_is_not_listed_is_a_warning(tmp_path: Path) -> None:
    fn = function(tmp_path, "function handler({ request }) { return request; }")
    assert list(code_mistakes(fn)) == []
    (note,) = doubts(fn)
    assert note.where == f"{tmp_path}/fn.js:1:18"
    assert note.text.endswith("[cff-js-object-pattern]; take the properties by name")


@pytest.mark.parametrize("strictness", Strictness)
def test_the_strict_reading_refuses_it(strictness: Strictness, tmp_path: Path) -> None:
    fn = function(tmp_path, "function handler({ request }) { return request; }")
    mistakes, notes = list(code_mistakes(fn, strictness)), list(doubts(fn, strictness))
    strict = strictness is Strictness.STRICT
    assert (len(mistakes), len(notes)) == ((1, 0) if strict else (0, 1))


def test_other_runtimes_are_let_be(tmp_path: Path) -> None:
    fn = function(tmp_path, "for (const x of []) {}", "nodejs22.x")
    assert [*code_mistakes(fn), *doubts(fn)] == []
