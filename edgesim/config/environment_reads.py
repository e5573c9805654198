"""Environment variables that a function's code reads, and that do not exist at the edge."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path

from ..cloudfront.association_rules import ENVIRONMENT_READ
from ..cloudfront.function import Function
from .deployment import Note, NoteKind
from .functions import NODE, PYTHON
from .source import kind_of

_NODE_READ = re.compile(
    r"process\.env(?:\.(?P<dotted>[A-Za-z_][A-Za-z0-9_]*)|\[\s*(['\"])(?P<quoted>[^'\"]+)\2\s*\])"
)
_NODE_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NODE_ENDINGS = (".js", ".mjs", ".cjs")


def environment_reads(function: Function, known: Collection[str]) -> Iterator[Note]:
    """A warning for each variable outside `known` that its own code reads, packages aside."""
    if function.runtime in PYTHON:
        files, reads = _beside(function, (".py",)), _python_reads
    elif function.runtime in NODE:
        files, reads = _beside(function, _NODE_ENDINGS), _node_reads
    else:
        return
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for name, line in sorted(set(reads(text))):
            if name not in known:
                what = f"it reads the environment variable {name}, which is not there at the edge"
                said = f"{what}; {ENVIRONMENT_READ.fix} [{ENVIRONMENT_READ.id}]"
                yield Note(NoteKind.WARNING, f"{path}:{line}", said)


def _beside(function: Function, endings: tuple[str, ...]) -> list[Path]:
    """The code itself: the file, or those right in the folder."""
    code = Path(function.code)
    if kind_of(code) == "file":
        return [code]
    return sorted(path for path in code.glob("*") if path.suffix in endings)


def _python_reads(text: str) -> Iterator[tuple[str, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of doubtful escapes; the function's own affair
            module = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=of, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                is_read = _is_named(of, "environ")
            case ast.Call(func=of, args=[ast.Constant(value=str(name)), *_]):
                is_read = _is_named(of, "getenv") or (
                    isinstance(of, ast.Attribute)
                    and of.attr == "get"
                    and _is_named(of.value, "environ")
                )
            case _:
                continue
        if is_read:
            yield name, node.lineno


def _is_named(node: ast.expr, name: str) -> bool:
    """`os.environ` or, imported from there, `environ`."""
    if isinstance(node, ast.Attribute):
        return node.attr == name and isinstance(node.value, ast.Name) and node.value.id == "os"
    return isinstance(node, ast.Name) and node.id == name


def _node_reads(text: str) -> Iterator[tuple[str, int]]:
    code = _NODE_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    for read in _NODE_READ.finditer(code):
        yield read["dotted"] or read["quoted"], code.count("\n", 0, read.start()) + 1
