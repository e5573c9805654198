"""An origin that takes any upload, forgets it, and says how many bytes came."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import web


async def swallow(request: web.BaseRequest) -> web.Response:
    received = 0
    async for piece in request.content.iter_any():
        received += len(piece)
    return web.Response(text=f"{received}\n")


async def main(port: int) -> None:
    server = web.Server(swallow, access_log=None)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server, "127.0.0.1", port, backlog=1024)
    await listener.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[1])))
