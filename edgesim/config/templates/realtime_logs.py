"""Real-time log configurations of a template."""

from __future__ import annotations

from ..deployment import NoteKind
from ..positions import KeyPath
from .adapter import Adapter
from .nodes import Node
from .stack import Resource, identified
from .viewer_side import one_of

CONFIG = "AWS::CloudFront::RealtimeLogConfig"


def sketch_realtime_log(adapter: Adapter, path: KeyPath, node: Node | None) -> None:
    """What `RealtimeLogConfigArn` of a behavior refers to; of another stack's nothing is known."""
    if node is None or not node.text:
        return
    config = identified(adapter.stack.of_kind(CONFIG), node.text, "Arn")
    if config is None:
        text = "its fields are not in this template; nothing is written for it"
        adapter.report.note(NoteKind.IGNORED, node, text)
        return
    if adapter.tell(config):
        _sketch(adapter, config)
    adapter.put((*path, "realtime_log"), config.id, node)


def _sketch(adapter: Adapter, config: Resource) -> None:
    path, properties = ("realtime_logs", config.id), config.properties
    adapter.sketch.place(path, properties)
    if not adapter.needed(properties, "EndPoints", "Fields", "Name", "SamplingRate"):
        return
    adapter.put_texts((*path, "fields"), properties.get("Fields"))
    rate = properties.get("SamplingRate")
    if rate is not None and (number := adapter.number(rate)) is not None:
        adapter.put((*path, "sampling_rate"), number, rate)
    ends = adapter.members(properties.get("EndPoints"))
    if len(ends) != 1:
        node = properties.get("EndPoints") or properties
        adapter.report.refuse(node, f"it has {len(ends)} endpoints", "one Kinesis data stream")
    for one in ends:
        one_of(adapter, one.get("StreamType"), ("Kinesis",))
        stream = one.get("KinesisStreamConfig", "StreamArn")
        if adapter.needed(one, "KinesisStreamConfig", "StreamType") and stream is not None:
            name = stream.text.rpartition("/")[2].removesuffix(".Arn")
            adapter.put((*path, "stream"), name, stream)
