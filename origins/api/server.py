"""A JSON API: products to list, to get, to add. `python origins/api/server.py --port 3000`."""

from __future__ import annotations

import argparse
import json
import socket

from aiohttp import web

PRODUCTS = web.AppKey("products", list[dict[str, object]])
routes = web.RouteTableDef()


@routes.get("/api/products")
async def products(request: web.Request) -> web.Response:
    """A page of them; Link leads to the next (RFC 8288)."""
    known = request.app[PRODUCTS]
    start = _number(request.query.get("start", "0"))
    count = min(_number(request.query.get("count", "20")), 100)
    response = web.json_response(known[start : start + count])
    response.headers["Cache-Control"] = "public, max-age=0, s-maxage=10"
    if start + count < len(known):
        response.headers["Link"] = f'<?start={start + count}&count={count}>; rel="next"'
    return response


@routes.get("/api/products/{number}")
async def product(request: web.Request) -> web.Response:
    number = _number(request.match_info["number"])
    known = [one for one in request.app[PRODUCTS] if one["number"] == number]
    if not known:
        return _problem(404, f"there is no product {number}")
    response = web.json_response(known[0])
    response.headers["Cache-Control"] = "public, s-maxage=60"
    return response


@routes.post("/api/products")
async def add(request: web.Request) -> web.Response:
    try:
        said = await request.json()
        name, price = str(said["name"]), float(said["price"])
    except (ValueError, KeyError, TypeError):
        return _problem(400, 'a product is {"name": text, "price": number}')
    made = {"number": len(request.app[PRODUCTS]) + 1, "name": name, "price": price}
    request.app[PRODUCTS].append(made)
    headers = {"Location": f"/api/products/{made['number']}", "Cache-Control": "no-store"}
    return web.json_response(made, status=201, headers=headers)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise web.HTTPBadRequest(text="not a number")
    return int(text)


def _problem(status: int, detail: str) -> web.Response:
    """RFC 9457."""
    body = json.dumps({"status": status, "detail": detail})
    return web.Response(status=status, text=body, content_type="application/problem+json")


def api() -> web.Application:
    app = web.Application()
    names = ["Desk lamp", "Flower pot", "Mug", "Notebook", "Chair", "Clock"]
    app[PRODUCTS] = [
        {"number": n, "name": name, "price": 10.0 * n} for n, name in enumerate(names, 1)
    ]
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An origin: a JSON API.")
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one")
    listening = socket.create_server(("127.0.0.1", parser.parse_args().port))
    print(f"The API is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(api(), sock=listening, print=None, access_log=None)
