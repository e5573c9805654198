"""Dates in header fields, both ways (RFC 9110 §5.6.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

DAY_S = 86_400

_TIME = r"[0-9]{2}(:[0-9]{2}){2}"

_FORMS = (
    (
        re.compile(rf"[A-Z]{{3}}, [0-9]{{2}} [A-Z]{{3}} [0-9]{{4}} {_TIME} GMT", re.IGNORECASE),
        "%a, %d %b %Y %H:%M:%S GMT",
    ),
    (
        re.compile(rf"[A-Z]{{6,9}}, [0-9]{{2}}-[A-Z]{{3}}-[0-9]{{2}} {_TIME} GMT", re.IGNORECASE),
        "%A, %d-%b-%y %H:%M:%S GMT",
    ),
    (
        re.compile(rf"[A-Z]{{3}} [A-Z]{{3}} [ 0-9][0-9] {_TIME} [0-9]{{4}}", re.IGNORECASE),
        "%a %b %d %H:%M:%S %Y",
    ),
)
"""The shape of each form, digit by digit, and how it is read: strptime alone takes `2:01:18`."""


@lru_cache(maxsize=1024)
def parse_date(value: str) -> float | None:
    """Seconds since 1970, or None if `value` has none of the three forms of HTTP-date."""
    text = value.strip()
    for shape, form in _FORMS:
        if shape.fullmatch(text):
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
            except ValueError:
                return None
    return None


@lru_cache(maxsize=64)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY_S, UTC).strftime("%a, %d %b %Y")


@lru_cache(maxsize=64)
def _format(second: int) -> str:
    day, passed_s = divmod(second, DAY_S)
    return f"{_day(day)} {passed_s // 3600:02}:{passed_s // 60 % 60:02}:{passed_s % 60:02} GMT"


def format_date(moment: float) -> str:
    """`moment`, in seconds since 1970, as IMF-fixdate."""
    return _format(int(moment))
