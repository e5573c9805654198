"""Lets as many visitors in as the shop can bear; the others wait on a page that asks again.

Attach it to viewer-request. No trigger shares memory with another, so nobody counts: every visitor
has a signed ticket, and in each slot of time a share of the tickets is drawn. Lambda@Edge, any
Python runtime.
"""

import hashlib
import hmac
import time

SECRET = b"change me, and keep me out of the repository"
"""Lambda@Edge has no environment variables: put it in when you deploy."""

ADMIT_PERCENT = 10
"""Of those who wait, how many are let in each slot. 100 opens the doors; 0 closes them."""

SLOT_S = 15
PASS_S = 600
"""How long somebody may stay who was let in."""
TICKET_S = 6 * 3600

TICKET, PASS, MEMBER = "wait-ticket", "wait-pass", "member"
"""Cookies. A member's is signed where they sign in, and is a pass in itself."""

OPEN = ("/static/", "/favicon.ico")
"""What the waiting page itself needs."""

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="{slot}">
<meta name="viewport" content="width=device-width">
<title>One moment</title>
<body style="font: 1.1rem/1.5 system-ui; max-width: 30rem; margin: 20vh auto; padding: 0 1rem">
<h1>One moment, please</h1>
<p>Many people want in. You have a ticket, and have waited {waited} seconds. This page asks again by
itself every {slot} seconds; the longer you have waited, the sooner it is your turn.</p>
</html>
"""


def handler(event, context):
    cf = event["Records"][0]["cf"]
    request = cf["request"]
    now = int(time.time())
    cookies = cookies_of(request)
    known = read(cookies.get(PASS), "pass"), read(cookies.get(MEMBER), "member")
    if request["uri"].startswith(OPEN) or any(one and one[1] > now for one in known):
        return request
    ticket = read(cookies.get(TICKET), "ticket")
    if ticket is None or not now - TICKET_S < ticket[1] <= now:
        name = hashlib.sha256(cf["config"]["requestId"].encode()).hexdigest()[:16]
        ticket = (name, now)
    name, joined = ticket
    if admitted(name, joined, now):
        return entered(request, signed("pass", name, now + PASS_S))
    return waiting(now - joined, signed("ticket", name, joined))


def admitted(name, joined, now):
    """Whether this slot draws the ticket; who has waited longer has better chances."""
    slot = now // SLOT_S
    waited = slot - joined // SLOT_S
    digest = hashlib.sha256(f"{name}:{slot}".encode()).hexdigest()
    return int(digest[:12], 16) % 10_000 < ADMIT_PERCENT * 100 * (1 + waited)


def signed(kind, name, number):
    """A cookie's value that only we can have made."""
    text = f"{name}.{number}"
    return f"{text}.{hmac.new(SECRET, f'{kind}:{text}'.encode(), hashlib.sha256).hexdigest()}"


def read(value, kind):
    """The name and the number in a cookie; None if it is missing or not ours."""
    parts = (value or "").split(".")
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 12):
        return None
    name, number = parts[0], int(parts[1])
    genuine = hmac.compare_digest(signed(kind, name, number).encode(), value.encode())
    return (name, number) if genuine else None


def entered(request, value):
    """Once more to the same address, with the pass."""
    query = f"?{request['querystring']}" if request["querystring"] else ""
    return {
        "status": "307",  # a form that was sent is sent again
        "statusDescription": "Temporary Redirect",
        "headers": {
            # One slash: with two it would be the address of another host.
            "location": [{"key": "Location", "value": f"/{request['uri'].lstrip('/')}{query}"}],
            "set-cookie": [{"key": "Set-Cookie", "value": cookie(PASS, value, PASS_S)}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
    }


def waiting(waited_s, value):
    return {
        "status": "503",
        "statusDescription": "Service Unavailable",
        "headers": {
            "content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}],
            "retry-after": [{"key": "Retry-After", "value": str(SLOT_S)}],
            "set-cookie": [{"key": "Set-Cookie", "value": cookie(TICKET, value, TICKET_S)}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
        "body": PAGE.format(slot=SLOT_S, waited=waited_s),
    }


def cookie(name, value, max_age_s):
    return f"{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax"


def cookies_of(request):
    pairs = (
        pair.strip().partition("=")
        for line in request["headers"].get("cookie", [])
        for pair in line["value"].split(";")
    )
    return {name: value for name, _, value in pairs}
