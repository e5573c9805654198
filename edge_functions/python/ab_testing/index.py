"""Shows each visitor one of several variants, always the same one, and lets all be cached.

Attach it to viewer-request and to viewer-response of one behavior. Lambda@Edge, any Python runtime.
"""

import hashlib
import json

EXPERIMENT = "front-page-1"
"""What the log calls it. Two experiments of different names deal independently of each other."""

VARIANTS = {"a": 50, "b": 50}
"""Variant to its weight; only the ratio counts. A weight of 0 ends a variant for new visitors."""

STICKY = "cookie"
"""What a visitor is known by. "cookie": dealt once at random, and kept in a cookie. "hash": dealt
by address and browser each time, without a cookie to consent to; who moves is dealt anew."""

COOKIE = "variant"
"""Has to be in the behavior's cache policy: each variant is then cached once."""

ASSIGNED = "x-variant-assigned"
"""How the first trigger tells the last that the browser has no cookie yet."""

KEEP_S = 30 * 24 * 3600


def handler(event, context):
    cf = event["Records"][0]["cf"]
    if cf["config"]["eventType"] == "viewer-request":
        return assign(cf["request"], cf["config"]["requestId"])
    return expose(cf["request"], cf["response"])


def assign(request, request_id):
    """Put the visitor's variant where the cache key and the origin find it."""
    headers = request["headers"]
    headers.pop(ASSIGNED, None)  # ours alone; a viewer may not send it
    if STICKY == "hash":
        browser = headers.get("user-agent", [{"value": ""}])[0]["value"]
        put(headers, variant_for(f"{request['clientIp']} {browser}"))
    elif cookie_value(headers) not in VARIANTS:
        variant = variant_for(request_id)
        put(headers, variant)
        headers[ASSIGNED] = [{"key": "X-Variant-Assigned", "value": variant}]
    return request


def expose(request, response):
    """Log what is seen, and give a new visitor a cookie: after the cache, which never has it."""
    variant = cookie_value(request["headers"])
    if variant not in VARIANTS:
        return response
    new = ASSIGNED in request["headers"]
    kind = response["headers"].get("content-type", [{"value": ""}])[0]["value"]
    if kind.startswith("text/html"):
        exposure = {"experiment": EXPERIMENT, "variant": variant, "new": new, "uri": request["uri"]}
        print(json.dumps(exposure))
    if new:
        cookie = f"{COOKIE}={variant}; Path=/; Max-Age={KEEP_S}; SameSite=Lax"
        response["headers"].setdefault("set-cookie", []).append(
            {"key": "Set-Cookie", "value": cookie}
        )
    return response


def variant_for(visitor):
    """The same for the same visitor, without asking or storing anything."""
    digest = hashlib.sha256(f"{EXPERIMENT}:{visitor}".encode()).hexdigest()
    drawn = int(digest[:12], 16) / 16**12 * sum(VARIANTS.values())
    for variant, weight in VARIANTS.items():
        drawn -= weight
        if drawn < 0:
            return variant
    return next(iter(VARIANTS))


def put(headers, variant):
    headers["cookie"] = [
        *other_cookies(headers),
        {"key": "Cookie", "value": f"{COOKIE}={variant}"},
    ]


def cookie_value(headers):
    for line in headers.get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value
    return None


def other_cookies(headers):
    """The lines without ours, which has a value that does not count."""
    lines = []
    for line in headers.get("cookie", []):
        pairs = [pair.strip() for pair in line["value"].split(";")]
        kept = "; ".join(pair for pair in pairs if pair.partition("=")[0] != COOKIE)
        if kept:
            lines.append({"key": "Cookie", "value": kept})
    return lines
