from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from edgesim.cloudfront.function import Function
from edgesim.errors import FunctionError
from edgesim.runtimes import table
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.cloudfront_js import CloudFrontJsRuntime
from edgesim.runtimes.inline import InlineRuntime
from edgesim.runtimes.process import ProcessRuntime
from edgesim.runtimes.table import runtime_for


class OtherRuntime(InlineRuntime):
    """Of another package."""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    table.installed_runtimes.cache_clear()
    yield
    table.installed_runtimes.cache_clear()


def log(line: LogLine) -> None:
    """Nobody listens."""


KNOWN = [
    (Function("fn", "python3.12"), ProcessRuntime, "the beginning of the name decides"),
    (Function("fn", "nodejs22.x"), ProcessRuntime, "of whatever version"),
    (Function("fn", "cloudfront-js-2.0"), CloudFrontJsRuntime, "in the embedded engine"),
    (Function("fn", "inline"), InlineRuntime, "its code is loaded into this process"),
    (Function("fn", "python3.12", call=len), InlineRuntime, "a call can only be called here"),
]


@pytest.mark.parametrize(("function", "kind", "why"), KNOWN)
def test_which_runtime_runs_it(function: Function, kind: type, why: str) -> None:
    assert type(runtime_for(function, log)) is kind, why


@pytest.mark.parametrize("runtime", ["ruby3.4", "cloudfront-ruby-1.0"])
def test_a_runtime_that_is_not_there(runtime: str) -> None:
    with pytest.raises(FunctionError, match=f"the runtime {runtime} is not there yet") as raised:
        runtime_for(Function("fn", runtime), log)
    assert "use cloudfront-js, inline, nodejs, python, or install a package" in raised.value.hint
    assert raised.value.where == "function fn"


def test_other_packages_bring_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("ruby", f"{__name__}:OtherRuntime", "edgesim.runtimes")
    monkeypatch.setattr(table, "entry_points", lambda group: [entry])
    assert type(runtime_for(Function("fn", "ruby3.4"), log)) is OtherRuntime
