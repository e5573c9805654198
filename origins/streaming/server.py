"""An origin whose answers never hurry: `/lines`, `/events` (server-sent) and `/video` (ranges).

`python origins/streaming/server.py --port 3000`
"""

from __future__ import annotations

import argparse
import asyncio
import socket

from aiohttp import web

LINES = 10
PAUSE_S = web.AppKey("pause_s", float)
VIDEO = bytes(range(256)) * 4096
routes = web.RouteTableDef()


@routes.get("/lines")
async def lines(request: web.Request) -> web.StreamResponse:
    """Chunked, without a length; cached once it is whole."""
    response = web.StreamResponse(headers={"Cache-Control": "public, s-maxage=30"})
    response.content_type = "text/plain"
    await response.prepare(request)
    for number in range(1, LINES + 1):
        await response.write(f"line {number}\n".encode())
        await asyncio.sleep(request.app[PAUSE_S])
    return response


@routes.get("/events")
async def events(request: web.Request) -> web.StreamResponse:
    """For ever, until the asker goes."""
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    number = 0
    while True:
        number += 1
        await response.write(f"id: {number}\ndata: event {number}\n\n".encode())
        await asyncio.sleep(request.app[PAUSE_S])


@routes.get("/video")
async def video(request: web.Request) -> web.Response:
    """A megabyte, or a range of it (RFC 9110 §14)."""
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "public, max-age=3600"}
    try:
        asked = request.http_range
    except ValueError:
        return _unsatisfiable()
    if "Range" not in request.headers:
        return web.Response(body=VIDEO, content_type="video/mp4", headers=headers)
    start, stop, _ = asked.indices(len(VIDEO))
    if start >= stop:
        return _unsatisfiable()
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(VIDEO)}"
    return web.Response(
        status=206, body=VIDEO[start:stop], content_type="video/mp4", headers=headers
    )


def _unsatisfiable() -> web.Response:
    return web.Response(status=416, headers={"Content-Range": f"bytes */{len(VIDEO)}"})


def streaming(pause_s: float = 0.5) -> web.Application:
    app = web.Application()
    app[PAUSE_S] = pause_s
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An origin whose answers never hurry.")
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one")
    listening = socket.create_server(("127.0.0.1", parser.parse_args().port))
    print(f"The streaming origin is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(streaming(), sock=listening, print=None, access_log=None)
