"""Public keys and the key groups that a behavior trusts."""

from __future__ import annotations

from .adapter import Adapter
from .nodes import Node
from .stack import Resource, identified

GROUP, KEY = "AWS::CloudFront::KeyGroup", "AWS::CloudFront::PublicKey"


def key_group_named(adapter: Adapter, node: Node) -> str | None:
    """The name of the group that `node` refers to; one that is not there is refused."""
    groups = adapter.stack.of_kind(GROUP)
    group = identified(groups, node.text, "Id")
    if group is None:
        adapter.report.unknown(node, "key group", node.text, [one.id for one in groups])
        return None
    if adapter.tell(group):
        _sketch_group(adapter, group)
    return group.id


def _sketch_group(adapter: Adapter, group: Resource) -> None:
    config = group.properties.get("KeyGroupConfig") or group.properties
    items = config.get("Items") or config.here([])
    keys = [_key_named(adapter, one) for one in adapter.members(items)]
    adapter.sketch.place(("key_groups", group.id), config)
    adapter.put(("key_groups", group.id, "keys"), [key for key in keys if key], items)


def _key_named(adapter: Adapter, node: Node) -> str | None:
    keys = adapter.stack.of_kind(KEY)
    key = identified(keys, node.text, "Id")
    if key is None:
        adapter.report.unknown(node, "public key", node.text, [one.id for one in keys])
        return None
    if adapter.tell(key):
        config = key.properties.get("PublicKeyConfig") or key.properties
        adapter.sketch.place(("public_keys", key.id), config)
        if adapter.needed(config, "EncodedKey"):
            adapter.put_text(("public_keys", key.id, "pem"), config.get("EncodedKey"))
    return key.id
