"""An origin that fails as it is told: `/?every=3&how=500` on every third request for that address.

`how` is a status, `reset` (the connection breaks before an answer) or `cut` (the body breaks off).
`python origins/flaky/server.py --port 3000`
"""

from __future__ import annotations

import argparse
import socket
from collections import Counter

from aiohttp import web

ASKED = web.AppKey("asked", Counter[str])
BODY = b"all is well\n" * 100


async def answer(request: web.Request) -> web.StreamResponse:
    request.app[ASKED][request.path_qs] += 1
    number, how = request.app[ASKED][request.path_qs], request.query.get("how", "500")
    every = request.query.get("every", "3")
    if not (every.isascii() and every.isdigit() and 0 < len(every) < 6 and int(every)):
        raise web.HTTPBadRequest(text="every is a number from 1")
    keep = {"Cache-Control": "public, s-maxage=1, stale-if-error=60", "X-Number": str(number)}
    if number % int(every):
        return web.Response(body=BODY, headers=keep)
    if how.isascii() and how.isdigit() and 400 <= int(how) <= 599:
        return web.Response(status=int(how), text="as asked\n", headers={"X-Number": str(number)})
    if how == "cut":
        response = web.StreamResponse(headers={**keep, "Content-Length": str(len(BODY))})
        await response.prepare(request)
        await response.write(BODY[:40])
        _hang_up(request)
        return response
    if how == "reset":
        _hang_up(request)
        return web.Response()
    raise web.HTTPBadRequest(text="how is a status from 400 to 599, reset or cut")


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def flaky() -> web.Application:
    app = web.Application()
    app[ASKED] = Counter()
    app.router.add_get("/{path:.*}", answer)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An origin that fails as it is told.")
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one")
    listening = socket.create_server(("127.0.0.1", parser.parse_args().port))
    print(f"The flaky origin is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(flaky(), sock=listening, print=None, access_log=None)
