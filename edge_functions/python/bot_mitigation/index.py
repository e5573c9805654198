"""Lets people and useful bots through, and makes the others work, wait or leave.

Attach it to viewer-request. Nobody is locked out by mistake for good: whoever looks like a bot and
is a person gets a page that proves it in a second. Lambda@Edge, any Python runtime, no packages;
settings.json and the lists beside this file are its configuration.
"""

import time
from http import HTTPStatus
from urllib.parse import unquote

from buckets import Buckets, Until
from challenge import ANSWER, COOKIE, Challenge
from visitors import Kind, Visitor, kind_of

OPEN = ("/robots.txt", "/favicon.ico", "/.well-known/")
"""Whoever asks for these is never asked anything."""

CHALLENGED = ("/deals",)
"""Where everybody proves themselves first, as before a checkout or a search."""

TRAPS = ("/wp-login.php", "/xmlrpc.php", "/.env", "/.git/", "/phpmyadmin/", "/trap/")
"""Nothing is there. /trap/ is linked where no person sees it, and robots.txt forbids it."""

PENALTY_S = 600
"""How long an address that fell into a trap has to prove itself everywhere."""

RATE = {
    Kind.BROWSER: (120, 4.0),
    Kind.PROVEN: (240, 8.0),
    Kind.GOOD: (600, 20.0),
    Kind.TOLERATED: (20, 0.5),
}
"""How many requests at once, and how many a second in the long run, for each address."""

VISITOR = "x-visitor-kind"
"""How the origin hears what we think. Ours alone."""

buckets, trapped, challenge = Buckets(), Until(), Challenge()


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["headers"].pop(VISITOR, None)
    if not challenge.may_sign_for(request):
        print("refused: settings.json still has the key that everybody knows")
        return refusal(500, "This site is not configured yet.")
    return answered(request, time.time())


def answered(request, now):
    """The request, if it may go on, or the response that it gets instead."""
    path = unquote(request["uri"])
    if path.startswith(OPEN):
        return request
    visitor = Visitor(request)
    if ANSWER in request["headers"]:
        return challenge.redeemed(request, visitor, now) or refusal(403, "That proves nothing.")
    if path.lower().startswith(TRAPS):
        trapped.add(visitor.network, now + PENALTY_S)
        print(f"trapped: {visitor.network} at {request['uri']:.100}")
        return refusal(404, "There is nothing here.")
    kind = kind_of(visitor)
    if kind in (Kind.PRETENDED, Kind.REFUSED):
        print(f"{kind}: {visitor.network} {visitor.user_agent:.200}")
        return refusal(403, "Bots of this kind are not served here.")
    if kind in (Kind.BROWSER, Kind.DOUBTFUL, Kind.TOLERATED) and challenge.passed(
        request, visitor, now
    ):
        kind = Kind.PROVEN
    if must_prove(kind, path, visitor, now):
        return challenge.page(request, visitor, now, 403)
    wait_s = buckets.wait_s((visitor.network, kind), *RATE[kind], now)
    if wait_s:
        return slowed(request, visitor, kind, wait_s, now)
    return passed(request, kind)


def must_prove(kind, path, visitor, now):
    if kind in (Kind.GOOD, Kind.PROVEN):
        return False
    return (
        kind is Kind.DOUBTFUL
        or any(path == one or path.startswith(f"{one}/") for one in CHALLENGED)
        or trapped.holds(visitor.network, now)
    )


def slowed(request, visitor, kind, wait_s, now):
    """Too many: a browser may prove itself and go on, everybody else has to wait."""
    print(f"slowed: {visitor.network} for {wait_s:.0f} s")
    if kind is Kind.BROWSER:
        return challenge.page(request, visitor, now, 429)
    return refusal(429, "Slowly, please.", wait_s)


def passed(request, kind):
    """On to the cache, without our cookie: it would be a cache key for each visitor."""
    request["headers"][VISITOR] = [{"key": "X-Visitor-Kind", "value": kind}]
    lines = []
    for line in request["headers"].pop("cookie", []):
        pairs = [pair.strip() for pair in line["value"].split(";")]
        kept = [pair for pair in pairs if pair.partition("=")[0] not in COOKIE]
        if kept:
            lines.append({**line, "value": "; ".join(kept)})
    if lines:
        request["headers"]["cookie"] = lines
    return request


def refusal(status, said, wait_s=0.0):
    headers = {
        "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        "content-type": [{"key": "Content-Type", "value": "text/plain; charset=utf-8"}],
    }
    if wait_s:
        headers["retry-after"] = [{"key": "Retry-After", "value": str(int(wait_s) + 1)}]
    phrase = HTTPStatus(status).phrase
    return {"status": str(status), "statusDescription": phrase, "headers": headers, "body": said}
