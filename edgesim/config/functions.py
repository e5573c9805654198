"""`[functions.NAME]` to `Function`: its runtime, its code, its handler."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..cloudfront.association_rules import (
    DEPRECATED_RUNTIME,
    ENVIRONMENT_VARIABLES,
    LAMBDA_RUNTIME,
)
from ..cloudfront.function import Function, KeyValueStore
from ..errors import suggestion
from .deployment import NoteKind
from .draft import FunctionDraft
from .positions import KeyPath
from .source import Findings, kind_of

PYTHON = tuple(f"python3.{minor}" for minor in range(10, 15))
NODE = ("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x")
CLOUDFRONT_JS = ("cloudfront-js-1.0", "cloudfront-js-2.0")
INLINE = "inline"
"""Ours: a Python handler in this process, without its limits."""
RUNTIMES = (*PYTHON, *NODE, *CLOUDFRONT_JS, INLINE)

DEPRECATED = frozenset({"nodejs18.x", "nodejs20.x", "python3.10"})
"""AWS runs them on but takes no new functions for them (Lambda: "Lambda runtimes")."""


def resolved_function(
    name: str, draft: FunctionDraft, stores: Mapping[str, KeyValueStore], findings: Findings
) -> Function:
    """`draft` as a function; what is wrong with it goes to `findings`."""
    path: KeyPath = ("functions", name)
    if draft.runtime not in RUNTIMES:
        what = f"no runtime is named {draft.runtime!r}"
        hint = suggestion(draft.runtime, RUNTIMES)
        findings.refuse((*path, "runtime"), what, hint, LAMBDA_RUNTIME.id)
    elif draft.runtime in DEPRECATED:
        what = f"AWS creates no new functions on {draft.runtime}"
        findings.weigh((*path, "runtime"), DEPRECATED_RUNTIME, what)
    if draft.environment and draft.runtime in (*PYTHON, *NODE):
        what = f"it has environment variables: {', '.join(draft.environment)}"
        findings.weigh((*path, "environment"), ENVIRONMENT_VARIABLES, what)
    code = findings.source.path(draft.code)
    if kind_of(code) == "nothing":
        hint = "paths are relative to the file they stand in"
        findings.refuse((*path, "code"), f"there is no file or folder {draft.code!r}", hint)
    if draft.runtime in CLOUDFRONT_JS:
        _check_cloudfront_js(path, draft, findings)
    elif not _is_handler(draft.handler):
        hint = 'write "module.function": "index.handler" is handler in index.py or index.js'
        findings.refuse((*path, "handler"), f"{draft.handler!r} is no handler", hint)
    store = _key_value_store(path, draft, stores, findings)
    return Function(
        name,
        draft.runtime,
        str(code),
        draft.handler,
        draft.memory_mb,
        draft.timeout_s,
        reserved_concurrency=draft.reserved_concurrency,
        idle_timeout_s=draft.idle_timeout_s,
        key_value_store=store,
    )


def _key_value_store(
    path: KeyPath,
    draft: FunctionDraft,
    stores: Mapping[str, KeyValueStore],
    findings: Findings,
) -> KeyValueStore | None:
    name, where = draft.key_value_store, (*path, "key_value_store")
    if name is None:
        return None
    if draft.runtime != CLOUDFRONT_JS[-1]:
        what = f"{draft.runtime} has no key-value stores"
        findings.refuse(where, what, f'use runtime = "{CLOUDFRONT_JS[-1]}"')
    elif name not in stores:
        findings.unknown(where, "key-value store", name, stores)
    return stores.get(name)


def _is_handler(handler: str) -> bool:
    module, dot, function = handler.rpartition(".")
    return bool(module and dot and function) and not any(char.isspace() for char in handler)


_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _check_cloudfront_js(path: KeyPath, draft: FunctionDraft, findings: Findings) -> None:
    if not _NAME.fullmatch(str(path[-1])):
        what = f"{path[-1]!r} is no name for a CloudFront Function"
        findings.refuse(path, what, "up to 64 letters, digits, - and _")
    if kind_of(findings.source.path(draft.code)) == "folder":
        hint = "name the file itself"
        findings.refuse((*path, "code"), "a CloudFront Function is one file, no folder", hint)
    for key in (
        "handler",
        "memory_mb",
        "timeout_s",
        "environment",
        "reserved_concurrency",
        "idle_timeout_s",
    ):
        if key in draft.model_fields_set:
            text = f"{key} is Lambda's; a CloudFront Function has limits of its own"
            findings.note(NoteKind.IGNORED, (*path, key), text)
