"""Whether a Python function's code can be what it is said to be, without running it."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from ..cloudfront.function import Function
from ..errors import ConfigError, suggestion
from .deployment import Note, NoteKind
from .functions import INLINE, PYTHON
from .source import kind_of

RUNNING = f"python{sys.version_info.major}.{sys.version_info.minor}"


def differs(function: Function) -> bool:
    """Whether `function` asks for another Python than the one that reads this."""
    return function.runtime in PYTHON and function.runtime != RUNNING


def code_mistake(function: Function) -> ConfigError | None:
    """What is wrong with the module that has the handler; None if nothing is, or it is no Python.

    A newer Python may allow what this one calls a syntax error: that is a `doubt`, no mistake.
    """
    if function.runtime not in (*PYTHON, INLINE):
        return None
    where = f"function {function.name}"
    name = function.handler.rpartition(".")[2]
    path = module_file(function)
    if kind_of(path) != "file":
        handlers = [f"{one.stem}.{name}" for one in sorted(path.parent.glob("*.py"))]
        hint = suggestion(function.handler, handlers) if handlers else "add that file"
        return ConfigError(f"there is no {path.name} for its handler", where=where, hint=hint)
    module = _parsed(path)
    if isinstance(module, SyntaxError):
        if _is_newer(function):
            return None
        place = f"{path}:{module.lineno or 1}"
        what = f"{where} has a syntax error: {module.msg}"
        return ConfigError(what, where=place, hint=f"it is read as {RUNNING}")
    names = set(_names(module.body))
    if name in names or "*" in names:
        return None
    functions = [one.name for one in module.body if isinstance(one, ast.FunctionDef)]
    hint = suggestion(name, functions) if functions else f"write def {name}(event, context):"
    return ConfigError(f"{where} has no {name!r} in its module", where=str(path), hint=hint)


def doubt(function: Function) -> Note | None:
    """A syntax error by this Python's lights in a function for a newer one."""
    path = module_file(function)
    if not _is_newer(function) or kind_of(path) != "file":
        return None
    module = _parsed(path)
    if not isinstance(module, SyntaxError):
        return None
    text = f"to {RUNNING} this is a syntax error: {module.msg}"
    return Note(NoteKind.WARNING, f"{path}:{module.lineno or 1}", text)


def _parsed(path: Path) -> ast.Module | SyntaxError:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of doubtful escapes; the function's own affair
            return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        return error
    except (OSError, ValueError) as error:  # unreadable; null bytes, as Python 3.11 has it
        return SyntaxError(str(error))


def module_file(function: Function) -> Path:
    """Where the module of the handler is; a function of one file is that file."""
    code = Path(function.code)
    module = function.handler.rpartition(".")[0]
    return code if kind_of(code) == "file" else code / f"{module.replace('.', '/')}.py"


def _is_newer(function: Function) -> bool:
    minor = function.runtime.rpartition(".")[2]
    return function.runtime in PYTHON and int(minor) > sys.version_info.minor


def _names(body: list[ast.stmt]) -> Iterator[str]:
    """What a module's statements bind, as far as a look can tell."""
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in statement.names)
            case _:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id
                    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                        yield node.name
                    elif isinstance(node, ast.alias):
                        yield node.asname or node.name
