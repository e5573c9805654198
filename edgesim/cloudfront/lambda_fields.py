"""The header fields a Lambda@Edge function returned, and how any of its results is refused.

CloudFront: "Restrictions on all edge functions". Each refusal carries two sentences: what
CloudFront tells the viewer, and what it keeps to itself.
"""

from __future__ import annotations

from reprlib import Repr

from ..errors import InvalidFunctionResult
from ..http.headers import Headers
from .distribution import Trigger
from .lambda_event import Json, octets, shown_headers, text
from .restrictions import BAD_VALUE_CHARACTER, FIELD_NAME, READ_ONLY_HEADERS, is_disallowed

FAILED = "The Lambda function result failed validation: "

_shortening = Repr()
_shortening.maxlevel, _shortening.maxstring, _shortening.maxother = 3, 80, 80


def shown(value: object) -> str:
    """`value` in a message, cut to a sensible length: a function may return anything."""
    return _shortening.repr(value)


def refusal(what: str, hint: str = "", page: str = "") -> InvalidFunctionResult:
    return InvalidFunctionResult(what, hint=hint, page=page)


def returned_headers(trigger: Trigger, returned: object, before: Headers) -> Headers:
    """The fields a function returned, checked against those `before` it.

    What it left alone keeps its octets, and fields that it never saw are put back.
    """
    if not isinstance(returned, dict):
        raise refusal("its headers are no object", "headers map a name to a list of key and value")
    given = shown_headers(before)
    if returned == given:
        return before
    as_sent = {(name.lower(), text(value)): value for name, value in before}
    lines: list[tuple[str, str]] = []
    seen: dict[str, list[str]] = {}
    for name, entries in returned.items():
        for key, value in entries_of(str(name), entries):
            lower = key.lower()
            _check_allowed(key)
            seen.setdefault(lower, []).append(value)
            lines.append((key, as_sent.get((lower, value)) or octets(value)))
        _check_allowed(str(name))
    _check_read_only(trigger, seen, given)
    hidden = [line for line in before if is_disallowed(line[0].lower())]
    return Headers([*lines, *hidden])


def _check_allowed(name: str) -> None:
    if is_disallowed(name.lower()):
        raise refusal(
            f"it added the header {name}, which edge functions may not set",
            "leave it out; CloudFront manages it",
            f"{FAILED}The function tried to add a blacklisted header.",
        )


def entries_of(name: str, entries: object) -> list[tuple[str, str]]:
    if not isinstance(entries, list):
        raise refusal(
            f"its header {name} is {type(entries).__name__}, not a list",
            f'write "{name.lower()}": [{{"key": "{name}", "value": "…"}}]',
            "The Lambda function returned an invalid entry in the headers object: "
            "Each header entry in the headers object must be an array.",
        )
    found = []
    capitalised = "-".join(part.capitalize() for part in name.split("-"))
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            raise refusal(
                f"its header {name} has an entry without a string value: {shown(entry)}",
                "an entry is {'key': …, 'value': …}, and both are strings",
                f"{FAILED}The value of each header must be of string type.",
            )
        key = entry.get("key") or capitalised
        if not isinstance(key, str) or not FIELD_NAME.fullmatch(key):
            raise refusal(f"its header {name} has the key {shown(key)}", "a field name is a token")
        value = entry["value"]
        if (bad := BAD_VALUE_CHARACTER.search(value)) is not None:
            raise refusal(
                f"its header {name} has the character %{ord(bad[0]):02X} in its value",
                "strip line breaks and control characters",
                f"{FAILED}The function returned an invalid header, invalid character : "
                f"'%{ord(bad[0]):02X}' in header value, headerName : {key}.",
            )
        found.append((key, value))
    return found


def _check_read_only(trigger: Trigger, seen: dict[str, list[str]], given: Json) -> None:
    for name in sorted(READ_ONLY_HEADERS[trigger]):
        before = [entry["value"] for entry in given.get(name, ())]
        after = seen.get(name, [])
        if before == after:
            continue
        did = "added" if not before else "deleted" if not after else "changed"
        raise refusal(
            f"it {did} the header {name}, which is read-only at {trigger}",
            "start from the event's headers and leave this one as it is"
            if before
            else "leave it out; CloudFront sets it",
            f"{FAILED}The function tried to add, delete, or change a read-only header.",
        )
