"""What Location and Content-Location name, if it is ours to know (RFC 9110 §8.7, §10.2.2)."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

from ..http.message import Request


def target_named(request: Request, reference: str | None) -> str | None:
    """The path and query that `reference` names; None if it is of another host or unreadable.

    An empty reference is the target itself (RFC 3986 §4.4).
    """
    if reference is None:
        return None
    host = request.headers.get("host") or ""
    base = f"http://{host}{request.target}"
    try:
        named = urlsplit(urljoin(base, reference.strip()))
    except ValueError:
        return None
    if named.scheme not in ("http", "https") or named.netloc.lower() != host.lower():
        return None
    return urlunsplit(("", "", named.path or "/", named.query, ""))
