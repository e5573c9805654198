from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.config.node_code import code_mistake, differs

FILES = [
    # files, handler, runtime, (part of) what is said, why
    (["index.js"], "index.handler", "nodejs22.x", "", "CommonJS, or what package.json says"),
    (["index.mjs"], "index.handler", "nodejs22.x", "", "an ES module"),
    (["index.cjs"], "index.handler", "nodejs22.x", "", "CommonJS"),
    (["index"], "index.handler", "nodejs22.x", "", "the name itself"),
    (["src/app.mjs"], "src/app.on.request", "nodejs22.x", "", "deeper, and a path of exports"),
    (["index.ts"], "index.handler", "nodejs24.x", "", "types are stripped"),
    (["node_modules/pkg/index.js"], "pkg.handler", "nodejs22.x", "", "a package"),
    (["index.py"], "index.handler", "python3.12", "", "another language"),
    (["index.ts"], "index.handler", "nodejs22.x", "no index.js, index.mjs or index.cjs", "not yet"),
    (["main.mjs"], "index.handler", "nodejs22.x", "'main.handler'", "another name"),
    (["lib/a.js"], "lib/b.handler", "nodejs22.x", "'lib/a.handler'", "another name, deeper"),
    ([], "index.handler", "nodejs22.x", "add that file", "nothing at all"),
    (["index.js"], "../fn/index.handler", "nodejs22.x", "no handler of Node.js", "out of it"),
    (["index.js"], "lib.d/index", "nodejs22.x", "no handler of Node.js", "no export"),
]


@pytest.mark.parametrize(("files", "handler", "runtime", "said", "why"), FILES)
def test_a_handler_names_a_file(
    files: list[str], handler: str, runtime: str, said: str, why: str, tmp_path: Path
) -> None:
    for file in files:
        path = tmp_path / "fn" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("this is not run")
    mistake = code_mistake(Function("fn", runtime, str(tmp_path / "fn"), handler))
    assert (said in str(mistake)) if said else mistake is None, why
    if mistake is not None:
        assert mistake.where == "function fn"


def test_a_single_file_is_the_module(tmp_path: Path) -> None:
    (tmp_path / "ab.mjs").touch()
    function = Function("ab", "nodejs22.x", str(tmp_path / "ab.mjs"), "index.handler")
    assert code_mistake(function) is None


VERSIONS = [("nodejs22.x", "22", False), ("nodejs22.x", "20", True), ("python3.12", "20", False)]


@pytest.mark.parametrize(("runtime", "major", "other"), VERSIONS)
def test_another_version_is_noticed(runtime: str, major: str, other: bool) -> None:
    assert differs(Function("fn", runtime), major) is other
