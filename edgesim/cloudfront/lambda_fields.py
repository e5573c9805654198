"""The header fields a Lambda@Edge function returned, held against the rules for them.

CloudFront: "Restrictions on all edge functions".
"""

from __future__ import annotations

import re
from reprlib import Repr

from ..http.headers import Headers
from .function import Trigger
from .lambda_event import Json, octets, shown_headers, text
from .lambda_header_rules import (
    CLOUDFRONT_HEADER,
    DISALLOWED_HEADER,
    HEADER_CASE,
    HEADER_CHARACTER,
    HEADER_KEY,
    HEADER_LIST,
    HEADER_NAME,
    HEADER_VALUE,
    HEADERS_MAP,
    JOINED_COOKIES,
    READ_ONLY_HEADER,
)
from .restrictions import (
    BAD_VALUE_CHARACTER,
    CLOUDFRONT_PREFIXES,
    FIELD_NAME,
    READ_ONLY_HEADERS,
    is_disallowed,
)
from .rule_book import Judge

_shortening = Repr()
_shortening.maxlevel, _shortening.maxstring, _shortening.maxother = 3, 80, 80

_SECOND_COOKIE = re.compile(r",\s*[!#$%&'*+\-.^_`|~0-9A-Za-z]+=[^;,\s]*(;|$)")
"""A comma, and then what only a cookie of its own looks like; dates have no `=`."""


def shown(value: object) -> str:
    """`value` in a message, cut to a sensible length: a function may return anything."""
    return _shortening.repr(value)


def returned_headers(
    trigger: Trigger, returned: object, before: Headers, judge: Judge | None = None
) -> Headers:
    """The fields a function returned, checked against those `before` it.

    What it left alone keeps its octets, and fields that it never saw are put back.
    """
    judge = judge or Judge()
    if not isinstance(returned, dict):
        raise HEADERS_MAP.refusal(f"its headers are {shown(returned)}, which is no object")
    given = shown_headers(before)
    if returned == given:
        return before
    as_sent = {(name.lower(), text(value)): value for name, value in before}
    lines: list[tuple[str, str]] = []
    seen: dict[str, list[str]] = {}
    for name, entries in returned.items():
        listed = str(name).lower()
        _check_allowed(trigger, str(name), listed, given)
        for key, value in entries_of(str(name), entries, judge):
            lower = key.lower()
            if lower != listed:
                _check_allowed(trigger, key, lower, given)
            seen.setdefault(lower, []).append(value)
            lines.append((key, as_sent.get((lower, value)) or octets(value)))
    _check_read_only(trigger, seen, given)
    _check_cookies(seen, judge)
    hidden = [line for line in before if is_disallowed(line[0].lower())]
    return Headers([*lines, *hidden])


def _check_allowed(trigger: Trigger, name: str, lower: str, given: Json) -> None:
    if is_disallowed(lower):
        what = f"it added the header {name}, which edge functions may not set"
        raise DISALLOWED_HEADER.refusal(what)
    if (
        trigger is Trigger.VIEWER_REQUEST
        and lower not in given
        and lower.startswith(CLOUDFRONT_PREFIXES)
    ):
        raise CLOUDFRONT_HEADER.refusal(f"it added {name}, which CloudFront makes itself")


def _check_cookies(seen: dict[str, list[str]], judge: Judge) -> None:
    for value in seen.get("set-cookie", ()):
        if _SECOND_COOKIE.search(value) is not None:
            judge.weigh(JOINED_COOKIES, f"it joined cookies into one line: {shown(value)}")


def entries_of(name: str, entries: object, judge: Judge) -> list[tuple[str, str]]:
    """The lines that `entries` stand for, key and value each."""
    if not isinstance(entries, list):
        what = f"its header {name} is {type(entries).__name__}, not a list"
        example = f'write "{name.lower()}": [{{"key": "{name}", "value": "…"}}]'
        raise HEADER_LIST.refusal(what, example)
    found = []
    listed = name.lower()
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            what = f"its headers[{name!r}][{index}] has no string for a value: {shown(entry)}"
            raise HEADER_VALUE.refusal(what)
        key = entry.get("key") or "-".join(part.capitalize() for part in name.split("-"))
        if not isinstance(key, str) or not FIELD_NAME.fullmatch(key):
            raise HEADER_NAME.refusal(f"its header {name} has the key {shown(key)}")
        value = entry["value"]
        if (bad := BAD_VALUE_CHARACTER.search(value)) is not None:
            code = f"%{ord(bad[0]):02X}"
            what = f"its header {name} has the character {code} in its value"
            raise HEADER_CHARACTER.refusal(what, character=code, name=key)
        if key.lower() != listed:
            judge.weigh(HEADER_KEY, f"its header {name} has the key {key}")
        found.append((key, value))
    if name != listed:
        judge.weigh(HEADER_CASE, f"it lists a header as {name}", f"list it as {listed}")
    return found


def _check_read_only(trigger: Trigger, seen: dict[str, list[str]], given: Json) -> None:
    for name in sorted(READ_ONLY_HEADERS[trigger]):
        before = [entry["value"] for entry in given.get(name, ())]
        after = seen.get(name, [])
        if before == after:
            continue
        did = "added" if not before else "deleted" if not after else "changed"
        what = f"it {did} the header {name}, which is read-only at {trigger}"
        raise READ_ONLY_HEADER.refusal(what, "" if before else "leave it out; CloudFront sets it")
