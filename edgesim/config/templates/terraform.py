"""`terraform show -json`, of a plan or a state, as the CloudFormation template it amounts to.

What a plan knows only after it is applied is looked up by reference, and never dropped: what no
reference explains stands there as a text that nothing answers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import ConfigError
from ..positions import KeyPath
from .nodes import Node, located
from .terraform_shapes import (
    ATTRIBUTES,
    BLOCKS,
    CONFIGS,
    IDENTITIES,
    KINDS,
    LISTS,
    OWN,
    REFERENCES,
    RENAMED,
    RENAMED_IN,
)

SETS = frozenset({"items", "key_value_store_associations", "trusted_key_groups"})
"""Arguments that are sets of references."""
DISTRIBUTION = "aws_cloudfront_distribution"
UNKNOWN = "(known after apply)"


def is_terraform(root: Node) -> bool:
    return "format_version" in root.fields and "terraform_version" in root.fields


@dataclass(frozen=True, slots=True, eq=False)
class _Resource:
    address: str
    kind: str
    values: Node
    unknown: Node
    expressions: Node
    module: str
    """The address of the module it is in, with a dot behind, or nothing."""


def translated(root: Node, name: str) -> Node:
    """`root` in CloudFormation's shape. Raises `ConfigError` if nothing is planned in it."""
    values = root.get("planned_values") or root.get("values")
    if values is None:
        hint = "terraform plan -out plan && terraform show -json plan > plan.json"
        raise ConfigError("it has neither a plan nor a state", where=name, hint=hint)
    module = values.get("root_module") or Node({})
    plan = _Plan(root, list(_resources(root, module)))
    return Node({"Resources": Node({one.address: plan.resource(one) for one in plan.resources})})


def _resources(root: Node, module: Node) -> Iterator[_Resource]:
    prefix = f"{module.text_at('address')}." if module.get("address") else ""
    changes = root.get("resource_changes") or Node(())
    unknown = {
        one.text_at("address"): one.get("change", "after_unknown") for one in changes.members
    }
    configured = _configured(root, prefix)
    for one in (module.get("resources") or Node(())).members:
        address = one.text_at("address")
        if one.text_at("mode") == "data":
            continue
        own = address.removeprefix(prefix).partition("[")[0]
        yield _Resource(
            address,
            one.text_at("type"),
            one.get("values") or Node({}),
            unknown.get(address) or Node({}),
            configured.get(own, Node({})),
            prefix,
        )
    for child in (module.get("child_modules") or Node(())).members:
        yield from _resources(root, child)


def _configured(root: Node, prefix: str) -> dict[str, Node]:
    """The expressions of a module's resources, by their address in it."""
    module = root.get("configuration", "root_module")
    for part in prefix.split(".")[1::2]:
        calls = module.get("module_calls", part.partition("[")[0], "module") if module else None
        module = calls
    found = (module.get("resources") if module else None) or Node(())
    return {one.text_at("address"): one.get("expressions") or Node({}) for one in found.members}


@dataclass(frozen=True, slots=True)
class _Plan:
    root: Node
    resources: list[_Resource]
    called: dict[str, tuple[_Resource, str]] = field(default_factory=dict)
    """Resources by what they are called once they exist, with the attribute that says so."""

    def __post_init__(self) -> None:
        for one in self.resources:
            for attribute in IDENTITIES:
                text = one.values.text_at(attribute)
                if text and one.kind in KINDS:
                    self.called.setdefault(text, (one, attribute))

    def resource(self, one: _Resource) -> Node:
        path: KeyPath = (one.address,)
        line = one.values.line
        made: dict[str, Any] = {"Type": KINDS.get(one.kind, one.kind)}
        if one.kind in KINDS:
            hidden = OWN[""] | OWN.get(one.kind, frozenset())
            properties = self._block(one, one.values, one.unknown, one.expressions, path, hidden)
            made["Properties"] = self._shaped(one, properties)
        return Node({key: located(value, line, path) for key, value in made.items()}, line, path)

    def _shaped(self, one: _Resource, properties: Node) -> Node:
        inside = dict(properties.fields)
        if one.kind == "aws_lambda_function":
            inside["Code"] = self._code(one, properties)
        if one.kind == "aws_cloudfront_function":
            config = {"Comment": inside.pop("Comment", properties.here(""))}
            for key in ("Runtime", "KeyValueStoreAssociations"):
                if key in inside:
                    config[key] = inside.pop(key)
            inside["FunctionConfig"] = properties.of(config)
            inside.setdefault("AutoPublish", properties.here("true"))
        around = CONFIGS.get(one.kind)
        return properties.of({around: properties.of(inside)} if around else inside)

    def _code(self, one: _Resource, place: Node) -> Node:
        """A folder that an archive is made of, rather than the archive: it can be edited."""
        filename = one.values.text_at("filename")
        for archive in _archives(self.root):
            if filename and archive.text_at("output_path") == filename:
                source = archive.text_at("source_dir") or archive.text_at("source_file")
                if source:
                    return place.here(source)
        if filename:
            return place.here(filename)
        keys = {"S3Bucket": "s3_bucket", "S3Key": "s3_key"}
        return place.here({key: one.values.text_at(name) for key, name in keys.items()})

    def _block(
        self,
        one: _Resource,
        values: Node,
        unknown: Node,
        expressions: Node,
        path: KeyPath,
        hidden: frozenset[str] = frozenset(),
    ) -> Node:
        """A block's arguments under CloudFormation's names; what is not set is left out."""
        made: dict[str, Node] = {}
        for key in dict.fromkeys([*values.fields, *unknown.fields]):
            if key in hidden:
                continue
            here = (*path, key)
            may_be_dynamic = one.kind == DISTRIBUTION and key in BLOCKS
            said = key in expressions.fields or key in values.fields or may_be_dynamic
            if expressions.fields and not said:
                continue  # nobody set it, and the provider will think of something
            value = self._value(
                one,
                values.get(key),
                unknown.get(key),
                expressions.get(key),
                here,
                single=key not in LISTS,
            )
            if value is not None:
                made[RENAMED_IN.get((one.kind, key)) or _name(key)] = value
        return _reshaped(path[-1] if path else "", Node(made, values.line, path))

    def _value(
        self,
        one: _Resource,
        value: Node | None,
        unknown: Node | None,
        expression: Node | None,
        path: KeyPath,
        *,
        single: bool,
    ) -> Node | None:
        if unknown is not None and unknown.value is True:
            referred = self._referred(one, expression, path)
            return Node((referred,), referred.line, path) if path[-1] in SETS else referred
        if value is None or value.value in (None, "") or value.value == ():
            return None
        if value.is_scalar:
            return self._named(value, path)
        members = [
            self._member(one, member, _at(unknown, index), _at(expression, index), (*path, index))
            for index, member in enumerate(value.members)
        ]
        if value.fields:
            return self._block(one, value, unknown or Node({}), expression or Node({}), path)
        if single and len(members) == 1 and value.members[0].fields:
            return members[0]
        return Node(tuple(members), value.line, path)

    def _member(
        self,
        one: _Resource,
        value: Node,
        unknown: Node | None,
        expression: Node | None,
        path: KeyPath,
    ) -> Node:
        if unknown is not None and unknown.value is True:
            return self._referred(one, expression, path)
        if value.is_scalar:
            return self._named(value, path)
        return self._block(one, value, unknown or Node({}), expression or Node({}), path)

    def _named(self, value: Node, path: KeyPath) -> Node:
        """A reference in place of what AWS called a resource of this state."""
        if value.text in self.called and REFERENCES & set(path):
            return _reference(*self.called[value.text], value.line, path)
        return Node(value.value, value.line, path, value.text)

    def _referred(self, one: _Resource, expression: Node | None, path: KeyPath) -> Node:
        references = expression.get("references") if expression is not None else None
        for reference in (references or Node(())).members:
            for other in self.resources:
                base = other.address.removeprefix(one.module).partition("[")[0]
                if other.module == one.module and reference.text.startswith(f"{base}."):
                    attribute = reference.text.removeprefix(f"{base}.")
                    return _reference(other, attribute, one.values.line, path)
        return located(UNKNOWN, one.values.line, path)


