"""Counts visits without knowing visitors, and answers the page's beacons.

Attach it to viewer-request. Lambda@Edge, any Python runtime.
"""

import hashlib
import hmac
import ipaddress
import json
import time
from urllib.parse import parse_qsl, urlencode

SECRET = b"change me, and keep me out of the repository"

BEACON = "/beacon"
CONSENT = "consent"
"""A cookie: "yes" allows an id for the day, "no" forbids to count at all; without it visits are
counted, and nobody's twice."""

TRACKING = ("dclid", "fbclid", "gclid", "mc_eid", "msclkid")
"""Parameters that follow people, and so does every one of utm_: they go once they are counted, and
what is left is the cache key."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    fields = parse_qsl(request["querystring"], keep_blank_values=True)
    if request["uri"] == BEACON:
        if countable(request):
            print(json.dumps({**visit(request), "beacon": dict(fields[:20])}))
        return {
            "status": "204",
            "statusDescription": "No Content",
            "headers": {"cache-control": [{"key": "Cache-Control", "value": "no-store"}]},
        }
    campaign = {name: value for name, value in fields if name.startswith("utm_")}
    if countable(request) and campaign:
        print(json.dumps({**visit(request), "campaign": campaign}))
    if any(map(follows, fields)):
        request["querystring"] = urlencode([one for one in fields if not follows(one)])
    return request


def follows(field):
    return field[0] in TRACKING or field[0].startswith("utm_")


def countable(request):
    """Whether the visitor lets us: by cookie, or by what the browser says for them."""
    headers = request["headers"]
    signals = (headers.get(name, [{"value": ""}])[0]["value"] for name in ("dnt", "sec-gpc"))
    return consent(headers) != "no" and "1" not in signals


def visit(request):
    seen = {"uri": request["uri"]}
    if consent(request["headers"]) == "yes":
        seen["visitor"] = visitor_of(request)
    return seen


def visitor_of(request):
    """The same for a day and never again: of the network and the browser, not of the address."""
    browser = request["headers"].get("user-agent", [{"value": ""}])[0]["value"]
    address = ipaddress.ip_address(request["clientIp"])
    prefix = 24 if address.version == 4 else 48
    network = ipaddress.ip_network((address, prefix), strict=False).network_address
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time()))
    text = f"{day} {network.compressed} {browser}"
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()[:16]


def consent(headers):
    for line in headers.get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            if name == CONSENT:
                return value
    return ""
