from __future__ import annotations

import sys

import pytest

from edgesim.errors import FunctionError
from edgesim.functions import as_function
from edgesim.runtimes.inline_code import load_inline

from .conftest import Write

SOURCE = """
    from __future__ import annotations
    from dataclasses import dataclass
    from edgesim import Request, viewer_request
    from beside import NAME

    @dataclass
    class Shape:
        name: str

    @viewer_request
    def on_request(request: Request) -> Request:
        return Shape(NAME)
"""


def load(write: Write, source: str = SOURCE, name: str = "old") -> object:
    write(f"NAME = {name!r}", "beside.py")
    function = write(source, handler="index.on_request", runtime="inline")
    call = load_inline(function).call
    assert call is not None
    return call(None).name


def test_an_edit_takes_effect_even_within_the_same_second(write: Write) -> None:
    assert [load(write), load(write, name="new")] == ["old", "new"]


def test_no_module_of_the_users_can_be_imported_by_others(write: Write) -> None:
    path = list(sys.path)
    load(write)
    assert "beside" not in sys.modules
    assert "index" not in sys.modules
    assert sys.path == path


def test_a_function_that_has_its_call_is_left_alone() -> None:
    function = as_function(len)
    assert load_inline(function) is function


MISTAKES = [
    # source, handler, what, hint, why
    ("def f(:", "index.f", "SyntaxError: invalid syntax (", "", "the line is named"),
    ("\n\nimport nowhere", "index.f", "index.py:3)", "", "the line of the import"),
    ("raise SystemExit(2)", "index.f", "SystemExit: 2 (", "", "it must not end edgesim"),
    ("", "other.f", "there is no ", "module.function", "no such file"),
    (SOURCE, "index.on_reqest", "has no function", "did you mean 'on_request'?", "a slip"),
]


@pytest.mark.parametrize(("source", "handler", "what", "hint", "why"), MISTAKES)
def test_mistakes(write: Write, source: str, handler: str, what: str, hint: str, why: str) -> None:
    write("NAME = 1", "beside.py")
    function = write(source, handler=handler, runtime="inline")
    before = set(sys.modules)
    with pytest.raises(FunctionError) as raised:
        load_inline(function)
    assert what in raised.value.what, why
    assert hint in raised.value.hint, why
    assert raised.value.where == "function fn"
    left = {name for name in set(sys.modules) - before if "fn" in name}
    assert left <= {"edgesim-inline:fn"}
