"""An origin that takes its time: `/?wait_s=3` before the head, `/body?wait_s=3` within the body.

`python origins/slow/server.py --port 3000 --wait-s 2`
"""

from __future__ import annotations

import argparse
import asyncio
import socket

from aiohttp import web

MAX_S = 120.0
WAIT_S = web.AppKey("wait_s", float)


async def before_the_head(request: web.Request) -> web.Response:
    wait_s = waits(request)
    await asyncio.sleep(wait_s)
    keep = {"Cache-Control": "public, s-maxage=30, stale-while-revalidate=300"}
    return web.Response(text=f"after {wait_s:g} s\n", headers=keep)


async def within_the_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "text/plain"
    await response.prepare(request)
    await response.write(b"the head was at once; ")
    await asyncio.sleep(waits(request))
    await response.write(b"this was not\n")
    return response


def waits(request: web.Request) -> float:
    try:
        wait_s = float(request.query.get("wait_s", request.app[WAIT_S]))
    except ValueError:
        raise web.HTTPBadRequest(text="wait_s is a number of seconds") from None
    if not 0 <= wait_s <= MAX_S:
        raise web.HTTPBadRequest(text=f"wait_s is from 0 to {MAX_S:g}")
    return wait_s


def slow(wait_s: float = 2.0) -> web.Application:
    app = web.Application()
    app[WAIT_S] = wait_s
    app.router.add_get("/body", within_the_body)
    app.router.add_get("/{path:.*}", before_the_head)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An origin that takes its time.")
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one")
    parser.add_argument("--wait-s", type=float, default=2.0, help="where the query does not say")
    options = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", options.port))
    print(f"The slow origin is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(slow(options.wait_s), sock=listening, print=None, access_log=None)
