"""Whether a Node.js function's code is where its handler says, without running it."""

from __future__ import annotations

from pathlib import Path

from ..cloudfront.function import Function
from ..errors import ConfigError, suggestion
from .functions import NODE
from .source import kind_of

ENDINGS = (".js", ".mjs", ".cjs")
TYPED_ENDINGS = (".ts", ".mts", ".cts")
"""From nodejs24.x on, which strips types."""


def differs(function: Function, major: str) -> bool:
    """Whether `function` asks for another Node.js than one of version `major`."""
    return function.runtime in NODE and function.runtime != f"nodejs{major}.x"


def code_mistake(function: Function) -> ConfigError | None:
    """What is wrong with where the module is; None if nothing is, or it is no Node.js."""
    code = Path(function.code)
    if function.runtime not in NODE or kind_of(code) == "file":
        return None
    where, handler = f"function {function.name}", function.handler
    folder, slash, last = handler.rpartition("/")
    module, _, exported = last.partition(".")
    if ".." in handler or not module or not exported:
        hint = "write file.export, the file below the code folder: src/index.handler"
        return ConfigError(f"{handler!r} is no handler of Node.js", where=where, hint=hint)
    endings = ENDINGS + (TYPED_ENDINGS if function.runtime == NODE[-1] else ())
    name = f"{folder}{slash}{module}"
    if any(kind_of(code / f"{name}{ending}") == "file" for ending in ("", *endings)):
        return None
    if kind_of(code / "node_modules" / name) != "nothing":
        return None
    beside = (code / folder).glob("*")
    handlers = {f"{folder}{slash}{one.stem}.{exported}" for one in beside if one.suffix in endings}
    hint = suggestion(handler, handlers) if handlers else "add that file"
    files = ", ".join(f"{name}{ending}" for ending in ENDINGS[:-1])
    what = f"there is no {files} or {name}{ENDINGS[-1]} for its handler"
    return ConfigError(what, where=where, hint=hint)
