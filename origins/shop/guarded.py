"""The pages that functions guard: /members needs a login at the edge, /deals a proof of work."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web
from pages import deals_page, members_page

NEVER = {"Cache-Control": "no-store"}

routes = web.RouteTableDef()


@routes.get("/members")
@routes.get("/members/staff")
async def members(request: web.Request) -> web.Response:
    """Believes the edge's headers: behind CloudFront, nobody else must be able to reach it."""
    said = [
        unquote(request.headers.get(f"X-Auth-{what}", "")) for what in ("User", "Name", "Groups")
    ]
    return web.Response(text=members_page(*said), content_type="text/html", headers=NEVER)


@routes.get("/deals")
@routes.get("/deals/again")
async def deals(request: web.Request) -> web.Response:
    page = deals_page(request.headers.get("X-Visitor-Kind", ""))
    return web.Response(text=page, content_type="text/html", headers=NEVER)
