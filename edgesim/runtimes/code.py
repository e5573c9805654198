"""Where a function's code lies, and whether it has changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cloudfront.function import Function
from ..errors import FunctionError

Fingerprint = frozenset[tuple[str, int, int]]
"""Of each file its path in the code folder, its time of change in ns, and its size."""


PYTHON_FILES = frozenset({".py"})
NODE_FILES = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".json"})


@dataclass(frozen=True, slots=True)
class Code:
    """A function's code: `handler` is module.function, to be found in `folder`.

    `file` is the name of the module's file there, if the function is a single file.
    """

    folder: Path
    handler: str
    file: str = ""


def located(function: Function) -> Code:
    """Where `function`'s code is. A single file stands for the module of its own name.

    Raises `FunctionError` if there is nothing at `function.code`.
    """
    path = Path(function.code).absolute()
    if path.is_dir():
        return Code(path, function.handler)
    if path.is_file():
        return Code(path.parent, f"{path.stem}.{exported(function)}", path.name)
    raise FunctionError(
        f"there is no file or folder {function.code!r}",
        where=f"function {function.name}",
        hint="code is a file, or a folder that holds the module the handler names",
    )


def is_node(function: Function) -> bool:
    return function.runtime.startswith("nodejs")


def exported(function: Function) -> str:
    """The part of the handler behind the module: a name, in Node.js perhaps a path of names."""
    if is_node(function):
        return function.handler.rpartition("/")[2].partition(".")[2]
    return function.handler.rpartition(".")[2]


def fingerprint(function: Function) -> Fingerprint:
    """What tells one state of `function`'s code from another; empty if there is no code.

    A folder counts as a whole; of a single file the modules beside it count as well, since it
    may import them, but nothing deeper: it may lie in the root of a large project.
    """
    if not function.code:
        return frozenset()
    path = Path(function.code).absolute()
    if path.is_dir():
        return frozenset(_files(str(path), len(str(path)) + 1))
    if function.is_cloudfront_function:
        store = function.key_value_store
        return frozenset(_stamps([str(path), *([store.file] if store else [])]))
    beside = _files(str(path.parent), len(str(path.parent)) + 1, deeper=False)
    modules = NODE_FILES if is_node(function) else PYTHON_FILES
    return frozenset(file for file in beside if Path(file[0]).suffix in modules)


def _files(folder: str, prefix: int, *, deeper: bool = True) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # gone while we looked: its files are missing, which is a change
    for entry in entries:
        if entry.name == "__pycache__" or entry.name.startswith("."):
            continue
        try:
            if entry.name == "node_modules":
                # installed, not edited: which packages there are is enough, and they are many
                yield entry.path[prefix:], entry.stat().st_mtime_ns, 0
            elif entry.is_dir():
                if deeper:
                    yield from _files(entry.path, prefix)
            else:
                stat = entry.stat()
                yield entry.path[prefix:], stat.st_mtime_ns, stat.st_size
        except OSError:
            continue


def _stamps(files: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for file in files:
        with suppress(OSError):
            stat = Path(file).stat()
            yield file, stat.st_mtime_ns, stat.st_size


def shown_path(file: str) -> str:
    """`file` as somebody in the current folder would name it."""
    return file.removeprefix(f"{Path.cwd()}{os.sep}")
