"""What a load test asks for: distinct requests, rendered once, and in which order they come."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from urllib.parse import urlsplit

from ..errors import ConfigError

ORDER = 1 << 16
"""Requests drawn in advance, which then come round again and again: drawing takes time too."""

MOST_REQUESTS = 1_000_000
"""Distinct ones; each is some hundred bytes."""

NUMBER = "{n}"
"""In a URL: the object's number, from 1."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the load goes."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One distinct request."""

    method: str
    path: str
    """Path and query."""
    data: bytes
    """As it is sent."""
    weight: float = 1.0

    @property
    def bodiless(self) -> bool:
        """Whether its answer has no body whatever it says (RFC 9110 §9.3.2)."""
        return self.method == "HEAD"


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests and how often each comes."""

    target: Target
    requests: tuple[Asked, ...]

    def order(self, random: Random, length: int = ORDER) -> array[int]:
        """Indexes of `requests`, drawn by weight."""
        weights = list(accumulate(asked.weight for asked in self.requests))
        everyone = range(len(self.requests))
        return array("l", random.choices(everyone, cum_weights=weights, k=length))


def parse_url(text: str) -> tuple[Target, str]:
    """Where a URL leads, and its path and query. Raises `ConfigError` if it is none."""
    url = urlsplit(text if "://" in text else f"http://{text}")
    try:
        port = url.port
    except ValueError as error:
        raise ConfigError(f"{text!r} is no URL: {error}", where="edgesim bench") from None
    if url.scheme not in ("http", "https") or not url.hostname:
        hint = "such as http://127.0.0.1:8080/path"
        raise ConfigError(f"{text!r} is no URL to load", where="edgesim bench", hint=hint)
    target = Target(url.scheme, url.hostname, port or (443 if url.scheme == "https" else 80))
    path = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}"
    return target, path


def numbered(path: str, objects: int) -> Iterator[str]:
    """`path` for each of so many objects, if it has a place for their number."""
    if NUMBER not in path:
        yield path
        return
    for number in range(1, objects + 1):
        yield path.replace(NUMBER, str(number))


Lines = Mapping[tuple[str, str], float]
"""Methods and paths, and how often each comes."""


def crossed(paths: Mapping[str, float], methods: Mapping[str, float]) -> Lines:
    """Every path by every method."""
    return {
        (method, path): weight * more
        for path, weight in paths.items()
        for method, more in methods.items()
    }


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of requests, and the body of those methods that have one."""

    always: Sequence[tuple[str, str]] = ()
    varied: Sequence[tuple[str, Mapping[str, float]]] = ()
    """Those with several values, each with its share: cookies, user agents, viewers' places."""
    body: bytes = b""


WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def workload(target: Target, lines: Lines, fields: Fields = Fields()) -> Workload:
    """Every combination of a line and field values, by the product of their weights.

    Raises `ConfigError` if these are too many.
    """
    combinations = len(lines)
    for _, values in fields.varied:
        combinations *= len(values)
    if combinations > MOST_REQUESTS:
        what = f"{combinations:,} distinct requests are more than {MOST_REQUESTS:,}"
        raise ConfigError(what, where="edgesim bench", hint="vary fewer fields, or fewer objects")
    requests = [
        Asked(method, path, _rendered(target, method, path, given, fields.body), weight * more)
        for (method, path), weight in lines.items()
        for given, more in _combined(fields.always, fields.varied)
    ]
    return Workload(target, tuple(requests))


def _combined(
    fields: Sequence[tuple[str, str]], varied: Sequence[tuple[str, Mapping[str, float]]]
) -> Iterator[tuple[Sequence[tuple[str, str]], float]]:
    if not varied:
        yield fields, 1.0
        return
    (name, values), *others = varied
    for value, weight in values.items():
        for combined, more in _combined([*fields, (name, value)], others):
            yield combined, weight * more


def _rendered(
    target: Target, method: str, path: str, fields: Sequence[tuple[str, str]], body: bytes
) -> bytes:
    """The request as it goes over the wire (RFC 9112 §2.1)."""
    given = {name.lower() for name, _ in fields}
    lines = [f"{method} {path} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {target.authority}")
    lines += [f"{name}: {value}" for name, value in fields]
    sent = body if method in WITH_BODY else b""
    if method in WITH_BODY:
        lines.append(f"Content-Length: {len(sent)}")
    head = "\r\n".join(lines).encode("latin-1", "replace")
    return head + b"\r\n\r\n" + sent
