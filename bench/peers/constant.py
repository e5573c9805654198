"""aiohttp's low-level server with a constant answer: the least that a Python server costs."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import web

BODY = b"x" * 1024


async def answer(_: web.BaseRequest) -> web.Response:
    return web.Response(body=BODY, headers={"Cache-Control": "public, max-age=3600"})


async def main(port: int) -> None:
    server = web.Server(answer, access_log=None)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server, "127.0.0.1", port, backlog=1024)
    await listener.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[1])))
