"""A viewer's request from a command line: a path or a URL, a method, headers."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..cloudfront.distribution import Distribution
from ..errors import ConfigError
from ..http.headers import Headers
from ..http.message import Request, Viewer


def viewer_request(
    distribution: Distribution, url: str, method: str, headers: Headers
) -> tuple[Request, Viewer]:
    """The request and its viewer. A path alone is asked of the distribution's first name.

    Raises `ConfigError`.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"{url!r} is no URL: {error}", where="URL") from None
    if not url.startswith("/") and parts.scheme not in ("http", "https"):
        hint = f"did you mean '/{url}' or 'http://{url}'?"
        raise ConfigError(f"{url!r} is neither a path nor a URL", where="URL", hint=hint)
    if "#" in url:
        hint = "browsers keep what is behind a '#' to themselves; quote it as %23"
        raise ConfigError(f"{url!r} has a fragment", where="URL", hint=hint)
    if any(char <= " " or char == "\x7f" or char > "~" for char in url):
        hint = "percent-encode it: %20 for a space"
        raise ConfigError(f"{url!r} has a character that no URL has", where="URL", hint=hint)
    if url.startswith("/"):
        scheme, host, target = "http", distribution.names[0], url
    else:
        scheme, host = parts.scheme, parts.netloc
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    if "host" not in headers:
        headers = Headers([("Host", host), *headers])
    return Request(method.upper(), target, headers), Viewer(scheme=scheme)
