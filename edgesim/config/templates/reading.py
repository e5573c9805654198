"""The text of a template to nodes. YAML and JSON alike: JSON is YAML but for tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, ScalarNode

from ...errors import ConfigError, suggestion
from ..positions import KeyPath
from .nodes import Node

SHORT_FORMS = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{
        name: f"Fn::{name}"
        for name in (
            *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "Equals", "FindInMap"),
            *("ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length", "Not", "Or"),
            *("Select", "Split", "Sub", "ToJsonString", "Transform"),
        )
    },
}
"""`!Sub` and its like, and what they are short for."""

_HALVES = re.compile(
    r"\\\\|\\u(?P<high>d[89ab][0-9a-f]{2})\\u(?P<low>d[c-f][0-9a-f]{2})", re.IGNORECASE
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = SafeConstructor()
_TYPED = {
    "bool": _SCALARS.construct_yaml_bool,
    "int": _SCALARS.construct_yaml_int,
    "float": _SCALARS.construct_yaml_float,
}


def read(path: Path) -> Node:
    """The template at `path`. Raises `ConfigError` if it cannot be read or is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("there is no such file", where=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8 text", where=str(path)) from None
    except IsADirectoryError:
        names = ", ".join(sorted(one.name for one in path.glob("*.template.json")))
        hint = f"name one of its files: {names}" if names else "name the template in it"
        raise ConfigError("it is a folder", where=str(path), hint=hint) from None
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    return parsed(text, str(path))


def parsed(text: str, name: str) -> Node:
    """`text`, called `name` in messages."""
    if text.lstrip().startswith("{"):
        text = _HALVES.sub(_paired, text.replace("\t", " "))
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _syntax(error, name) from None
    if not isinstance(root, MappingNode):
        hint = "a template has at least Resources, with an AWS::CloudFront::Distribution"
        raise ConfigError("this is no template", where=name, hint=hint)
    return _Reader(name).node(root, root.start_mark.line + 1, ())


def _syntax(error: yaml.YAMLError, name: str) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
    problem = getattr(error, "problem", None) or str(error)
    hint = "it may begin a line earlier; indentation and colons are what mostly goes wrong"
    return ConfigError(f"this is neither YAML nor JSON: {problem}", where=where, hint=hint)


class _Reader:
    """Turns the parser's nodes into ours, and remembers which it is inside of."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inside: set[int] = set()

    def node(self, raw: yaml.Node, line: int, path: KeyPath) -> Node:
        if id(raw) in self.inside:
            raise ConfigError("this contains itself", where=f"{self.name}:{line}")
        self.inside.add(id(raw))
        try:
            if raw.tag.startswith("!"):
                return self._short_form(raw, line, path)
            return self._plain(raw, line, path)
        finally:
            self.inside.remove(id(raw))

    def _plain(self, raw: yaml.Node, line: int, path: KeyPath) -> Node:
        if isinstance(raw, MappingNode):
            return Node(dict(self._pairs(raw, path)), line, path)
        if isinstance(raw, ScalarNode):
            return self._scalar(raw, line, path)
        members = tuple(
            self.node(one, one.start_mark.line + 1, (*path, index))
            for index, one in enumerate(raw.value)
        )
        return Node(members, line, path)

    def _pairs(self, raw: MappingNode, path: KeyPath) -> Iterator[tuple[str, Node]]:
        seen: dict[str, int] = {}
        merged = [value for key, value in raw.value if key.tag.endswith(":merge")]
        for one in merged:  # what is merged in comes first, so that own keys replace it
            for source in one.value if not isinstance(one, MappingNode) else [one]:
                yield from self._pairs(source, path)
        for key, value in raw.value:
            if key.tag.endswith(":merge"):
                continue
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                what = f"the key {name!r} stands here twice, and on line {seen[name]} first"
                raise ConfigError(what, where=f"{self.name}:{line}", hint="leave one of them")
            seen[name] = line
            yield name, self.node(value, line, (*path, name))

    def _scalar(self, raw: ScalarNode, line: int, path: KeyPath) -> Node:
        text = str(raw.value)
        kind = raw.tag.rpartition(":")[2]
        if kind == "null":
            return Node(None, line, path)
        if kind in _TYPED:
            value = _TYPED[kind](raw)
            return Node(value, line, path, str(value).lower() if kind == "bool" else text)
        return Node(text, line, path, text)

    def _short_form(self, raw: yaml.Node, line: int, path: KeyPath) -> Node:
        name = raw.tag.removeprefix("!")
        if name not in SHORT_FORMS:
            hint = suggestion(name, SHORT_FORMS)
            raise ConfigError(f"no function is !{name}", where=f"{self.name}:{line}", hint=hint)
        long = SHORT_FORMS[name]
        if isinstance(raw, ScalarNode):
            inside = Node(raw.value, line, path, raw.value)
        else:
            inside = self._plain(raw, line, path)
        return Node({long: inside}, line, path)


def _paired(match: re.Match[str]) -> str:
    """What lies beyond 16 bits JSON writes as two halves, and YAML as one number."""
    if match["high"] is None:
        return match[0]
    high, low = int(match["high"], 16) - 0xD800, int(match["low"], 16) - 0xDC00
    return f"\\U{0x10000 + (high << 10) + low:08x}"
