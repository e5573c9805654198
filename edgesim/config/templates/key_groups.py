"""Public keys and the key groups that a behavior trusts."""

from __future__ import annotations

import re

from .adapter import Adapter
from .nodes import Node
from .stack import Resource, identified

_ACCOUNT = re.compile(r"\d{12}")
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


def signer_named(adapter: Adapter, node: Node) -> str | None:
    """A key group with the keys of the account that `node` trusts, which somebody has to give.

    CloudFront: "Specify signers that can create signed URLs and signed cookies": an account's key
    pairs are in no template.
    """
    account, keys = node.text, adapter.stack.given.signers.get(node.text)
    if account != "self" and not _ACCOUNT.fullmatch(account):
        hint = "an account's twelve digits, or self"
        adapter.report.refuse(node, f"{account!r} is no account", hint)
        return None
    if not keys:
        hint = f"say which: --set-signer {account}=KEYID:FILE, or move to TrustedKeyGroups"
        adapter.report.refuse(node, f"the template has no keys of the signer {account}", hint)
        return None
    name = f"signer {account}"
    adapter.sketch.place(("key_groups", name), node)
    if name not in adapter.sketch.data.get("key_groups", {}):
        adapter.put(("key_groups", name, "keys"), list(keys), node)
    for key, file in keys.items():
        adapter.put(("public_keys", key, "file"), file, node)
    return name


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
