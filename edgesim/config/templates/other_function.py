"""Functions that a behavior names and the template does not have: another stack's, say."""

from __future__ import annotations

from pathlib import Path

from ...errors import suggestion
from ..source import kind_of
from .adapter import Adapter
from .nodes import Node

RUNTIMES = {".py": "python3.12", ".js": "nodejs22.x", ".mjs": "nodejs22.x", ".cjs": "nodejs22.x"}


def sketch_other(adapter: Adapter, arn: Node, name: str, known: list[str]) -> str | None:
    """A function whose file somebody names; an association is never dropped."""
    file = adapter.stack.given.functions.get(name)
    if file is None:
        close = suggestion(name, known) if known else ""
        offer = f"{close}; or " if close.startswith("did") else ""
        hint = f"{offer}say where its file is: --set-function {name}=FILE"
        what = f"the function {name!r} is not in this template"
        adapter.report.refuse(arn, what, hint)
        return None
    path = (Path.cwd() / Path(file).expanduser()).resolve()
    runtime = RUNTIMES.get(path.suffix)
    where = f"--set-function {name}"
    if kind_of(path) != "file" or runtime is None:
        hint = "name the file that has the handler, of Python or Node.js"
        adapter.report.refuse(arn, f"{where}: {file!r} is no function's file", hint)
        return None
    if name not in adapter.told:
        adapter.told.add(name)
        adapter.put(("functions", name, "code"), str(path), arn)
        if path.suffix == ".js" and ":function/" in arn.text:
            adapter.put(("functions", name, "runtime"), "cloudfront-js-2.0", arn)
        else:
            adapter.put(("functions", name, "runtime"), runtime, arn)
            adapter.put(("functions", name, "handler"), f"{path.stem}.handler", arn)
    return name
