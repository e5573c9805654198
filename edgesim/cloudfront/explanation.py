"""Why CloudFront does what it does with a request, in parts that a person can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..cache.storing import NotStored
from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Behavior, Distribution, normalised_path, path_matcher
from .key import accepted_encodings, selected_cookies
from .policies import CachePolicy, Choice, Selection
from .ttl import edge_ttl


@dataclass(frozen=True, slots=True)
class Tried:
    """A path pattern that was held against a path."""

    behavior: Behavior
    matched: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a request, and whether the cache key has it."""

    kind: str
    name: str
    value: str
    keyed: bool
    why: str


def patterns_tried(distribution: Distribution, path: str) -> Iterator[Tried]:
    """The behaviors in order, up to and including the one that applies."""
    plain = normalised_path(path)
    for behavior in distribution.behaviors[:-1]:
        matched = path_matcher(behavior.path_pattern).fullmatch(plain) is not None
        yield Tried(behavior, matched)
        if matched:
            return
    yield Tried(distribution.behaviors[-1], matched=True)


def key_parts(policy: CachePolicy | None, request: Request) -> Iterator[Part]:
    """Everything of `request` that could be in its cache key, and what is.

    `policy` is None for RFC 9111, whose key is the URL; Vary then tells variants apart.
    """
    if policy is None:
        yield Part("url", "target", request.target, keyed=True, why="RFC 9111 §2")
        yield Part("header", "Host", request.headers.get("host") or "", keyed=True, why="the URL's")
        return
    yield Part("url", "path", request.path, keyed=True, why="always")
    if request.method == "OPTIONS":
        yield Part("method", "OPTIONS", "", keyed=True, why="it has a key of its own")
    yield from _query_parts(policy.query, request.query)
    yield from _cookie_parts(policy.cookies, request.headers.get("cookie"))
    yield from _header_parts(policy, request)


def _query_parts(selection: Selection, query: str) -> Iterator[Part]:
    for text in query.split("&") if query else ():
        name, _, value = text.partition("=")
        yield Part("query", name, value, selection.takes(name), _why(selection, name))


def _cookie_parts(selection: Selection, cookie: str | None) -> Iterator[Part]:
    for text in (cookie or "").split(";"):
        name, equals, value = text.strip().partition("=")
        if equals:
            keyed = selected_cookies(selection, text) is not None
            yield Part("cookie", name, value, keyed, _why(selection, name))


def _header_parts(policy: CachePolicy, request: Request) -> Iterator[Part]:
    names = request.headers.names()
    encoding_keyed = policy.gzip or policy.brotli
    for name in sorted((names | policy.headers.names) - {"cookie"}):
        value = request.headers.get(name)
        if name == "accept-encoding" and encoding_keyed:
            normalised = accepted_encodings(policy, request) or ""
            yield Part("header", name, normalised, keyed=True, why="normalised to what is keyed")
        elif name in policy.headers.names:
            why = "listed in the policy" if value is not None else "listed, and absent here"
            yield Part("header", name, value or "", keyed=True, why=why)
        else:
            why = _HOST_WHY if name == "host" else "not listed in the policy"
            yield Part("header", name, value or "", keyed=False, why=why)


_HOST_WHY = "aliases share what is stored; list Host to tell them apart"


def _why(selection: Selection, name: str) -> str:
    match selection.choice:
        case Choice.NONE:
            return "the policy takes none"
        case Choice.ALL:
            return "the policy takes all"
        case Choice.LISTED:
            listed = name in selection.names
            return "listed in the policy" if listed else "not listed in the policy"
        case Choice.MATCHING:
            return (
                "as listed, wildcards and all" if selection.takes(name) else "nothing listed fits"
            )
        case Choice.ALL_EXCEPT:
            excepted = name in selection.names
            return "excepted by the policy" if excepted else "the policy takes all but a few"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What becomes of a Cache-Control of the origin under a policy."""

    cache_control: str
    """"" where the origin is silent."""
    ttl: int | NotStored
    """Seconds, or why it is not kept."""
    why: str


def lifetimes(policy: CachePolicy, max_age_s: int) -> Iterator[Lifetime]:
    """The policy's arithmetic on what an origin may say, with `max_age_s` for an example."""
    for cache_control in ("", f"max-age={max_age_s}", "no-cache", "no-store"):
        lines = [("Cache-Control", cache_control)] if cache_control else []
        ttl = edge_ttl(policy, Response(200, Headers(lines)), now=0.0)
        yield Lifetime(cache_control, ttl, _ttl_why(policy, cache_control, max_age_s))


def _ttl_why(policy: CachePolicy, cache_control: str, max_age_s: int) -> str:
    low, high = policy.min_ttl_s, policy.max_ttl_s
    if not policy.caches:
        return "all three TTLs are 0: caching is off"
    if not cache_control:
        return "the default TTL"
    if cache_control.startswith("no-"):
        return f"the minimum TTL overrules {cache_control}" if low else "as the origin says"
    if max_age_s < low:
        return f"the minimum TTL raises it from {max_age_s:,} s"
    if max_age_s > high:
        return f"the maximum TTL caps it from {max_age_s:,} s"
    return f"within {low:,} s and {high:,} s"
