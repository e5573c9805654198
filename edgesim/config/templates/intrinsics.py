"""CloudFormation's functions, worked out (CloudFormation: "Intrinsic function reference").

A small evaluator of our own: the libraries that render templates forget on which line a value
stood, and a message without its line is of little help.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Protocol

from ...errors import ConfigError
from .nodes import Node

_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


class Scope(Protocol):
    """What functions look things up in. Every method raises `ConfigError` for what is not there."""

    region: str

    def ref(self, name: str, node: Node) -> Node | None: ...
    def attribute(self, resource: str, attribute: str, node: Node) -> str: ...
    def condition(self, name: str, node: Node) -> bool: ...
    def mapped(self, keys: tuple[str, str, str], node: Node) -> Node | None: ...
    def imported(self, name: str, node: Node) -> str: ...
    def mistake(self, node: Node, what: str, hint: str = "") -> ConfigError: ...


Work = Callable[[Node, Node, Scope], Node | None]
"""From a function's argument, already worked out but for `Fn::If`'s, and the call itself."""


def evaluated(node: Node, scope: Scope) -> Node | None:
    """`node` with every function worked out; None for `AWS::NoValue`, which removes it."""
    call = call_in(node)
    if call is not None:
        return _called(*call, node, scope)
    if isinstance(node.value, Mapping):
        pairs = {key: evaluated(one, scope) for key, one in node.value.items()}
        return Node({key: one for key, one in pairs.items() if one}, node.line, node.path)
    if isinstance(node.value, tuple):
        members = (evaluated(one, scope) for one in node.value)
        return Node(tuple(one for one in members if one), node.line, node.path)
    return node


def call_in(node: Node) -> tuple[str, Node] | None:
    """The function's name and its argument, if `node` calls one."""
    if len(node.fields) != 1:
        return None
    ((name, argument),) = node.fields.items()
    return (name, argument) if name == "Ref" or name.startswith("Fn::") else None


def holds(node: Node, scope: Scope) -> bool:
    """Whether a condition is true."""
    name, argument = (
        next(iter(node.fields.items()), ("", node)) if len(node.fields) == 1 else ("", node)
    )
    match name:
        case "Condition":
            return scope.condition(argument.text, argument)
        case "Fn::Equals":
            left, right = _several(evaluated(argument, scope), node, scope, 2, 2)
            return left.plain() == right.plain() or (
                left.is_scalar and right.is_scalar and left.text == right.text
            )
        case "Fn::Not":
            return not holds(_members(argument, scope, 1, 1)[0], scope)
        case "Fn::And":
            return all(holds(one, scope) for one in _members(argument, scope, 2, 10))
        case "Fn::Or":
            return any(holds(one, scope) for one in _members(argument, scope, 2, 10))
    hint = "conditions are made of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition"
    raise scope.mistake(node, "this is no condition", hint)


def _called(name: str, argument: Node, node: Node, scope: Scope) -> Node | None:
    if name == "Fn::If":
        condition, yes, no = _members(argument, scope, 3, 3)
        chosen = evaluated(yes if scope.condition(condition.text, node) else no, scope)
        return chosen.at(node) if chosen is not None and chosen.is_scalar else chosen
    work = _FUNCTIONS.get(name)
    if work is None:
        hint = "write what it comes to, or give it as a parameter"
        raise scope.mistake(node, f"{name} is not worked out here", hint)
    inside = evaluated(argument, scope)
    if inside is None:
        raise scope.mistake(node, f"{name} is given AWS::NoValue")
    return work(inside, node, scope)


def _members(argument: Node, scope: Scope, least: int, most: int) -> tuple[Node, ...]:
    if not least <= len(argument.members) <= most:
        number = str(least) if least == most else f"{least} to {most}"
        raise scope.mistake(argument, f"a list of {number} is needed here")
    return argument.members


def _several(
    argument: Node | None, node: Node, scope: Scope, least: int, most: int
) -> tuple[Node, ...]:
    return _members(argument or node, scope, least, most)


def _text(node: Node, scope: Scope) -> str:
    if not node.is_scalar:
        raise scope.mistake(node, "a text is needed here")
    return node.text


def _ref(argument: Node, node: Node, scope: Scope) -> Node | None:
    found = scope.ref(_text(argument, scope), node)
    return found.at(node) if found is not None else None


def _get_att(argument: Node, node: Node, scope: Scope) -> Node:
    if argument.members:
        resource, *rest = (_text(one, scope) for one in argument.members)
        attribute = ".".join(rest)
    else:
        resource, _, attribute = _text(argument, scope).partition(".")
    if not attribute:
        raise scope.mistake(node, "Fn::GetAtt takes a resource and an attribute")
    return node.here(scope.attribute(resource, attribute, node))


def _sub(argument: Node, node: Node, scope: Scope) -> Node:
    template, own = argument, node.here({})
    if argument.members:
        template, own = _members(argument, scope, 2, 2)

    def value(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{name}}}"
        if name in own.fields:
            return _text(own.fields[name], scope)
        resource, dot, attribute = name.partition(".")
        if dot:
            return scope.attribute(resource, attribute, node)
        found = scope.ref(name, node)
        return "" if found is None else _text(found, scope)

    return node.here(_VARIABLE.sub(value, _text(template, scope)))


def _join(argument: Node, node: Node, scope: Scope) -> Node:
    delimiter, parts = _members(argument, scope, 2, 2)
    if not isinstance(parts.value, tuple):
        raise scope.mistake(parts, "Fn::Join takes a list to join")
    return node.here(_text(delimiter, scope).join(_text(one, scope) for one in parts.members))


def _select(argument: Node, node: Node, scope: Scope) -> Node:
    index, choices = _members(argument, scope, 2, 2)
    if not (index.text.isdigit() and int(index.text) < len(choices.members)):
        what = f"there is no member {index.text or '?'} in a list of {len(choices.members)}"
        raise scope.mistake(node, what, "Fn::Select counts from 0")
    return choices.members[int(index.text)].at(node)


def _split(argument: Node, node: Node, scope: Scope) -> Node:
    delimiter, text = (_text(one, scope) for one in _members(argument, scope, 2, 2))
    if not delimiter:
        raise scope.mistake(node, "Fn::Split has nothing to split at")
    return node.here(text.split(delimiter))


def _find_in_map(argument: Node, node: Node, scope: Scope) -> Node:
    name, top, second, *rest = _members(argument, scope, 3, 4)
    keys = (_text(name, scope), _text(top, scope), _text(second, scope))
    default = rest[0].get("DefaultValue") if rest else None
    found = scope.mapped(keys, node) or default
    if found is None:
        hint = "a parameter may have another value than was meant: --parameter NAME=VALUE"
        raise scope.mistake(node, f"the mapping has nothing at {'.'.join(keys)}", hint)
    return found.at(node) if found.is_scalar else found


def _import_value(argument: Node, node: Node, scope: Scope) -> Node:
    return node.here(scope.imported(_text(argument, scope), node))


def _base64(argument: Node, node: Node, scope: Scope) -> Node:
    return node.here(b64encode(_text(argument, scope).encode()).decode())


def _zones(argument: Node, node: Node, scope: Scope) -> Node:
    region = _text(argument, scope) or scope.region
    return node.here([f"{region}{letter}" for letter in "abc"])


_FUNCTIONS: Mapping[str, Work] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _zones,
    "Fn::Length": lambda argument, node, _: node.here(len(argument.members)),
    "Fn::ToJsonString": lambda argument, node, _: node.here(json.dumps(argument.plain())),
}