def _at(node: Node | None, index: int) -> Node | None:
    return node.members[index] if node is not None and index < len(node.members) else None


def _reference(resource: _Resource, attribute: str, line: int, path: KeyPath) -> Node:
    kind, address = resource.kind, resource.address
    if kind == "aws_lambda_function" and attribute == "qualified_arn":
        arn = {"Fn::GetAtt": [address, "Arn"]}
        version = "1" if resource.values.text_at("publish") == "true" else "$LATEST"
        return located({"Fn::Join": [":", [arn, version]]}, line, path)
    if kind in KINDS and attribute in IDENTITIES and (kind, attribute) not in ATTRIBUTES:
        return located({"Ref": address}, line, path)
    named = ATTRIBUTES.get((kind, attribute), attribute)
    return located({"Fn::GetAtt": [address, named]}, line, path)


def _archives(root: Node) -> Iterator[Node]:
    for state in (root.get("prior_state", "values"), root.get("values")):
        module = state.get("root_module") if state is not None else None
        for one in ((module.get("resources") if module else None) or Node(())).members:
            if one.text_at("type") == "archive_file":
                yield one.get("values") or Node({})


def _name(key: str) -> str:
    return RENAMED.get(key) or "".join(part.capitalize() for part in key.split("_"))


def _reshaped(key: str | int, node: Node) -> Node:
    """Where CloudFormation has another shape, and not only other names."""
    fields: dict[str, Node] = dict(node.fields)
    if "CachePolicyId" in fields:  # the provider tells the TTLs that do not apply as 0
        for name in ("MinTTL", "DefaultTTL", "MaxTTL"):
            if name in fields and fields[name].text == "0":
                del fields[name]
    if "Name" in fields and "Value" in fields:  # a custom header
        fields = {"HeaderName": fields["Name"], "HeaderValue": fields["Value"]}
    kinds = ("CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig")
    if "DomainName" in fields and not any(kind in fields for kind in kinds):
        fields["S3OriginConfig"] = Node({}, node.line, node.path)
    for name in ("Cookies", "Headers", "QueryStrings"):  # of a policy: a list in a block
        items = fields[name].get("Items") if name in fields else None
        if items is not None and key != "forwarded_values":
            fields[name] = items
    if "OriginGroups" in fields:
        groups = fields["OriginGroups"]
        fields["OriginGroups"] = Node({"Items": groups}, groups.line, groups.path)
    if "FailoverCriteria" in fields:
        codes = fields["FailoverCriteria"].get("StatusCodes") or Node(())
        whole = {"StatusCodes": Node({"Items": codes}, codes.line, codes.path)}
        fields["FailoverCriteria"] = Node(whole, codes.line, codes.path)
    if "Member" in fields:
        members = fields.pop("Member")
        ids = [Node({"OriginId": one.fields["Id"]}, one.line, one.path) for one in members.members]
        fields["Members"] = Node({"Items": Node(tuple(ids))}, members.line, members.path)
    return Node(fields, node.line, node.path)
