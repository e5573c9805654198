"""`[realtime_logs]` to what is written of the behaviors that name one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..cloudfront.realtime_log import FIELDS, RealtimeLog
from .draft import Draft
from .positions import KeyPath
from .source import Findings

_STREAM = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,128}")


def realtime_logs(draft: Draft, findings: Findings) -> Mapping[str, RealtimeLog]:
    """All that a behavior may name."""
    found = {}
    for name, one in draft.realtime_logs.items():
        path: KeyPath = ("realtime_logs", name)
        for field in one.fields:
            if field not in FIELDS:
                findings.unknown((*path, "fields"), "field", field, FIELDS)
        if not one.fields:
            hint = 'at least one, such as fields = ["timestamp", "c-ip"]'
            findings.refuse((*path, "fields"), "it has no field", hint)
        if not _STREAM.fullmatch(one.stream):
            hint = "letters, digits, dots, - and _, at most 128"
            findings.refuse((*path, "stream"), f"{one.stream!r} is no stream's name", hint)
        found[name] = RealtimeLog(one.stream, tuple(one.fields), one.sampling_rate)
    return found
