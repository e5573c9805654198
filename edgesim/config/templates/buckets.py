"""Buckets as origins: their REST endpoint, and their website.

Behind `--set-origin ID=FOLDER` stands a bucket with the folder's files, and behind
`ID=s3+http://…` the bucket of an S3 API on this machine, which requests are signed for. Any other
URL is a server in the bucket's place, such as a dev server that has not been built yet.
"""

from __future__ import annotations

import re

from ..elsewhere import BUCKET_HOST
from ..positions import KeyPath
from .adapter import Adapter
from .nodes import Node
from .stack import Resource, identified

WEBSITE_HOST = re.compile(r"(.+)\.s3-website[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
CONTROL = "AWS::CloudFront::OriginAccessControl"
IDENTITY = "origin-access-identity/cloudfront/"
S3_API = "s3+"
LISTING = frozenset({"s3:ListBucket", "s3:List*", "s3:*", "*"})


def sketch_bucket(adapter: Adapter, path: KeyPath, node: Node) -> None:
    """An origin with `S3OriginConfig`."""
    host = node.get("DomainName") or node
    if WEBSITE_HOST.fullmatch(host.text):
        hint = "a website endpoint is a custom origin: CustomOriginConfig with http-only"
        adapter.report.refuse(host, f"{host.text} is a bucket's website, no bucket", hint)
        return
    match = BUCKET_HOST.fullmatch(host.text)
    if match is None:
        hint = "S3OriginConfig goes with BUCKET.s3.REGION.amazonaws.com, CustomOriginConfig else"
        adapter.report.refuse(host, f"{host.text} is no bucket", hint)
        return
    behavior = signing(adapter, node) or _identity(adapter, node)
    place = adapter.stack.given.origins.get(str(path[1]))
    if place is None:
        adapter.put((*path, "url"), f"https://{host.text}", host)
    elif place.startswith(S3_API):
        adapter.put((*path, "s3", "endpoint"), place.removeprefix(S3_API), host)
        adapter.put((*path, "s3", "bucket"), match[1], host)
        if behavior is not None:
            adapter.put((*path, "origin_access_control"), behavior.text, behavior)
    elif "://" in place:
        adapter.put((*path, "url"), place, host)
    else:
        adapter.put((*path, "s3", "folder"), place, host)
        bucket = identified(adapter.stack.of_kind(BUCKET), match[1])
        if bucket is not None and _may_list(adapter, bucket):
            adapter.put((*path, "s3", "list_bucket"), True, host)  # noqa: FBT003 - a value


def _identity(adapter: Adapter, node: Node) -> Node | None:
    """With an origin access identity, the older way, every request is signed."""
    said = node.get("S3OriginConfig", "OriginAccessIdentity")
    if said is None or not said.text:
        return None
    if node.text_at("OriginAccessControlId"):
        hint = "leave OriginAccessIdentity empty"
        adapter.report.refuse(said, "it has an access control and an access identity", hint)
    if not said.text.startswith(IDENTITY):
        what = f"{said.text!r} is no origin access identity"
        adapter.report.refuse(said, what, f"it is written {IDENTITY}ID")
    return said.here("always")


def signing(adapter: Adapter, node: Node) -> Node | None:
    """The signing behavior of the origin access control, if the template has it."""
    said = node.get("OriginAccessControlId")
    if said is None or not said.text:
        return None
    controls = adapter.stack.of_kind(CONTROL)
    control = identified(controls, said.text, "Id")
    if control is None:
        known = [one.id for one in controls]
        adapter.report.unknown(said, "origin access control", said.text, known)
        return None
    adapter.tell(control)
    config = control.properties.get("OriginAccessControlConfig") or control.properties
    return config.get("SigningBehavior") if adapter.needed(config, "SigningBehavior") else None


def _may_list(adapter: Adapter, bucket: Resource) -> bool:
    """Whether a policy of the bucket lets CloudFront list it: only then is a missing key a 404."""
    for policy in adapter.stack.of_kind(POLICY):
        if policy.properties.text_at("Bucket") != bucket.ref:
            continue
        statements = policy.properties.get("PolicyDocument", "Statement") or Node(())
        for one in statements.members or (statements,):
            actions = one.get("Action") or Node(())
            said = {leaf.text for leaf in actions.leaves()}
            if one.text_at("Effect") == "Allow" and said & LISTING:
                return True
    return False


def sketch_website(adapter: Adapter, path: KeyPath, host: Node, folder: str) -> None:
    """A folder behind a bucket's website endpoint."""
    match = WEBSITE_HOST.fullmatch(host.text)
    s3 = (*path, "s3")
    adapter.put((*s3, "folder"), folder, host)
    adapter.put((*s3, "website"), True, host)  # noqa: FBT003 - a value
    bucket = identified(adapter.stack.of_kind(BUCKET), match[1] if match else "")
    website = bucket.properties.get("WebsiteConfiguration") if bucket is not None else None
    if website is None:
        return
    adapter.put_text((*s3, "index_document"), website.get("IndexDocument"))
    adapter.put_text((*s3, "error_document"), website.get("ErrorDocument"))
    everything = website.get("RedirectAllRequestsTo")
    if everything is not None:
        redirect = (*s3, "redirect_all_requests_to")
        adapter.put_text((*redirect, "host"), everything.get("HostName"))
        adapter.put_text((*redirect, "protocol"), everything.get("Protocol"))
    rules = website.get("RoutingRules")
    for index, one in enumerate(rules.members if rules is not None else ()):
        _sketch_rule(adapter, (*s3, "routing_rules", index), one)


def _sketch_rule(adapter: Adapter, path: KeyPath, rule: Node) -> None:
    adapter.put(path, {}, rule)
    condition = rule.get("RoutingRuleCondition") or rule.here({})
    redirect = rule.get("RedirectRule") or rule.here({})
    adapter.put_text((*path, "key_prefix_equals"), condition.get("KeyPrefixEquals"))
    code = condition.get("HttpErrorCodeReturnedEquals")
    adapter.put_whole((*path, "http_error_code_returned_equals"), code)
    adapter.put_text((*path, "protocol"), redirect.get("Protocol"))
    adapter.put_text((*path, "host"), redirect.get("HostName"))
    adapter.put_text((*path, "replace_key_prefix_with"), redirect.get("ReplaceKeyPrefixWith"))
    adapter.put_text((*path, "replace_key_with"), redirect.get("ReplaceKeyWith"))
    adapter.put_whole((*path, "http_redirect_code"), redirect.get("HttpRedirectCode"))
