"""The functions that behaviors name: where their code is, and what AWS would refuse."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import suggestion
from ..functions import CLOUDFRONT_JS, NODE, PYTHON
from ..positions import KeyPath
from ..source import kind_of
from .adapter import Adapter
from .cdk import asset_folder, other_region
from .nodes import Node
from .other_function import sketch_other
from .stack import REGION, Resource, identified
from .stores import store_named
from .unpacked import unzipped, written

LAMBDA, CLOUDFRONT = "AWS::Lambda::Function", "AWS::CloudFront::Function"
FUNCTION_ARN = re.compile(r"arn:[\w-]+:lambda:([\w-]*):\d*:function:([\w.-]+)(?::(.+))?")
CLOUDFRONT_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
TIMEOUT_S = 3
"""Lambda's, if a function does not say."""
MAX_CLOUDFRONT_BYTES = 10 * 1024
"""Of a CloudFront Function's code (CloudFront: "Quotas")."""
UNRESERVED = "-1"
"""Terraform's word for a function without reserved concurrency."""
ASSET_PATH = "aws:asset:path"
"""Metadata of the CDK: where a resource's code was put, beside the template."""


def sketch_lambda(adapter: Adapter, arn: Node) -> str | None:
    """The name of the Lambda@Edge function that `arn` means, its code sketched."""
    match = FUNCTION_ARN.fullmatch(arn.text)
    name, version = (match[2], match[3] or "") if match else (arn.text, "")
    if match and match[1] != REGION:
        hint = "a function at the edge belongs to a stack of us-east-1"
        adapter.report.refuse(arn, f"the function is in {match[1]}", hint)
    functions = adapter.stack.of_kind(LAMBDA)
    function = identified(functions, name, "Arn")
    if function is None and (other := other_region(adapter, arn)) is not None:
        return sketch_lambda(*other)
    if function is None:
        return sketch_other(adapter, arn, name, [one.id for one in functions])
    if not version.isdigit():
        said = f"the alias {version}" if version and version != "$LATEST" else "no version"
        hint = "name a version: Ref to an AWS::Lambda::Version (publish = true in Terraform), or "
        hint += f"AutoPublishAlias and {function.id}.Version in SAM"
        adapter.report.refuse(arn, f"CloudFront takes a function's version; this is {said}", hint)
    if adapter.tell(function):
        _sketch_lambda(adapter, function)
        _tell_versions(adapter, function)
    return function.id


def _tell_versions(adapter: Adapter, function: Resource) -> None:
    for one in adapter.stack.of_kind("AWS::Lambda::Version"):
        named = one.properties.text_at("FunctionName")
        if named in (function.ref, function.attribute("Arn")):
            adapter.tell(one)


def _sketch_lambda(adapter: Adapter, function: Resource) -> None:
    path, properties = ("functions", function.id), function.properties
    adapter.sketch.place(path, properties if properties.line else function.node)
    for wanted, key in (("zip", "PackageType"), ("x86_64", "Architectures")):
        node = properties.get(key)
        said = [one.text for one in node.members] or [node.text] if node is not None else []
        if node is not None and [one.lower() for one in said] != [wanted]:
            what = f"{', '.join(said)} does not run at the edge"
            adapter.report.refuse(node, what, f"{key}: {'Zip' if wanted == 'zip' else wanted}")
            return
    if not adapter.needed(properties, "Code", "Handler", "Runtime"):
        return
    adapter.put_text((*path, "handler"), properties.get("Handler"))
    adapter.put_text((*path, "runtime"), properties.get("Runtime"))
    adapter.put_whole((*path, "memory_mb"), properties.get("MemorySize"))
    timeout = properties.get("Timeout")
    if timeout is None:
        adapter.put((*path, "timeout_s"), TIMEOUT_S, properties)
    adapter.put_whole((*path, "timeout_s"), timeout)
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is not None and reserved.text != UNRESERVED:
        adapter.put_whole((*path, "reserved_concurrency"), reserved)
    _check_role(adapter, properties.get("Role"))
    code = _code(adapter, function)
    if code is not None:
        adapter.put((*path, "code"), str(code), properties.get("Code") or properties)


def _code(adapter: Adapter, function: Resource) -> Path | None:
    """Where the code is; None, and a mistake, where it is not on this machine."""
    code = function.properties.get("Code") or function.properties
    inline = code.get("ZipFile")
    asset = function.metadata.get(ASSET_PATH)
    said = adapter.stack.given.functions.get(function.id)
    if said is not None:
        return _found(adapter, code, said)
    if inline is not None:
        return _inline(adapter, inline, function.properties.get("Runtime") or code)
    if asset is not None:
        return _found(adapter, asset, asset.text)
    synthesised = asset_folder(adapter.folder, code.text_at("S3Key"))
    if synthesised is not None:
        return _found(adapter, code, synthesised.name)
    if code.is_scalar and code.text and not code.text.startswith("s3://"):
        return _found(adapter, code, code.text)
    hint = f"say where it is on this machine: --set-function {function.id}=FOLDER"
    adapter.report.refuse(code, f"the code of {function.id} is in a bucket", hint)
    return None


