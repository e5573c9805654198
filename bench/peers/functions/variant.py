"""The same as variant.js, in the edge's own process."""

from __future__ import annotations

from edgesim import Request, viewer_request


@viewer_request
def variant(request: Request) -> Request:
    tree = "/b" if "variant=b" in (request.headers.get("cookie") or "") else "/a"
    return request.with_target(tree + request.target)
