"""What the CDK leaves beside a template: folders of code, and stacks in other Regions.

`cdk synth` puts an asset into `asset.HASH`, whose name comes back in the resource's S3Key. A
function for the edge of a stack that is not in us-east-1 goes into a template of its own, and
its ARN through a parameter that a custom resource reads.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .adapter import Adapter
from .nodes import Node
from .reading import read
from .stack import Stack

READER = "Custom::CrossRegionStringParameterReader"
PARAMETER = "AWS::SSM::Parameter"


def asset_folder(folder: Path, key: str) -> Path | None:
    """Where the asset is whose S3Key is `key`; None if it is none of a CDK's."""
    named = (f"asset.{Path(key).stem}", f"asset.{key}")  # a folder is zipped, a file is not
    return next((folder / one for one in named if key and (folder / one).exists()), None)


def other_region(adapter: Adapter, arn: Node) -> tuple[Adapter, Node] | None:
    """The stack that has the function which `arn` means, and its ARN there."""
    readers = adapter.stack.of_kind(READER)
    reader = next((one for one in readers if arn.text == f"{one.id}.FunctionArn"), None)
    if reader is None:
        return None
    wanted = reader.properties.text_at("ParameterName")
    for path in sorted(adapter.folder.glob("*.template.json")):
        stack = Stack(_beside(read(path), (path.name,)), adapter.stack.name, adapter.stack.given)
        for parameter in stack.of_kind(PARAMETER):
            if parameter.properties.text_at("Name") == wanted:
                value = parameter.properties.get("Value") or parameter.properties
                return replace(adapter, stack=stack), value
    return None


def _beside(node: Node, path: tuple[str | int, ...]) -> Node:
    """`node` as part of another file, whose lines are not those of the template."""
    if node.fields:
        inside = {key: _beside(one, (*path, key)) for key, one in node.fields.items()}
        return Node(inside, 0, path)
    if node.members:
        members = tuple(_beside(one, (*path, i)) for i, one in enumerate(node.members))
        return Node(members, 0, path)
    return Node(node.value, 0, path, node.text)
