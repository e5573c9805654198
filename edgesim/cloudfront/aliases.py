"""Which of several distributions a Host is for.

CloudFront: "Use custom URLs by adding alternate domain names", "Use wildcards in alternate domain
names".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .distribution import Distribution

_PORT = re.compile(r":\d*$")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine, which are no distribution's."""


def host_name(host: str) -> str:
    """The name in a Host field, without its port and in lower case."""
    name = host if host.endswith("]") else _PORT.sub("", host)
    return name.lower().rstrip(".")


def named_by(host: str, distributions: Sequence[Distribution]) -> int | None:
    """Which of `distributions` answers to `host`; None if none does.

    A name that is said in full comes before wildcards, and of those the longest. On AWS the names
    of a developer's own machine are nobody's; here the first distribution answers to them.
    """
    name = host_name(host)
    found: tuple[int, int] | None = None
    for index, distribution in enumerate(distributions):
        for alias in distribution.names:
            if alias == name:
                return index
            length = len(alias)
            fits = alias.startswith("*.") and name.endswith(alias[1:])
            if fits and (found is None or length > found[0]):
                found = (length, index)
    if found is not None:
        return found[1]
    return 0 if name in LOOPBACK else None
