"""`${self:custom.x}` and its like in serverless.yml (Serverless: "Variables")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ...errors import ConfigError
from .nodes import Node
from .stack import where

_VARIABLE = re.compile(
    r"\$\{((?:self|opt|sls|env|aws|param|file|ssm|cf|s3)(?:\([^)]*\))?:[^${}]*)\}"
)
_DEPTH = 20
"""How often a variable may lead to another one."""


class Variables:
    """Looks variables up in the file itself and in what a command line gives."""

    def __init__(self, root: Node, name: str, given: Mapping[str, str]) -> None:
        self._root, self._name, self._given = root, name, given
        self._sources: Mapping[str, Callable[[str], Node | None]] = {
            "self": self._own,
            "opt": self._option,
            "env": self._option,
            "param": self._option,
            "sls": self._option,
            "aws": self._aws,
        }

    def resolved(self, node: Node, depth: int = 0) -> Node:
        """`node` with every variable replaced. Raises `ConfigError` for one without a value."""
        if node.fields:
            inside = {key: self.resolved(one, depth) for key, one in node.fields.items()}
            return Node(inside, node.line, node.path)
        if node.members:
            members = tuple(self.resolved(one, depth) for one in node.members)
            return Node(members, node.line, node.path)
        match = _VARIABLE.search(node.text) if isinstance(node.value, str) else None
        if match is None:
            return node
        if depth > _DEPTH:
            what = f"the variable {match[0]} leads to itself"
            raise ConfigError(what, where=where(self._name, node))
        value = self._value(match[1], node)
        if match[0] == node.text:
            whole = value if not value.is_scalar else value.at(node)
            return self.resolved(whole, depth + 1)
        text = node.text[: match.start()] + value.text + node.text[match.end() :]
        return self.resolved(node.here(text), depth + 1)

    def _value(self, spelt: str, node: Node) -> Node:
        """The first of the alternatives, parted by commas, that has a value."""
        for one in (part.strip() for part in spelt.split(",")):
            if one[:1] in ("'", '"'):
                return node.here(one.strip("'\""))
            source, _, rest = one.partition(":")
            look_up = self._sources.get(source)
            found = look_up(rest) if look_up is not None else None
            if found is not None and found.value is not None:
                return found
            if ":" not in one:
                return node.here(one)
        name = spelt.partition(",")[0]
        hint = f"give its value: --parameter {name.partition(':')[2] or name}=VALUE"
        raise ConfigError(
            f"nothing says what ${{{name}}} is", where=where(self._name, node), hint=hint
        )

    def _own(self, path: str) -> Node | None:
        found: Node | None = self._root
        for key in filter(None, path.split(".")):
            if found is not None and found.members and key.isdigit():
                index = int(key)
                found = found.members[index] if index < len(found.members) else None
            else:
                found = found.get(key) if found is not None else None
        return found

    def _option(self, name: str) -> Node | None:
        if name in self._given:
            return self._root.here(self._given[name])
        if name == "stage":
            return self._own("provider.stage") or self._root.here("dev")
        return None

    def _aws(self, name: str) -> Node | None:
        known = {"region": "us-east-1", "accountId": "123456789012"}
        return self._root.here(known[name]) if name in known else None
