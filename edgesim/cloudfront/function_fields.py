"""Headers, cookies and parameters as a CloudFront Function returned them.

CloudFront: "CloudFront Functions event structure", "Restrictions on all edge functions". What a
function left alone keeps its octets, and fields that it never saw are put back.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..http.headers import Headers
from . import function_rules as rules
from .function import Trigger
from .function_event import plain_host, set_cookie
from .lambda_event import Json, octets, text
from .lambda_fields import shown
from .restrictions import BAD_VALUE_CHARACTER, FIELD_NAME, NOT_IN_A_QUERY, is_disallowed

READ_ONLY = {
    Trigger.VIEWER_REQUEST: ("cdn-loop", "content-length", "host", "transfer-encoding", "via"),
    Trigger.VIEWER_RESPONSE: ("via", "warning"),
}

Line = tuple[str, str]


def entries(what: str, name: str, returned: object, given: object) -> list[Json]:
    """The entries that `returned` stands for, `given` being what the function was shown.

    A multiValue that was changed holds alone; beside one that was not, a changed value replaces
    the first.
    """
    where = f"{what} {name}"
    if not isinstance(returned, dict):
        raise rules.ENTRY.refusal(f"its {where} is {shown(returned)}")
    several = returned.get("multiValue")
    if several is None:
        return [_entry(where, returned)]
    if not isinstance(several, list) or not several:
        raise rules.ENTRY.refusal(f"the multiValue of its {where} is {shown(several)}")
    before = given if isinstance(given, dict) else {}
    if several == before.get("multiValue") and returned.get("value") != before.get("value"):
        return [_entry(where, returned), *several[1:]]
    return [_entry(where, one) for one in several]


def _entry(where: str, entry: object) -> Json:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        raise rules.ENTRY.refusal(f"its {where} has no string for a value: {shown(entry)}")
    if (bad := BAD_VALUE_CHARACTER.search(entry["value"])) is not None:
        what = f"its {where} has the character %{ord(bad[0]):02X} in its value"
        raise rules.VALUE_CHARACTER.refusal(what)
    return entry


def returned_headers(trigger: Trigger, shape: Json, given: Json, before: Headers) -> Headers:
    """The fields of `shape`, cookies included; `given` is what the function was shown."""
    answers = trigger is Trigger.VIEWER_RESPONSE or "statusCode" in shape
    apart = "set-cookie" if answers else "cookie"
    fields, cookies = shape.get("headers", {}), shape.get("cookies", {})
    same_fields = fields == given.get("headers")
    if same_fields and cookies == given.get("cookies"):
        return before
    for what, mapping in (("headers", fields), ("cookies", cookies)):
        if not isinstance(mapping, dict):
            raise rules.ENTRY.refusal(f"its {what} are {shown(mapping)}, not an object")
    lines: list[Line] = []
    if same_fields:
        lines = [line for line in before if line[0].lower() != apart]
    else:
        lines = [*_header_lines(fields, given.get("headers", {}), before)]
        _check_read_only(trigger, fields, given.get("headers", {}))
        hidden = (line for line in before if is_disallowed(line[0].lower()))
        lines += hidden
    if cookies == given.get("cookies"):
        return Headers([*lines, *(line for line in before if line[0].lower() == apart)])
    shown_cookies = given.get("cookies", {})
    if answers:
        return Headers([*lines, *_set_cookie_lines(cookies, shown_cookies, before)])
    return Headers([*lines, *_cookie_line(cookies, shown_cookies)])


def _header_lines(fields: Json, given: Json, before: Headers) -> Iterator[Line]:
    sent: dict[str, list[Line]] = {}
    for line in before:
        sent.setdefault(line[0].lower(), []).append(line)
    for name, entry in fields.items():
        if name in given and entry == given[name]:
            yield from sent[name]
            continue
        _check_name(name)
        known = {text(value): (key, value) for key, value in sent.get(name, ())}
        capitalised = "-".join(part[:1].upper() + part[1:] for part in name.split("-"))
        for one in entries("header", name, entry, given.get(name)):
            value = one["value"]
            yield known.get(value) or (capitalised, octets(value))


def _check_name(name: str) -> None:
    if name != name.lower() and name.isascii():
        raise rules.LOWER_CASE.refusal(f"it has the header {shown(name)}")
    if not FIELD_NAME.fullmatch(name):
        raise rules.FIELD_NAME.refusal(f"it has the header {shown(name)}")
    if is_disallowed(name):
        raise rules.DISALLOWED.refusal(f"it added the header {name}, which no function may set")


def _check_read_only(trigger: Trigger, fields: Json, given: Json) -> None:
    for name in READ_ONLY[trigger]:
        before, after = given.get(name), fields.get(name)
        if before == after:
            continue
        if before is None:
            what, hint = f"it added the header {name}", "leave it out; CloudFront sets it"
            raise rules.READ_ONLY.refusal(f"{what}, which is read-only at {trigger}", hint)
        if after is None or _values(name, after, before) != _values(name, before, before):
            did = "deleted" if after is None else "changed"
            what = f"it {did} the header {name}, which is read-only at {trigger}"
            raise rules.READ_ONLY.refusal(what)


def _values(name: str, entry: object, given: Json) -> list[str]:
    values = [one["value"] for one in entries("header", name, entry, given)]
    return [plain_host(value) for value in values] if name == "host" else values


def _cookie_line(cookies: Json, given: Json) -> Iterator[Line]:
    pairs = [
        f"{_cookie_name(name)}={octets(one['value'])}"
        for name, entry in cookies.items()
        for one in entries("cookie", name, entry, given.get(name))
    ]
    if pairs:
        yield "Cookie", "; ".join(pairs)


def _set_cookie_lines(cookies: Json, given: Json, before: Headers) -> Iterator[Line]:
    as_sent = {}
    for line in before.all("set-cookie"):
        name, shown_cookie = set_cookie(line)
        as_sent[name, shown_cookie["value"], shown_cookie.get("attributes", "")] = line
    for name, entry in cookies.items():
        for one in entries("cookie", name, entry, given.get(name)):
            attributes = one.get("attributes", "")
            if not isinstance(attributes, str) or BAD_VALUE_CHARACTER.search(attributes):
                what = f"the attributes of its cookie {name} are {shown(attributes)}"
                raise rules.ENTRY.refusal(what, "a string such as 'Path=/; Secure'")
            made = f"{_cookie_name(name)}={octets(one['value'])}"
            made += f"; {octets(attributes)}" if attributes else ""
            yield "Set-Cookie", as_sent.get((name, one["value"], attributes), made)


def _cookie_name(name: str) -> str:
    if not FIELD_NAME.fullmatch(name):
        raise rules.FIELD_NAME.refusal(f"it has the cookie {shown(name)}")
    return name


def returned_query(returned: object, given: Json, before: str) -> str:
    """The query a function wants: as it was sent where it was left alone."""
    if returned == given:
        return before
    if isinstance(returned, str):
        query = returned.removeprefix("?")
    elif isinstance(returned, dict):
        bare = {piece for piece in text(before).split("&") if "=" not in piece}
        pairs = (
            (name, one["value"])
            for name, entry in returned.items()
            for one in entries("parameter", name, entry, given.get(name))
        )
        query = "&".join(
            name if not value and name in bare else f"{name}={value}" for name, value in pairs
        )
    else:
        raise rules.QUERY.refusal(f"its querystring is {shown(returned)}")
    if NOT_IN_A_QUERY.search(query):
        raise rules.QUERY.refusal(f"its querystring is {shown(query)}")
    return octets(query)
