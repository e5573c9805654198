"""An S3-like bucket: the files of a folder, answered as S3's REST endpoint does.

`python origins/bucket/server.py FOLDER --port 3000`. Without a folder it has its own, `files`.
What is missing is a 403, because CloudFront may not list the bucket, and errors are XML (Amazon S3:
"GetObject", "Error responses").
"""

from __future__ import annotations

import argparse
import hashlib
import mimetypes
import socket
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4

from aiohttp import web

FILES = Path(__file__).parent / "files"
FOLDER = web.AppKey("folder", Path)


async def get_object(request: web.Request) -> web.Response:
    root = request.app[FOLDER]
    path = (root / request.match_info["key"]).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return _error(403, "AccessDenied", "Access Denied")
    body, modified = path.read_bytes(), path.stat().st_mtime
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": formatdate(modified, usegmt=True),
        "Server": "AmazonS3",
        "x-amz-request-id": uuid4().hex[:16].upper(),
    }
    since = request.if_modified_since
    known = request.headers.get("If-None-Match")
    if known == etag or (known is None and since and int(modified) <= since.timestamp()):
        return web.Response(status=304, headers=headers)
    kind = mimetypes.guess_type(path)[0] or "binary/octet-stream"
    if "Range" not in request.headers:
        return web.Response(body=body, content_type=kind, headers=headers)
    try:
        start, stop, _ = request.http_range.indices(len(body))
    except ValueError:
        return web.Response(body=body, content_type=kind, headers=headers)
    if start >= stop:
        return _error(416, "InvalidRange", "The requested range is not satisfiable")
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
    return web.Response(status=206, body=body[start:stop], content_type=kind, headers=headers)


async def refuse(request: web.Request) -> web.Response:
    return _error(405, "MethodNotAllowed", "The specified method is not allowed.")


def _error(status: int, code: str, message: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
    text += f"<Message>{message}</Message></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")


def bucket(folder: Path = FILES) -> web.Application:
    app = web.Application()
    app[FOLDER] = folder.resolve()
    app.router.add_get("/{key:.*}", get_object)
    app.router.add_route("*", "/{key:.*}", refuse)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An origin: an S3-like bucket.")
    parser.add_argument("folder", type=Path, nargs="?", default=FILES)
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one")
    options = parser.parse_args()
    if not options.folder.is_dir():
        raise SystemExit(f"{options.folder} is no folder")
    listening = socket.create_server(("127.0.0.1", options.port))
    print(f"The bucket is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(bucket(options.folder), sock=listening, print=None, access_log=None)
