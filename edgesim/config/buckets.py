"""`s3 = {…}` of an origin: a bucket in a folder, or behind an S3 API."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec

from ..cloudfront.bucket import Bucket, RoutingRule
from ..cloudfront.origin import Origin
from ..errors import ConfigError
from .deployment import NoteKind
from .draft import OriginDraft, RoutingRuleDraft, S3Draft
from .positions import KeyPath
from .source import Findings, kind_of
from .urls import at_url

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""S3: "Bucket naming rules"."""
_WEBSITE_KEYS = ("index_document", "error_document", "redirect_all_requests_to", "routing_rules")


def with_bucket(
    origin: Origin, path: KeyPath, draft: OriginDraft, s3: S3Draft, findings: Findings
) -> Origin:
    """`origin` as the bucket that `s3` describes; what is wrong with it goes to `findings`."""
    if (s3.folder is None) is (s3.endpoint is None):
        what = "it has folder and endpoint" if s3.folder else "nothing says where the bucket is"
        hint = 'folder = "dist", or endpoint = "http://127.0.0.1:9000" with bucket = "name"'
        findings.refuse(path, what, hint)
        return origin
    _check_website(path, s3, findings)
    if s3.folder is not None:
        if draft.origin_access_control is not None:
            text = "a folder is given to CloudFront alone; nothing is signed"
            findings.note(NoteKind.IGNORED, (*path[:-1], "origin_access_control"), text)
        folder = findings.source.path(s3.folder)
        if kind_of(folder) != "folder":
            hint = "paths are relative to the file they stand in"
            findings.refuse((*path, "folder"), f"there is no folder {s3.folder!r}", hint)
        bucket = _bucket(s3, path, findings)
        return replace(origin, host=_domain(origin, s3), folder=str(folder), bucket=bucket)
    return _behind_api(origin, path, draft, s3, findings)


def _bucket(s3: S3Draft, path: KeyPath, findings: Findings) -> Bucket:
    every, redirect = s3.redirect_all_requests_to, None
    if every is not None:
        redirect = RoutingRule(protocol=every.protocol, host=every.host, redirect_code=301)
    return Bucket(
        name=s3.bucket or "",
        website=s3.website,
        index_document=s3.index_document,
        error_document=s3.error_document,
        redirects_all_to=redirect,
        routing_rules=tuple(
            _rule(one, (*path, "routing_rules", index), findings)
            for index, one in enumerate(s3.routing_rules)
        ),
        lists=s3.list_bucket,
        access_key_id=s3.access_key_id,
        secret_access_key=s3.secret_access_key,
    )


def _rule(draft: RoutingRuleDraft, path: KeyPath, findings: Findings) -> RoutingRule:
    if draft.replace_key_prefix_with is not None and draft.replace_key_with is not None:
        what = "it replaces the prefix of the key, and all of it"
        findings.refuse(path, what, "give replace_key_prefix_with or replace_key_with")
    return RoutingRule(
        draft.key_prefix_equals,
        draft.http_error_code_returned_equals,
        draft.protocol,
        draft.host,
        draft.replace_key_prefix_with,
        draft.replace_key_with,
        draft.http_redirect_code,
    )


def _check_website(path: KeyPath, s3: S3Draft, findings: Findings) -> None:
    given = [key for key in _WEBSITE_KEYS if key in s3.model_fields_set]
    if given and not s3.website:
        hint = "add website = true; the REST endpoint has nothing of that"
        findings.refuse((*path, given[0]), f"{given[0]} goes with a website", hint)
    if s3.website and s3.endpoint is not None:
        hint = "give a folder, or the server's website endpoint as url"
        findings.refuse((*path, "website"), "an S3 API is no website", hint)
    if "/" in s3.index_document or not s3.index_document:
        hint = 'a name such as "index.html", which every folder has one of'
        findings.refuse((*path, "index_document"), "it is no index document", hint)


def _behind_api(
    origin: Origin, path: KeyPath, draft: OriginDraft, s3: S3Draft, findings: Findings
) -> Origin:
    if not s3.bucket or not _NAME.fullmatch(s3.bucket):
        hint = "3 to 63 lower-case letters, digits, dots and hyphens"
        what = "which bucket is not said" if not s3.bucket else f"{s3.bucket!r} is no bucket's name"
        findings.refuse((*path, "bucket"), what, hint)
    try:
        placed = at_url(origin, s3.endpoint or "")
    except ConfigError as error:
        findings.refuse((*path, "endpoint"), error.what, error.hint)
        return origin
    if placed.path:
        hint = f"write endpoint without {placed.path!r}, and the bucket as bucket"
        findings.refuse((*path, "endpoint"), "the endpoint has a path", hint)
    signing = draft.origin_access_control or "never"
    if signing != "never" and find_spec("botocore") is None:
        hint = "pip install 'edgesim[s3]'"
        where = (*path[:-1], "origin_access_control")
        findings.refuse(where, "signing requests needs botocore", hint)
    bucket = replace(_bucket(s3, path, findings), signing_behavior=signing)
    return replace(placed, path=draft.path, bucket=bucket)


def _domain(origin: Origin, s3: S3Draft) -> str:
    """What the bucket would be called on AWS, for Host and for functions."""
    kind = "s3-website" if s3.website else "s3"
    return f"{s3.bucket or origin.name.lower()}.{kind}.{origin.region}.amazonaws.com"
