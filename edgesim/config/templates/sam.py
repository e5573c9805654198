"""The SAM transform: AWS's own translator, and our lines put back into what it made.

The translator wants code to be in a bucket; a folder on this machine is laid aside for it and
put back afterwards. Resources that SAM leaves alone keep their lines key by
key; what it makes of a function stands where the function does.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from ...errors import ConfigError
from ..positions import KeyPath
from .given import Given
from .nodes import Node
from .stack import REGION, where

TRANSFORM = "AWS::Serverless-2016-10-31"
FUNCTION = "AWS::Serverless::Function"
INSTALL = 'install it: pip install "edgesim[templates]"'


def is_sam(root: Node) -> bool:
    transform = root.get("Transform")
    if transform is None:
        return False
    return TRANSFORM in (transform.text, *(one.text for one in transform.members))


def translated(root: Node, name: str, given: Given) -> Node:
    """`root` as plain CloudFormation. Raises `ConfigError`."""
    try:
        from samtranslator.model.exceptions import (  # noqa: PLC0415 - an extra
            InvalidDocumentException,
        )
        from samtranslator.parser.parser import Parser  # noqa: PLC0415
        from samtranslator.translator.translator import Translator  # noqa: PLC0415
    except ImportError:
        transform = root.get("Transform") or root
        what = "SAM templates need aws-sam-translator"
        raise ConfigError(what, where=where(name, transform), hint=INSTALL) from None
    data, local_code = _without_local_code(root)
    session = SimpleNamespace(region_name=given.parameters.get("AWS::Region", REGION))
    translator = Translator({}, Parser(), boto_session=session)
    parameters = {**_defaults(root), **given.parameters, "AWS::Region": session.region_name}
    try:
        made = translator.translate(data, parameters)
    except InvalidDocumentException as error:
        raise _mistake(root, name, error) from None
    return _with_local_code(_relocated(made, root, root), local_code)


def _without_local_code(root: Node) -> tuple[dict[str, Any], dict[str, Node]]:
    """Plain data for the translator, and the code that was taken out of it."""
    data: dict[str, Any] = deepcopy(root.plain())
    shared = root.get("Globals", "Function", "CodeUri")
    data.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    local: dict[str, Node] = {}
    resources = root.get("Resources") or Node({})
    for name, node in resources.fields.items():
        if node.text_at("Type") != FUNCTION:
            continue
        properties = data["Resources"][name].setdefault("Properties", {})
        code = node.get("Properties", "CodeUri") or shared
        if "InlineCode" in properties or code is None or not code.is_scalar:
            continue
        if not code.text.startswith("s3://"):
            local[name] = code
        properties["CodeUri"] = f"s3://edgesim/{name}" if name in local else code.text
    return data, local


def _with_local_code(root: Node, local_code: Mapping[str, Node]) -> Node:
    """`root` with the code of functions where the template has it."""
    resources = dict((root.get("Resources") or Node({})).fields)
    for name, code in local_code.items():
        made = resources[name]
        properties = made.get("Properties") or Node({})
        whole = Node({**properties.fields, "Code": code}, properties.line, properties.path)
        resources[name] = Node({**made.fields, "Properties": whole}, made.line, made.path)
    return Node({**root.fields, "Resources": Node(resources)}, root.line, root.path)


def _defaults(root: Node) -> dict[str, Any]:
    parameters = root.get("Parameters") or Node({})
    found = {name: one.get("Default") for name, one in parameters.fields.items()}
    return {name: node.plain() for name, node in found.items() if node is not None}


def _relocated(value: Any, original: Node | None, nearest: Node, path: KeyPath = ()) -> Node:
    """`value` with the lines of `original` where it has the same keys, else `nearest`'s own."""
    near = original or nearest
    line = near.line
    if isinstance(value, Mapping):
        inside = {
            str(key): _relocated(one, near_child(original, str(key)), near, (*path, str(key)))
            for key, one in value.items()
        }
        return Node(inside, line, path)
    if isinstance(value, list | tuple):
        members = original.members if original is not None else ()
        return Node(
            tuple(
                _relocated(one, members[i] if i < len(members) else None, near, (*path, i))
                for i, one in enumerate(value)
            ),
            line,
            path,
        )
    text = original.text if original is not None and original.value == value else None
    if text is None:
        text = (
            "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        )
    return Node(value, line, path, text)


def near_child(original: Node | None, key: str) -> Node | None:
    return original.get(key) if original is not None else None


def _mistake(root: Node, name: str, error: Any) -> ConfigError:
    """The first thing the translator said, at the resource it is about."""
    cause = error.causes[0]
    logical_id = str(getattr(cause, "_logical_id", ""))
    node = root.get("Resources", logical_id) or root.get("Resources") or root
    return ConfigError(f"SAM refuses it: {cause.message}", where=where(name, node))
