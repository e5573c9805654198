"""Patterns in which `*` is any characters and `?` is one."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def wildcard(pattern: str) -> re.Pattern[str]:
    """`pattern` as an expression for `fullmatch`.

    What stands between two stars is taken where it is first found and never looked for again,
    so that no text makes matching slow.
    """
    first, *rest = (
        "".join("." if char == "?" else re.escape(char) for char in part)
        for part in pattern.split("*")
    )
    between = "".join(f"(?>.*?{part})" for part in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(f"{first}{between}{last}", re.DOTALL)