def _inline(adapter: Adapter, inline: Node, runtime: Node) -> Path | None:
    if runtime.text not in (*NODE, *PYTHON):
        known = (*NODE, *PYTHON)
        adapter.report.unknown(runtime, "runtime of inline code", runtime.text, known)
        return None
    return written({f"index.{'js' if runtime.text in NODE else 'py'}": inline.text.encode()})


def _found(adapter: Adapter, node: Node, text: str) -> Path | None:
    path = (adapter.folder / Path(text).expanduser()).resolve()
    kind = kind_of(path)
    if kind == "nothing":
        hint = "paths are relative to the template"
        adapter.report.refuse(node, f"there is no file or folder {text!r}", hint)
        return None
    if kind == "file" and path.suffix in (".zip", ".jar"):
        try:
            return unzipped(path)
        except ValueError as error:
            adapter.report.refuse(node, f"{text!r} cannot be unpacked: {error}", "zip it anew")
            return None
    return path


def _check_role(adapter: Adapter, role: Node | None) -> None:
    """The role must let replicas be made (CloudFront: "Set up IAM permissions and roles")."""
    if role is None:
        return
    found = identified(adapter.stack.of_kind("AWS::IAM::Role"), role.text, "Arn")
    trust = found.properties.get("AssumeRolePolicyDocument") if found is not None else None
    if trust is not None and all(one.text != "edgelambda.amazonaws.com" for one in trust.leaves()):
        hint = "its Principal needs Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]"
        adapter.report.refuse(trust, "edgelambda.amazonaws.com may not assume this role", hint)


def sketch_cloudfront_function(adapter: Adapter, arn: Node) -> str | None:
    """The name of the CloudFront Function that `arn` means, its code sketched."""
    functions = adapter.stack.of_kind(CLOUDFRONT)
    function = identified(functions, arn.text, "FunctionMetadata.FunctionARN")
    if function is None:
        name = arn.text.rpartition("/")[2]
        return sketch_other(adapter, arn, name, [one.id for one in functions])
    name = _name(function)
    if adapter.tell(function):
        _sketch_cloudfront(adapter, function, name)
    return name


def _name(function: Resource) -> str:
    """A logical id, but where that is an address in Terraform's state, which is no name."""
    if CLOUDFRONT_NAME.fullmatch(function.id):
        return function.id
    return function.properties.text_at("Name")


def _sketch_cloudfront(adapter: Adapter, function: Resource, known_as: str) -> None:
    path: KeyPath = ("functions", known_as)
    properties = function.properties
    adapter.sketch.place(path, properties)
    if not adapter.needed(properties, "Name", "FunctionCode", "FunctionConfig"):
        return
    if adapter.flag(properties.get("AutoPublish")) is not True:
        hint = "AutoPublish: true"
        what = "it is not published, and CloudFront associates published functions only"
        adapter.report.refuse(properties.get("AutoPublish") or properties, what, hint)
    name = properties.get("Name")
    if name is not None and not CLOUDFRONT_NAME.fullmatch(name.text):
        hint = "up to 64 letters, digits, - and _"
        adapter.report.refuse(name, f"{name.text!r} is no name of a function", hint)
    config = properties.get("FunctionConfig") or properties
    adapter.needed(config, "Comment", "Runtime")
    runtime = config.text_at("Runtime")
    if runtime not in CLOUDFRONT_JS:
        what = f"no runtime is named {runtime!r}"
        hint = suggestion(runtime, CLOUDFRONT_JS)
        adapter.report.refuse(config.get("Runtime") or config, what, hint)
    adapter.put((*path, "runtime"), runtime, config)
    stores = config.get("KeyValueStoreAssociations") or config.here([])
    for one in adapter.members(stores)[:1]:
        store = store_named(adapter, one.get("KeyValueStoreARN") or one)
        if store is not None:
            adapter.put((*path, "key_value_store"), store, one)
    if len(stores.members) > 1:
        adapter.report.refuse(stores, "a function has one key-value store", "merge their keys")
    code = properties.get("FunctionCode") or properties
    if len(code.text.encode()) > MAX_CLOUDFRONT_BYTES:
        what = f"the function has {len(code.text.encode()):,} bytes"
        adapter.report.refuse(code, what, f"{MAX_CLOUDFRONT_BYTES:,} are allowed")
    said = adapter.stack.given.functions.get(known_as)
    if said is not None:
        found = _found(adapter, code, said)
    else:
        found = written({f"{known_as}.js": code.text.encode()}) / f"{known_as}.js"
    if found is not None:
        adapter.put((*path, "code"), str(found), code)
