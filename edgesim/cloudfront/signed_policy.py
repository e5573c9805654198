"""What a signed URL or cookie allows: a resource, a time, an address.

CloudFront: "Create a signed URL using a canned policy", "… using a custom policy".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import Any

from ..errors import Unsigned


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """Conditions that must hold all together."""

    before: int
    """Seconds since 1970 at which it expires."""
    after: int | None = None
    source_ip: IPv4Network | None = None
    resource: str | None = None
    """A pattern for whole URLs; None allows any."""

    def check(self, url: str, ip: str, now: float) -> None:
        """Raises `Unsigned` if the request for `url` that comes from `ip` is not allowed now."""
        if now >= self.before:
            raise denied(f"it expired {now - self.before:,.0f} s ago")
        if self.after is not None and now < self.after:
            raise denied(f"it is not valid for another {self.after - now:,.0f} s")
        if self.source_ip is not None and not _is_within(self.source_ip, ip):
            raise denied(f"it is for viewers from {self.source_ip}, and this one is at {ip}")
        if self.resource is not None and not covers(self.resource, url):
            raise denied(f"it is for {self.resource}, and the request is for {url}")


def denied(what: str, hint: str = "") -> Unsigned:
    return Unsigned(f"the signature does not let this in: {what}", code="AccessDenied", hint=hint)


def canned_text(url: str, expires: str) -> bytes:
    """The policy that a canned one stands for, to the byte, for that is what was signed."""
    condition = f'{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}'
    return f'{{"Statement":[{{"Resource":"{url}","Condition":{condition}}}]}}'.encode("latin-1")


@lru_cache(maxsize=1024)
def parsed_policy(text: bytes) -> SignedPolicy:
    """The custom policy in `text`. Raises `Unsigned` (MalformedPolicy)."""
    try:
        statement = _only(json.loads(text)["Statement"])
        conditions = statement["Condition"]
        source_ip = conditions.get("IpAddress")
        after = conditions.get("DateGreaterThan")
        resource = statement.get("Resource")
        return SignedPolicy(
            _epoch(conditions["DateLessThan"]),
            None if after is None else _epoch(after),
            None if source_ip is None else IPv4Network(source_ip["AWS:SourceIp"], strict=False),
            None if resource is None else _text(resource),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = (
            "one Statement with a Resource and a Condition of DateLessThan, perhaps "
            "DateGreaterThan and IpAddress with one IPv4 range"
        )
        what = "the policy is not of the shape that CloudFront takes"
        raise Unsigned(what, code="MalformedPolicy", hint=hint) from None


def _only(statements: Any) -> Any:
    if not isinstance(statements, list) or len(statements) != 1:
        raise TypeError
    return statements[0]


def _text(value: Any) -> str:
    """One character an octet, as requests have it."""
    if not isinstance(value, str):
        raise TypeError
    return value.encode().decode("latin-1")


def _epoch(condition: Any) -> int:
    value = condition["AWS:EpochTime"]
    if type(value) is not int:
        raise TypeError
    return value


def _is_within(network: IPv4Network, ip: str) -> bool:
    try:
        address: IPv4Address | IPv6Address | None = ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped
    return address is not None and address in network


@lru_cache(maxsize=1024)
def covers(pattern: str, url: str) -> bool:
    """Whether the Resource `pattern` is for `url`.

    `*` and `?` keep to the protocol, the domain, the path or the query they stand in, but for a
    star at the end of the path, which goes on over the query, and one at the end of the domain,
    which goes on over both.
    """
    if pattern == "*":
        return True
    scheme, separator, rest = pattern.partition("://")
    if not separator:
        scheme, rest = "*", pattern
        if not pattern.startswith("*"):
            return False
    url_scheme, _, url_rest = url.partition("://")
    url_domain, url_slash, url_after = url_rest.partition("/")
    if not _glob(scheme).fullmatch(url_scheme):
        return False
    domain, slash, after = rest.partition("/")
    if not _glob(domain.lower()).fullmatch(url_domain.lower()):
        return False
    if not slash:
        return domain.endswith("*") or url_rest == url_domain
    path, _, query = f"{url_slash}{url_after}".partition("?")
    return any(_fits(one, other, path, query) for one, other in _readings(f"/{after}"))


def _fits(path_pattern: str, query_pattern: str | None, path: str, query: str) -> bool:
    if not _glob(path_pattern).fullmatch(path):
        return False
    if query_pattern is None:
        return not query or path_pattern.endswith("*")
    return bool(query) and _glob(query_pattern).fullmatch(query) is not None


def _readings(pattern: str) -> Iterator[tuple[str, str | None]]:
    """Path and query of `pattern`: each question mark may be the one that begins the query."""
    escaped = pattern.find("\\?")
    if escaped >= 0:
        yield pattern[:escaped], pattern[escaped + 2 :]
        return
    yield pattern, None
    for at in (found.start() for found in re.finditer(r"\?", pattern)):
        yield pattern[:at], pattern[at + 1 :]


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(char) or re.escape(char) for char in pattern), re.DOTALL)
