"""A CDN edge on your own machine: CloudFront's cache and its four function triggers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .functions import origin_request, origin_response, viewer_request, viewer_response
    from .http.headers import Headers
    from .http.message import Request, Response

__all__ = [
    "Headers",
    "Request",
    "Response",
    "origin_request",
    "origin_response",
    "viewer_request",
    "viewer_response",
]

_HOMES = {"Headers": "http.headers", "Request": "http.message", "Response": "http.message"}


def __getattr__(name: str) -> object:
    """The public names, each imported when it is first wanted."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES.get(name, 'functions')}", __name__), name)
    globals()[name] = value
    return value
