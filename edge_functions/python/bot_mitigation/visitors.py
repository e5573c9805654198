"""Who asks: told from the address and the headers alone.

The patterns in crawlers.json are from crawler-user-agents (MIT, see crawlers.LICENSE);
good_bots.json says which bots publish the addresses that they come from.
"""

import ipaddress
import json
import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent

POLICY = {
    "scanner": "refused",
    "browser-automation": "doubtful",
    "http-library": "doubtful",
}
"""What is done with crawlers of a kind; those of all others are tolerated, at a low rate."""

CHUNK = 25
"""Patterns tried at once. One expression of all of them takes three times as long."""

SENDS_FETCH_METADATA = (("Chrome", 80), ("Firefox", 90), ("Version", 17))
"""From these versions on browsers say Sec-Fetch-Mode on every request over https."""

CLAIMED = re.compile(r"\b(Chrome|Firefox|Version)/(\d{1,4})")


class Kind(StrEnum):
    GOOD = "good"  # a known bot, from an address of its maker
    PRETENDED = "pretended"  # says that it is one, from elsewhere
    REFUSED = "refused"
    TOLERATED = "tolerated"
    DOUBTFUL = "doubtful"  # may be a person, and has to show it
    BROWSER = "browser"
    PROVEN = "proven"  # has shown it


class Visitor:
    """What of a request says who sent it."""

    def __init__(self, request):
        headers = request["headers"]
        self.address = ipaddress.ip_address(request["clientIp"])
        self.network = network_of(self.address)
        agents = headers.get("user-agent")
        self.user_agent = agents[0]["value"] if agents else ""
        self.has_fetch_metadata = "sec-fetch-mode" in headers


def network_of(address):
    """One household or machine: an IPv4 address, or the /64 that an IPv6 address is from."""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def kind_of(visitor):
    known = known_as(visitor.user_agent)
    if known in RANGES:
        comes_from_there = any(visitor.address in one for one in RANGES[known])
        return Kind.GOOD if comes_from_there else Kind.PRETENDED
    if known:
        return Kind(known)
    if not visitor.has_fetch_metadata and says_it_would_send_it(visitor.user_agent):
        return Kind.DOUBTFUL
    return Kind.BROWSER


@lru_cache(4096)
def known_as(user_agent):
    """The good bot it says it is, or what is done with its kind; "" for a browser."""
    if not user_agent.strip():
        return "doubtful"
    for name, pattern in CLAIMS:
        if pattern.search(user_agent):
            return name
    for policy, pattern in PATTERNS:
        if pattern.search(user_agent):
            return policy
    return ""


def says_it_would_send_it(user_agent):
    versions = {name: int(number) for name, number in CLAIMED.findall(user_agent)}
    return any(versions.get(name, 0) >= since for name, since in SENDS_FETCH_METADATA)


def _patterns():
    """Patterns of one policy side by side, the strictest policy first."""
    listed = json.loads((HERE / "crawlers.json").read_text())["patterns"]
    by_policy = {"refused": [], "doubtful": [], "tolerated": []}
    for tag, patterns in listed.items():
        by_policy[POLICY.get(tag, "tolerated")] += patterns
    for policy, patterns in by_policy.items():
        for start in range(0, len(patterns), CHUNK):
            yield policy, re.compile("|".join(patterns[start : start + CHUNK]))


_GOOD = json.loads((HERE / "good_bots.json").read_text())["bots"]
CLAIMS = [(bot["name"], re.compile(bot["claims"], re.IGNORECASE)) for bot in _GOOD]
RANGES = {bot["name"]: [ipaddress.ip_network(one) for one in bot["ranges"]] for bot in _GOOD}
PATTERNS = list(_patterns())
