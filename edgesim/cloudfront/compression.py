"""Which responses the edge compresses, and what becomes of their heads.

CloudFront: "Serve compressed files". A response is compressed once, before it is stored, and kept
under the key with the normalised Accept-Encoding; so a range counts compressed bytes, and what was
stored as it came stays as it came, even after a 304.

A body that is still arriving is compressed while it arrives, piece by piece: its beginning does
not wait for its end, and nothing of it has to fit into memory. It then goes out chunked, as
nobody knows its length. That of a body at hand is counted anew.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

import brotli

from ..http.headers import Headers
from ..http.message import Coder, Request, Response, Viewer, size_bytes
from .distribution import Behavior
from .key import accepted_encodings

MIN_BYTES, MAX_BYTES = 1_000, 10_000_000
"""By the origin's Content-Length; without one, as with chunks, nothing is compressed."""

STATUSES = frozenset({200, 403, 404})

BROTLI_QUALITY, GZIP_LEVEL = 5, 6
"""CloudFront's own are not known. These cost little time and are near the best in size."""

_TYPES = """
application/dash+xml application/eot application/font application/font-sfnt
application/javascript application/json application/opentype application/otf application/pdf
application/pkcs7-mime application/protobuf application/rss+xml application/truetype
application/ttf application/vnd.apple.mpegurl application/vnd.mapbox-vector-tile
application/vnd.ms-fontobject application/wasm application/xhtml+xml application/xml
application/x-font-opentype application/x-font-truetype application/x-font-ttf
application/x-httpd-cgi application/x-javascript application/x-mpegurl
application/x-opentype application/x-otf application/x-perl application/x-ttf
font/eot font/opentype font/otf font/ttf image/svg+xml
text/css text/csv text/html text/javascript text/js text/plain text/richtext
text/tab-separated-values text/xml text/x-component text/x-java-source text/x-script
vnd.apple.mpegurl
"""
TYPES = frozenset(_TYPES.split())
"""The guide's list; parameters such as charset play no part."""


def coding_for(
    behavior: Behavior, request: Request, answered: Response, response: Response
) -> str | None:
    """`br` or `gzip` if `response` is to be compressed for `request`, else None.

    `answered` is what the origin sent, `response` what an origin-response function left of it.
    """
    policy = behavior.cache_policy
    if not behavior.compress or policy is None or not behavior.rules.covers(request):
        return None
    accepted = (accepted_encodings(policy, request) or "").split(",")
    if accepted == [""] or request.method == "HEAD" or answered.status not in STATUSES:
        return None
    if response.status not in STATUSES or "content-encoding" in response.headers:
        return None
    said = answered.headers
    if "content-length" not in said or "transfer-encoding" in said:
        return None
    kind = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind not in TYPES or not MIN_BYTES <= size_bytes(response.body) <= MAX_BYTES:
        return None
    return "br" if "br" in accepted else "gzip"


def compressed(response: Response, coding: str) -> Response:
    """`response` in the coding `br` or `gzip`."""
    coder = Brotli() if coding == "br" else gzip_coder()
    body = response.body
    small = coder.compress(body) + coder.flush() if isinstance(body, bytes) else body.coded(coder)
    headers = response.headers.without("content-length")
    headers = with_weak_etag(headers).with_("Content-Encoding", coding)
    return replace(response, headers=varying_by_encoding(headers), body=small)


def still_compressed(stale: Response, response: Response) -> Response:
    """`response`, made of `stale` and a 304, with what the compression of `stale` changed.

    The origin's 304 names the entity tag and the Vary of what the origin has: uncompressed.
    """
    headers, old = response.headers, stale.headers
    if "content-encoding" not in old:
        return response
    if (old.get("etag") or "").startswith("W/"):
        headers = with_weak_etag(headers)
    if "accept-encoding" in (old.get("vary") or "").lower():
        headers = varying_by_encoding(headers)
    return response.with_headers(headers)


def for_http_version(behavior: Behavior, request: Request, viewer: Viewer) -> Request:
    """`request` without Accept-Encoding if it came by HTTP/1.0, as CloudFront has it."""
    if viewer.http_version != "1.0" or behavior.cache_policy is None:
        return request
    return request.with_headers(request.headers.without("accept-encoding"))


def with_weak_etag(headers: Headers) -> Headers:
    """A strong tag becomes weak, for the bytes are others; what is no tag is removed."""
    etag = headers.get("etag")
    if etag is None or etag.startswith("W/"):
        return headers
    return headers.with_("ETag", f"W/{etag}") if etag.startswith('"') else headers.without("etag")


def varying_by_encoding(headers: Headers) -> Headers:
    vary = headers.get("vary")
    if vary is None:
        return headers.with_("Vary", "Accept-Encoding")
    named = {name.strip().lower() for name in vary.split(",")}
    if {"accept-encoding", "*"} & named:
        return headers
    return headers.with_("Vary", f"{vary}, Accept-Encoding")


def gzip_coder() -> Coder:
    return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)


class Brotli:
    """Brotli's compressor, spelt as zlib's."""

    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=BROTLI_QUALITY)

    def compress(self, data: bytes) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())
