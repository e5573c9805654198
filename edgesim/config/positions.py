"""Where a key stands in a TOML text.

`tomllib` reads values and forgets where they stood. This scans the same text once more, for
headers and the keys of statements only; what is inside an inline table stands where that begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

KeyPath = tuple[str | int, ...]
"""How to get to a value: `("behaviors", 2, "origin")`."""

_TOKEN = re.compile(
    r'''
    (?P<string> """(?:\\.|[^\\])*?"{3,5} | \'{3}.*?\'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<newline> \n )
    | (?P<open> [\[{] ) | (?P<close> [\]}] )
    | (?P<bare> [A-Za-z0-9_-]+ )
    | (?P<equals> = )
    | (?P<other> . )
    ''',
    re.VERBOSE | re.DOTALL,
)

Token = tuple[str, str, int]
"""Its kind, its text and the line it begins on."""


class Positions:
    """The line of every header and of every key that begins a statement."""

    def __init__(self, text: str = "") -> None:
        self._lines: dict[KeyPath, int] = {}
        self._last: dict[KeyPath, int] = {}
        table: KeyPath = ()
        for statement in _statements(text):
            line = statement[0][2]
            if statement[0][0] == "open":
                array = [kind for kind, _, _ in statement[:2]] == ["open", "open"]
                table = self._entered(_names(statement), array=array)
                self._note(table, line)
            else:
                self._note((*table, *_names(statement)), line)

    def _entered(self, names: tuple[str, ...], *, array: bool) -> KeyPath:
        """The path that a header with `names` opens, the last element of each array filled in."""
        path: KeyPath = ()
        for depth, name in enumerate(names, start=1):
            path = (*path, name)
            if array and depth == len(names):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path = (*path, self._last[path])
        return path

    def _note(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def line(self, path: KeyPath) -> int | None:
        """The line of what `path` leads to, or of the nearest table around it; None without one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    def said(self, path: KeyPath) -> str:
        """`path` in the words of the file it is from."""
        return dotted(path)


def dotted(path: KeyPath) -> str:
    """`behaviors[2].origin`: a path as people write it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _statements(text: str) -> Iterator[list[Token]]:
    """Headers and assignments, each as the tokens of its first logical line."""
    statement: list[Token] = []
    depth, line = 0, 1
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "other", match[0]
        depth += (kind == "open") - (kind == "close")
        if kind == "newline" and depth <= 0:
            if statement:
                yield statement
            statement, depth = [], 0
        elif kind not in ("newline", "comment") and not token.isspace():
            statement.append((kind, token, line))
        line += token.count("\n")
    if statement:
        yield statement


def _names(statement: list[Token]) -> tuple[str, ...]:
    """The dotted key that stands in a header, or before the equals sign."""
    names = []
    for kind, token, _ in statement:
        if kind == "equals":
            break
        if kind == "bare":
            names.append(token)
        elif kind == "string":
            names.append(_unquoted(token))
    return tuple(names)


def _unquoted(token: str) -> str:
    try:
        return str(tomllib.loads(f"key = {token}")["key"])
    except tomllib.TOMLDecodeError:
        return token
