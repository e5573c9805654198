"""URLs of origins, from a configuration or a command line."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from ..cloudfront.origin import Origin
from ..errors import ConfigError, suggestion


def at_url(origin: Origin, url: str) -> Origin:
    """`origin`, living at `url`. Raises `ConfigError`, without a place.

    A slash and nothing behind the host is what browsers show, and is taken as no path.
    """
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise ConfigError(f"{url!r} has no scheme", hint=f"did you mean 'http://{url}'?")
    if scheme not in ("http", "https"):
        raise ConfigError(
            f"{url!r} is neither http nor https", hint=suggestion(scheme, ["http", "https"])
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{url!r} is no URL: {error}") from None
    if not host or port == 0 or any(char.isspace() for char in url):
        raise ConfigError(f"{url!r} names no server", hint="write it as http://127.0.0.1:3000")
    if parts.username is not None:
        raise ConfigError(
            f"{url!r} has a user name", hint="send an Authorization header in custom_headers"
        )
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        part = "query" if "?" in url else "fragment"
        raise ConfigError(
            f"{url!r} has a {part}", hint="an origin is a server, with a path at most"
        )
    path = "" if parts.path == "/" else parts.path
    if path.endswith("/"):
        raise ConfigError(
            f"the path of {url!r} ends with a slash", hint=f"did you mean {url.rstrip('/')!r}?"
        )
    return replace(
        origin,
        host=host,
        port=port or (443 if scheme == "https" else 80),
        protocol=scheme,
        path=path,
        folder="",
        app="",
        bucket=None,
        match_viewer=None,
    )
