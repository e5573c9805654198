"""Key-value stores of CloudFront Functions: what they import has to be a file of this machine."""

from __future__ import annotations

from pathlib import Path

from .adapter import Adapter
from .cdk import asset_folder
from .nodes import Node
from .stack import Resource, identified
from .unpacked import written

STORE = "AWS::CloudFront::KeyValueStore"
EMPTY = b'{"data": []}\n'


def store_named(adapter: Adapter, node: Node) -> str | None:
    """The name of the store that `node` refers to by its ARN, itself sketched."""
    stores = adapter.stack.of_kind(STORE)
    store = identified(stores, node.text, "Arn")
    if store is None:
        adapter.report.unknown(node, "key-value store", node.text, [one.id for one in stores])
        return None
    if adapter.tell(store):
        path = ("key_value_stores", store.id)
        adapter.sketch.place(path, store.properties)
        file = _file(adapter, store)
        if file is not None:
            adapter.put((*path, "file"), str(file), store.properties.get("ImportSource") or node)
            adapter.put((*path, "id"), store.id, store.properties)
            adapter.put((*path, "arn"), store.attribute("Arn"), store.properties)
    return store.id


def _file(adapter: Adapter, store: Resource) -> Path | None:
    said = adapter.stack.given.stores.get(store.id)
    if said is not None:
        return Path(said)
    source = store.properties.get("ImportSource")
    if source is None:
        return written({f"{store.id}.json": EMPTY}) / f"{store.id}.json"
    key = source.text_at("SourceArn").rpartition("/")[2]
    asset = asset_folder(adapter.folder, key)
    if asset is None:
        hint = f"say where a copy of it is: --set-store {store.id}=FILE"
        adapter.report.refuse(source, f"what {store.id} imports is in a bucket", hint)
    return asset
