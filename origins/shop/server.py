"""The demo's origin: a small shop with one of every kind of answer that an edge has to handle.

    python origins/shop/server.py --port 8090

It needs aiohttp and Pillow and nothing of edgesim; `--port 0` takes a free port.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from aiohttp import ETag, WSMsgType, web
from guarded import routes as guarded_routes
from pages import about_page, error_page, front_page, login_page, product_page, sale_page
from pictures import picture
from products import PRODUCTS

STATIC = Path(__file__).parent / "static"
CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

PAGE = "public, max-age=0, s-maxage=30, stale-while-revalidate=60"
"""Browsers ask every time; the edge asks every half minute, in the background."""
ASSET = "public, max-age=300"
PICTURE = "public, max-age=86400"
BRIEF = "public, max-age=0, s-maxage=5"
NEVER = "no-store"

VARIANTS = ("a", "b")
STREAM_PIECES = 10
COUNTER = web.AppKey("counter", Iterator[int])
STOPPING = web.AppKey("stopping", asyncio.Event)
OPEN_SOCKETS = web.AppKey("open_sockets", set[web.WebSocketResponse])

routes = web.RouteTableDef()


@routes.get("/")
async def front(request: web.Request) -> web.Response:
    variant = request.cookies.get("variant", "a")
    minute = datetime.now().astimezone().strftime("%H:%M")
    page = front_page(variant if variant in VARIANTS else "a", minute)
    return answer(request, page.encode(), "text/html", PAGE)


@routes.get(r"/product/{number:\d+}")
async def product(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    if number not in PRODUCTS:
        raise web.HTTPNotFound
    return answer(request, product_page(PRODUCTS[number]).encode(), "text/html", PAGE)


@routes.get("/about/index.html")
async def about(request: web.Request) -> web.Response:
    return answer(request, about_page().encode(), "text/html", PAGE)


@routes.get("/static/{name}")
async def static(request: web.Request) -> web.Response:
    file = STATIC / request.match_info["name"]
    if file.parent != STATIC or not file.is_file():
        raise web.HTTPNotFound
    return answer(request, file.read_bytes(), CONTENT_TYPES[file.suffix], ASSET)


@routes.get(r"/images/{number:\d+}.jpg")
async def image(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    if number not in PRODUCTS:
        raise web.HTTPNotFound
    drawn = await asyncio.to_thread(picture, number)
    return answer(request, drawn, "image/jpeg", PICTURE)


@routes.get("/api/stock")
async def stock(request: web.Request) -> web.Response:
    count = next(request.app[COUNTER])
    left = {str(number): (number * 7 + count * 3) % 40 for number in PRODUCTS}
    return web.json_response({"count": count, "left": left}, headers={"Cache-Control": NEVER})


@routes.get("/api/products")
async def products(request: web.Request) -> web.Response:
    """What the edge makes the page of offers of."""
    listed = [{"name": one.name, "price": one.price} for one in PRODUCTS.values()]
    return web.json_response(listed, headers={"Cache-Control": BRIEF})


@routes.get("/sale")
async def sale(request: web.Request) -> web.Response:
    page = sale_page(datetime.now().astimezone().strftime("%H:%M:%S"))
    return web.Response(text=page, content_type="text/html", headers={"Cache-Control": NEVER})


@routes.get("/api/time")
async def now(request: web.Request) -> web.Response:
    said = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    return web.json_response(said, headers={"Cache-Control": BRIEF})


@routes.get("/events")
async def events(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": NEVER})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    stopping = request.app[STOPPING]
    with suppress(ConnectionResetError):  # the listener left: the usual end
        for number in itertools.count(1):
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            await response.write(f"id: {number}\ndata: {clock}\n\n".encode())
            if await happened(stopping, within_s=1):
                break
    return response


@routes.get("/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": NEVER})
    response.content_type = "text/plain"
    await response.prepare(request)
    with suppress(ConnectionResetError):
        for number in range(1, STREAM_PIECES + 1):
            await response.write(f"piece {number} of {STREAM_PIECES}\n".encode())
            if number < STREAM_PIECES:
                await asyncio.sleep(0.2)
    return response


@routes.get("/slow")
async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(2)
    return web.Response(text="That took two seconds.\n", headers={"Cache-Control": BRIEF})


@routes.get("/broken")
async def broken(request: web.Request) -> web.Response:
    raise web.HTTPInternalServerError


@routes.get("/flaky")
async def flaky(request: web.Request) -> web.Response:
    """Fails every third time."""
    if next(request.app[COUNTER]) % 3 == 2:
        raise web.HTTPServiceUnavailable
    return web.Response(text="This time it worked.\n", headers={"Cache-Control": NEVER})


@routes.get("/ws")
async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    request.app[OPEN_SOCKETS].add(socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
    finally:
        request.app[OPEN_SOCKETS].discard(socket)
    return socket


@routes.get("/login")
async def login(request: web.Request) -> web.Response:
    page = login_page(request.cookies.get("user", ""))
    return web.Response(text=page, content_type="text/html", headers={"Cache-Control": NEVER})


@routes.post("/login")
async def sign_in(request: web.Request) -> web.Response:
    user = str((await request.post()).get("user", ""))[:40]
    response = web.Response(status=303, headers={"Location": "/login", "Cache-Control": NEVER})
    if user.isprintable() and user.strip():
        response.set_cookie("user", user.strip(), httponly=True, samesite="Lax")
    return response


@routes.post("/logout")
async def sign_out(request: web.Request) -> web.Response:
    response = web.Response(status=303, headers={"Location": "/login", "Cache-Control": NEVER})
    response.del_cookie("user")
    return response


def answer(request: web.Request, body: bytes, content_type: str, keep: str) -> web.Response:
    """`body` with its validator, or a 304 if the asker has it already."""
    etag = hashlib.sha256(body).hexdigest()[:20]
    known = {tag.value for tag in request.if_none_match or ()}
    fresh = bool(known & {etag, "*"})
    response = web.Response(status=HTTPStatus.NOT_MODIFIED) if fresh else web.Response(body=body)
    if not fresh:
        response.content_type = content_type
        if content_type.startswith("text/"):
            response.charset = "utf-8"
    response.etag = ETag(etag)
    response.headers["Cache-Control"] = keep
    return response


async def happened(event: asyncio.Event, within_s: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True


@web.middleware
async def with_error_pages(request: web.Request, handler: web.Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        page = error_page(error.status, f"The origin says: {error.reason}.")
        keep = "public, max-age=10" if error.status == HTTPStatus.NOT_FOUND else NEVER
        return web.Response(
            text=page,
            status=error.status,
            content_type="text/html",
            headers={"Cache-Control": keep},
        )


@web.middleware
async def with_timing(request: web.Request, handler: web.Handler) -> web.StreamResponse:
    started = time.perf_counter()
    response = await handler(request)
    if not response.prepared:
        milliseconds = (time.perf_counter() - started) * 1000
        response.headers["Server-Timing"] = f'shop;desc="the shop";dur={milliseconds:.1f}'
    return response


def shop() -> web.Application:
    app = web.Application(middlewares=[with_timing, with_error_pages])
    app[COUNTER] = itertools.count()
    app[STOPPING] = asyncio.Event()
    app[OPEN_SOCKETS] = set()
    app.add_routes(routes)
    app.add_routes(guarded_routes)
    return app


async def serve(port: int) -> None:
    """Until SIGINT or SIGTERM."""
    app = shop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, app[STOPPING].set)
    print(f"The shop is at http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await app[STOPPING].wait()
    for socket in set(app[OPEN_SOCKETS]):
        await socket.close(code=1001)
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo's origin: a small shop.")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    port = parser.parse_args().port
    try:
        asyncio.run(serve(port))
    except OSError as error:
        raise SystemExit(f"The shop cannot listen on port {port}: {error.strerror}") from None


if __name__ == "__main__":
    main()
