"""A folder as an origin, answering as an S3 bucket does.

CloudFront: an S3 bucket knows keys, not directories: "/" and "/docs/" name nothing unless the
distribution's default root object does.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import stat
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

from ..cache.ranges import cut
from ..cache.validation import answered_condition
from ..errors import OriginError
from ..http.dates import format_date
from ..http.headers import Headers
from ..http.message import Coder, Request, Response, Stream
from .bodies import Arriving
from .recording import PIECE_BYTES, Recording, Settled, coded

AT_ONCE_BYTES = 64 * 1024
"""Files up to this long are read at once, longer ones in pieces."""

_TYPES = mimetypes.MimeTypes()  # Python's own table: the same on every machine
for _suffix, _type in {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}.items():
    _TYPES.add_type(_type, _suffix)


def fetch_file(folder: Path, request: Request) -> Response:
    """What the bucket would answer."""
    if request.method not in ("GET", "HEAD"):
        return _refused(request, 405, "MethodNotAllowed", "The method is not allowed here.")
    path = file_of(folder, request.path)
    if path is None:
        return _refused(request, 404, "NoSuchKey", "The specified key does not exist.")
    return as_asked(request, whole_file(path, request))


def as_asked(request: Request, response: Response) -> Response:
    """`response`, which is whole, after the conditions and the range of `request`."""
    response = cut(request, answered_condition(request, response))
    if response.status in (206, 416):
        length = len(response.body) if isinstance(response.body, bytes) else response.body.length
        response = response.with_headers(response.headers.with_("Content-Length", str(length)))
    return response


def content_type(name: str) -> str:
    """By the extension alone; S3's own answer where that says nothing."""
    guessed, encoding = _TYPES.guess_type(f"file:///{name}")
    if encoding is not None:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}.get(
            encoding, "binary/octet-stream"
        )
    return guessed or "binary/octet-stream"


def file_of(folder: Path, path: str) -> Path | None:
    """The file that `path` names, if it is a file inside `folder`, links followed."""
    key = os.fsdecode(unquote_to_bytes(path.removeprefix("/").encode("latin-1")))
    segments = key.split("/")
    if "\0" in key or any(segment in ("", ".", "..") for segment in segments):
        return None
    try:
        root = folder.resolve(strict=True)
        file = root.joinpath(*segments).resolve(strict=True)
        is_file = stat.S_ISREG(file.stat().st_mode)
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        return None
    return file if is_file and file.is_relative_to(root) else None


def whole_file(path: Path, request: Request, etag: str = "") -> Response:
    """The file with its headers; `etag` if there is a better one than its time of change."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return _refused(request, 403, "AccessDenied", "Access Denied")
    except OSError:
        return _refused(request, 404, "NoSuchKey", "The specified key does not exist.")
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        size = found.st_size
        headers = Headers(
            [
                ("Last-Modified", format_date(found.st_mtime)),
                ("ETag", etag or f'"{found.st_mtime_ns:x}-{size:x}"'),
                ("Accept-Ranges", "bytes"),
                ("Content-Type", content_type(path.name)),
                ("Content-Length", str(size)),
            ]
        )
        if request.method == "HEAD":
            return Response(200, headers)
        if size <= AT_ONCE_BYTES:
            return Response(200, headers, os.pread(file.fileno(), size, 0))
    return Response(200, headers, FileBody(path, found.st_mtime_ns, 0, size))


class FileBody:
    """A stretch of a file, read in pieces by any number of readers.

    `version` is the file's time of change: a file that has another one has other contents.
    """

    def __init__(self, path: Path, version: int, first: int, stop: int) -> None:
        self.length: int | None = stop - first
        self._path, self._version = path, version
        self._first, self._stop = first, stop

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._path.open("rb", buffering=0) as file:
            at = self._first
            while at < self._stop:
                piece = os.pread(file.fileno(), min(PIECE_BYTES, self._stop - at), at)
                if not piece or os.fstat(file.fileno()).st_mtime_ns != self._version:
                    raise OriginError(f"{self._path} changed while it was read")
                at += len(piece)
                yield piece
                await asyncio.sleep(0)  # a file never makes one wait, and others want to run

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        """A copy, for the file may change and what a cache has kept must not."""
        return Recording(aiter(self), self.length).kept(settled, limit_bytes)

    def part(self, first: int, stop: int) -> Stream:
        stop = min(self._first + stop, self._stop)
        return FileBody(self._path, self._version, self._first + first, stop)

    def coded(self, coder: Coder) -> Stream:
        return Arriving(coded(aiter(self), coder), None, lambda: None)


def _refused(request: Request, status: int, code: str, message: str) -> Response:
    """An error in S3's XML."""
    fields = {"Code": code, "Message": message}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        fields |= {"Method": request.method, "ResourceType": "OBJECT"}
    else:
        fields["Key"] = unquote_to_bytes(request.path.removeprefix("/")).decode("utf-8", "replace")
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
    lines = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append(("Allow", "HEAD, GET"))
    return Response(status, Headers(lines), b"" if request.method == "HEAD" else body)


if TYPE_CHECKING:
    _conforms: type[Stream] = FileBody
