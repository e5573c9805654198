"""A folder as an S3 bucket, asked by its REST endpoint or by that of its website.

S3: "Error responses", "Website endpoints", "Hosting a static website". No bucket policy is read:
who asks is taken to have s3:GetObject, and s3:ListBucket if the bucket `lists`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape as in_html
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from secrets import token_hex, token_urlsafe
from urllib.parse import quote, unquote_to_bytes
from xml.sax.saxutils import escape

from lru import LRU

from ..cloudfront.bucket import Bucket, RoutingRule
from ..http.headers import Headers
from ..http.message import Request, Response
from .folder import as_asked, file_of, whole_file

LISTED_KEYS = 1000
"""The most that a listing has (S3: "ListObjects")."""
HASHED_AT_ONCE_BYTES = 1024 * 1024
"""Larger files are hashed in a thread."""

_etags: LRU[tuple[str, int, int], str] = LRU(65_536)
"""By path, time of change and size."""

_MESSAGES = {
    "AccessDenied": (403, "Access Denied"),
    "AccessForbidden": (403, "CORSResponse: CORS is not enabled for this bucket."),
    "BadRequest": (400, "Insufficient information. Origin request header needed."),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "NoSuchKey": (404, "The specified key does not exist."),
}


async def fetch_object(folder: Path, bucket: Bucket, request: Request) -> Response:
    """What the bucket would answer."""
    if bucket.website:
        response = await _from_website(folder, bucket, request)
    else:
        response = await _by_rest(folder, bucket, request)
    ids = (("x-amz-id-2", token_urlsafe(56)), ("x-amz-request-id", token_hex(8).upper()))
    return response.with_headers(response.headers.plus(*ids, ("Server", "AmazonS3")))


async def _by_rest(folder: Path, bucket: Bucket, request: Request) -> Response:
    if request.method == "OPTIONS":
        code = "AccessForbidden" if "origin" in request.headers else "BadRequest"
        return _xml_error(request, code)
    if request.method not in ("GET", "HEAD"):
        known = request.method in ("PUT", "POST", "DELETE")
        return _xml_error(request, "AccessDenied" if known else "MethodNotAllowed")
    if request.path == "/":
        return _listing(folder, bucket) if bucket.lists else _xml_error(request, "AccessDenied")
    path = file_of(folder, request.path)
    if path is None:
        return _xml_error(request, _code_of_missing(bucket))
    return as_asked(request, whole_file(path, request, await _etag(path)))


async def _from_website(folder: Path, bucket: Bucket, request: Request) -> Response:
    key = _key(request.path)
    if request.method not in ("GET", "HEAD"):
        return _html_error(request, "MethodNotAllowed", key)
    rules = (*filter(None, (bucket.redirects_all_to,)), *bucket.routing_rules)
    if (rule := _rule(rules, key, None)) is not None:
        return _redirect(rule.redirect_code, rule.location(key, _host(request)))
    wanted = request.path + bucket.index_document if request.path.endswith("/") else request.path
    path = file_of(folder, wanted)
    if path is not None:
        return as_asked(request, whole_file(path, request, await _etag(path)))
    if wanted == request.path and file_of(folder, f"{wanted}/{bucket.index_document}"):
        return _redirect(302, f"{wanted}/")
    code = _code_of_missing(bucket)
    if (rule := _rule(rules, key, _MESSAGES[code][0])) is not None:
        return _redirect(rule.redirect_code, rule.location(key, _host(request)))
    page = file_of(folder, f"/{quote(bucket.error_document)}") if bucket.error_document else None
    if page is None:
        return _html_error(request, code, key)
    whole = whole_file(page, request, await _etag(page))
    return Response(_MESSAGES[code][0], whole.headers, whole.body)


def _rule(rules: tuple[RoutingRule, ...], key: str, error_code: int | None) -> RoutingRule | None:
    return next((rule for rule in rules if rule.applies(key, error_code)), None)


def _code_of_missing(bucket: Bucket) -> str:
    """S3 does not even say that a key is missing to those who may not list the bucket."""
    return "NoSuchKey" if bucket.lists else "AccessDenied"


def _key(path: str) -> str:
    return os.fsdecode(unquote_to_bytes(path.removeprefix("/").encode("latin-1")))


def _host(request: Request) -> str:
    return request.headers.get("host") or ""


async def _etag(path: Path) -> str:
    """MD5 of the content, as S3 has it for what was uploaded in one part."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as quick as what a thread would cost
        line = (str(path), found.st_mtime_ns, found.st_size)
        if line not in _etags:
            if found.st_size > HASHED_AT_ONCE_BYTES:
                _etags[line] = await asyncio.to_thread(_md5, path)
            else:
                _etags[line] = _md5(path)
    except OSError:
        return ""  # whoever reads the file next will say why
    return _etags[line]


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return f'"{digest.hexdigest()}"'


def _listing(folder: Path, bucket: Bucket) -> Response:
    """All keys in their order, up to a thousand; parameters of the query are not looked at."""
    found = list(islice(_objects(folder), LISTED_KEYS + 1))
    truncated = str(len(found) > LISTED_KEYS).lower()
    contents = "".join(
        f"<Contents><Key>{escape(key)}</Key>"
        f"<LastModified>{_moment(path.stat().st_mtime)}</LastModified>"
        f"<Size>{path.stat().st_size}</Size></Contents>"
        for key, path in found[:LISTED_KEYS]
    )
    name = escape(bucket.name or folder.name)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{name}</Name><Prefix></Prefix><Marker></Marker><MaxKeys>{LISTED_KEYS}</MaxKeys>"
        f"<IsTruncated>{truncated}</IsTruncated>{contents}</ListBucketResult>"
    )
    return Response(200, Headers([("Content-Type", "application/xml")]), body.encode())


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _objects(folder: Path) -> Iterator[tuple[str, Path]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    yield from sorted((path.relative_to(folder).as_posix(), path) for path in files)


def _xml_error(request: Request, code: str) -> Response:
    status, message = _MESSAGES[code]
    fields = {"Code": code, "Message": message}
    if code == "NoSuchKey":
        fields["Key"] = _key(request.path)
    elif code == "MethodNotAllowed":
        fields |= {"Method": request.method, "ResourceType": "OBJECT"}
    fields |= {"RequestId": token_hex(8).upper(), "HostId": token_urlsafe(56)}
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return _error(request, status, "application/xml", body)


def _html_error(request: Request, code: str, key: str) -> Response:
    status, message = _MESSAGES[code]
    title = f"{status} {HTTPStatus(status).phrase}"
    told = {"Code": code, "Message": message}
    if code == "NoSuchKey":
        told["Key"] = key
    lines = "".join(f"<li>{name}: {in_html(value)}</li>\n" for name, value in told.items())
    body = (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        f"<ul>\n{lines}</ul>\n<hr/>\n</body>\n</html>\n"
    )
    return _error(request, status, "text/html; charset=utf-8", body)


def _error(request: Request, status: int, content_type: str, body: str) -> Response:
    data = body.encode("utf-8", "replace")
    lines = [("Content-Type", content_type), ("Content-Length", str(len(data)))]
    return Response(status, Headers(lines), b"" if request.method == "HEAD" else data)


def _redirect(status: int, location: str) -> Response:
    lines = [("Location", location), ("Content-Length", "0")]
    return Response(status, Headers(lines))
