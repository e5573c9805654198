"""Reads what `hosts/cloudfront_js/flat.js` writes: a request or response that is plain."""

from __future__ import annotations

from ..cloudfront.lambda_event import Json

BETWEEN = "\x1f"
FIRST = 6
"""Fields before the first pair: the kind, how many of each map there are, two of its own."""


def is_flat(text: str) -> bool:
    return text.startswith("re")


def read(text: str) -> tuple[Json, bool] | None:
    """The value in `text`, as JSON would have it, and whether the same event would bring the same.

    None if a separator or NUL was in the values.
    """
    fields = text.split(BETWEEN)
    if len(fields) <= FIRST:
        return None
    headers_end = FIRST + 2 * int(fields[1])
    cookies_end = headers_end + 2 * int(fields[2])
    query_end = cookies_end + 2 * int(fields[3])
    if len(fields) != query_end + 1:
        return None
    value: Json = {
        "headers": _pairs(fields[FIRST:headers_end]),
        "cookies": _pairs(fields[headers_end:cookies_end]),
    }
    if fields[0] == "response":
        value["statusCode"], value["statusDescription"] = int(fields[4]), fields[5]
    else:
        value["method"], value["uri"] = fields[4], fields[5]
        value["querystring"] = _pairs(fields[cookies_end:query_end])
    return value, fields[-1] == "repeats"


def _pairs(fields: list[str]) -> Json:
    return {name: {"value": value} for name, value in zip(fields[::2], fields[1::2], strict=True)}
