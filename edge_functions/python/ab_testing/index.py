"""Shows each visitor one of two variants, always the same one, and lets both be cached.

Attach it to viewer-request and to viewer-response of one behavior. Lambda@Edge, any Python runtime.
"""

import hashlib

EXPERIMENT = "front-page-1"
"""Change the name and visitors without a cookie are dealt anew."""

VARIANTS = {"a": 50, "b": 50}
"""Variant to its share in percent; the shares add up to 100."""

COOKIE = "variant"
"""Has to be in the behavior's cache policy: each variant is then cached once."""

ASSIGNED = "x-variant-assigned"
"""How the first trigger tells the last that the browser has no cookie yet."""

KEEP_S = 30 * 24 * 3600


def handler(event, context):
    cf = event["Records"][0]["cf"]
    if cf["config"]["eventType"] == "viewer-request":
        return assign(cf["request"])
    return remember(cf["request"], cf["response"])


def assign(request):
    """Put the visitor's variant where the cache key finds it."""
    headers = request["headers"]
    headers.pop(ASSIGNED, None)  # ours alone; a viewer may not send it
    if cookie_value(headers) not in VARIANTS:
        variant = variant_for(request["clientIp"])
        headers["cookie"] = [
            *other_cookies(headers),
            {"key": "Cookie", "value": f"{COOKIE}={variant}"},
        ]
        headers[ASSIGNED] = [{"key": "X-Variant-Assigned", "value": variant}]
    return request


def remember(request, response):
    """Give a visitor who was just assigned a cookie, after the cache: it is never stored there."""
    assigned = request["headers"].get(ASSIGNED)
    if assigned and assigned[0]["value"] in VARIANTS:
        cookie = f"{COOKIE}={assigned[0]['value']}; Path=/; Max-Age={KEEP_S}; SameSite=Lax"
        response["headers"].setdefault("set-cookie", []).append(
            {"key": "Set-Cookie", "value": cookie}
        )
    return response


def variant_for(client_ip):
    """The same for the same address, without asking or storing anything."""
    digest = hashlib.sha256(f"{EXPERIMENT}:{client_ip}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") % 100
    for variant, share in VARIANTS.items():
        drawn -= share
        if drawn < 0:
            return variant
    return next(iter(VARIANTS))


def cookie_value(headers):
    for line in headers.get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value
    return None


def other_cookies(headers):
    """The lines without ours, which has a value that is no variant."""
    lines = []
    for line in headers.get("cookie", []):
        pairs = [pair.strip() for pair in line["value"].split(";")]
        kept = "; ".join(pair for pair in pairs if pair.partition("=")[0] != COOKIE)
        if kept:
            lines.append({"key": "Cookie", "value": kept})
    return lines
