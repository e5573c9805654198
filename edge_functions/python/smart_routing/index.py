"""Sends every viewer to the data center that is nearest, and a few to the next release.

Attach `index.handler` to viewer-request and `to_origin.handler` to origin-request of one behavior,
whose cache policy has the headers `CloudFront-Viewer-Country` and `X-Canary`. Lambda@Edge, any
Python runtime.
"""

import hashlib

CANARY_PERCENT = 5
CANARY = "x-canary"
"""Has to be in the cache policy: the releases' answers are kept apart."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    headers = request["headers"]
    asked = headers.pop(CANARY, [{"value": ""}])[0]["value"]
    browser = headers.get("user-agent", [{"value": ""}])[0]["value"]
    chosen = asked == "1" if asked in ("0", "1") else drawn(f"{request['clientIp']} {browser}")
    if chosen:
        headers[CANARY] = [{"key": "X-Canary", "value": "1"}]
    return request


def drawn(viewer):
    """Whether a viewer is among the few: always the same ones, and more of them as it grows."""
    digest = hashlib.sha256(f"canary:{viewer}".encode()).hexdigest()
    return int(digest[:12], 16) % 10_000 < CANARY_PERCENT * 100
