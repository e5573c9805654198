"""A CloudFormation template whose parameters have values: what its functions look things up in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ...errors import ConfigError, suggestion
from ..positions import dotted
from .given import Given
from .identities import ACCOUNT, IDENTITY_KEYS, PARTITION, attribute_of, ref_of
from .intrinsics import evaluated, holds
from .nodes import Node

REGION = "us-east-1"
"""Where a stack with a distribution's functions and certificates has to be."""
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/edgesim/1",
    "AWS::StackName": "edgesim",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = "AWS::NoValue"


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource whose condition holds, its functions worked out."""

    id: str
    kind: str
    properties: Node
    node: Node
    region: str = REGION

    @property
    def ref(self) -> str:
        return ref_of(self.id, self.kind, self.properties, self.region)

    def attribute(self, name: str) -> str:
        return attribute_of(self.id, self.kind, self.properties, name, self.region)

    @property
    def metadata(self) -> Node:
        return self.node.get("Metadata") or Node({})


class Stack:
    """Look-ups in one template. Resources are worked out when they are asked for, and once."""

    def __init__(self, root: Node, name: str, given: Given = Given()) -> None:
        self.root, self.name, self.given = root, name, given
        self.region = given.parameters.get("AWS::Region", REGION)
        self._made: dict[str, Resource] = {}
        self._under_way: list[str] = []

    def check_given(self) -> None:
        """Raises `ConfigError` for a parameter that was given and is none."""
        for parameter in self.given.parameters:
            if parameter not in self._parameters and parameter not in PSEUDO:
                raise ConfigError.unknown("parameter", parameter, self._parameters, "--parameter")

    @cached_property
    def _parameters(self) -> dict[str, Node]:
        return dict((self.root.get("Parameters") or Node({})).fields)

    @cached_property
    def _resources(self) -> dict[str, Node]:
        return dict((self.root.get("Resources") or Node({})).fields)

    def of_kind(self, *kinds: str) -> list[Resource]:
        """The resources of these kinds whose conditions hold, in the template's order."""
        wanted = [
            (name, node) for name, node in self._resources.items() if node.text_at("Type") in kinds
        ]
        return [self._resource(name, node) for name, node in wanted if self._exists(node)]

    def find(self, name: str) -> Resource | None:
        node = self._resources.get(name)
        return self._resource(name, node) if node is not None and self._exists(node) else None

    def _exists(self, node: Node) -> bool:
        condition = node.get("Condition")
        return condition is None or self.condition(condition.text, condition)

    def _resource(self, name: str, node: Node) -> Resource:
        if name not in self._made:
            properties = node.get("Properties") or Node({}, node.line, node.path)
            done = self._guarded(name, node, properties)
            self._made[name] = Resource(name, node.text_at("Type"), done, node, self.region)
        return self._made[name]

    def _guarded(self, name: str, node: Node, value: Node) -> Node:
        """`value`, which belongs to `name`, worked out; a ring of references is a mistake."""
        if name in self._under_way:
            ring = " → ".join([*self._under_way[self._under_way.index(name) :], name])
            raise self.mistake(node, f"it refers to itself: {ring}")
        self._under_way.append(name)
        try:
            return evaluated(value, self) or value.here({})
        finally:
            self._under_way.pop()

    def ref(self, name: str, node: Node) -> Node | None:
        if name == NO_VALUE:
            return None
        if name in PSEUDO:
            return node.here(self.given.parameters.get(name, PSEUDO[name]))
        if name == "AWS::NotificationARNs":
            return node.here([])
        if name in self._parameters:
            return self._parameter(name, node)
        return node.here(self._named(name, node).ref)

    def attribute(self, resource: str, attribute: str, node: Node) -> str:
        return self._named(resource, node).attribute(attribute)

    def _named(self, name: str, node: Node) -> Resource:
        """Only what a name is made of is worked out: the rest may be beyond us."""
        raw = self._resources.get(name)
        if raw is None:
            known = [*self._resources, *self._parameters]
            what = f"no resource or parameter is named {name!r}"
            raise self.mistake(node, what, suggestion(name, known))
        properties = raw.get("Properties") or Node({})
        kept = {key: one for key, one in properties.fields.items() if key in IDENTITY_KEYS}
        done = self._guarded(name, raw, properties.here(kept)) if kept else properties.here({})
        return Resource(name, raw.text_at("Type"), done, raw, self.region)

    def _parameter(self, name: str, node: Node) -> Node:
        declared = self._parameters[name]
        kind = declared.text_at("Type")
        default = declared.get("Default")
        text = self.given.parameters.get(name)
        if text is None and default is not None and not kind.startswith("AWS::SSM::"):
            text = default.text
        if text is None:
            why = "is kept in SSM" if default is not None else "has no default"
            hint = f"give its value: --parameter {name}=VALUE"
            raise self.mistake(node, f"the parameter {name} {why}", hint)
        self._check(name, declared, text)
        if kind == "CommaDelimitedList" or "List<" in kind:
            return node.here([one.strip() for one in text.split(",")] if text else [])
        return node.here(text)

    def _check(self, name: str, declared: Node, text: str) -> None:
        allowed = [one.text for one in (declared.get("AllowedValues") or Node(())).members]
        if allowed and text not in allowed:
            what = f"{text!r} is no value that the parameter {name} allows"
            raise self.mistake(declared, what, suggestion(text, allowed))

    def condition(self, name: str, node: Node) -> bool:
        conditions = (self.root.get("Conditions") or Node({})).fields
        if name not in conditions:
            what = f"no condition is named {name!r}"
            raise self.mistake(node, what, suggestion(name, conditions))
        if name in self._under_way:
            raise self.mistake(node, f"the condition {name} depends on itself")
        self._under_way.append(name)
        try:
            return holds(conditions[name], self)
        finally:
            self._under_way.pop()

    def mapped(self, keys: tuple[str, str, str], node: Node) -> Node | None:
        mappings = self.root.get("Mappings") or Node({})
        if keys[0] not in mappings.fields:
            what = f"no mapping is named {keys[0]!r}"
            raise self.mistake(node, what, suggestion(keys[0], mappings.fields))
        return mappings.get(*keys)

    def imported(self, name: str, node: Node) -> str:
        if name not in self.given.imports:
            hint = f"give its value: --import {name}=VALUE"
            raise self.mistake(node, f"{name} is exported by another stack", hint)
        return self.given.imports[name]

    def mistake(self, node: Node, what: str, hint: str = "") -> ConfigError:
        return ConfigError(what, where=where(self.name, node), hint=hint)


def where(name: str, node: Node) -> str:
    """`template.yaml:12: Resources.CDN.Type`."""
    place = f"{name}:{node.line}" if node.line else name
    return f"{place}: {dotted(node.path)}" if node.path else place


def identified(resources: Iterable[Resource], text: str, *attributes: str) -> Resource | None:
    """The one among `resources` whose `Ref` or one of whose attributes is `text`."""
    for one in resources:
        if text in (one.ref, *(one.attribute(name) for name in attributes)):
            return one
    return None
