"""Makes pictures fit for a page on their way to the cache: /cat.jpg?w=400&format=webp.

Attach it to origin-request of a behavior whose cache policy has the query strings `fit`, `format`,
`h`, `q` and `w`, and `normalise.handler` to its viewer-request. It gets the picture from the
origin itself and returns another one, which the cache keeps. Whatever it cannot do it leaves to
the origin. Lambda@Edge, any Python runtime; Pillow has to be in the bundle.
"""

import base64
import http.client

from transform import transformed
from wish import Wish, wished

MAX_BODY_BYTES = (1024 * 1024 - 8 * 1024) * 3 // 4
"""CloudFront takes 1 MB from origin-request, headers included; we count the body as base64."""
MAX_SOURCE_BYTES = 20 * 1024 * 1024
ORIGIN_TIMEOUT_S = 10
KEPT_HEADERS = ("cache-control", "expires", "last-modified")


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["method"] != "GET" or "custom" not in request.get("origin", {}):
        return request
    try:
        wish = wished(request["querystring"])
        if wish == Wish():
            return request
        source, headers = fetched(request)
        body, kind = transformed(source, wish, MAX_BODY_BYTES)
    except Exception as error:  # noqa: BLE001 - broken pictures raise whatever comes to mind
        print(f"left {request['uri']} to the origin: {error}")
        return request
    print(f"{request['uri']} {len(source):,} bytes, {kind} {len(body):,} bytes")
    kept = {name: [{"value": headers[name]}] for name in KEPT_HEADERS if headers[name]}
    return {
        "status": "200",
        "statusDescription": "OK",
        "headers": {
            **kept,
            "content-type": [{"key": "Content-Type", "value": f"image/{kind.lower()}"}],
            # For caches between the edge and the browser; the edge's key has the format itself.
            "vary": [{"key": "Vary", "value": "Accept"}],
        },
        "body": base64.b64encode(body).decode("ascii"),
        "bodyEncoding": "base64",
    }


def fetched(request):
    """The picture as the origin has it, and its headers."""
    origin = request["origin"]["custom"]
    secure = origin["protocol"] == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(origin["domainName"], origin["port"], timeout=ORIGIN_TIMEOUT_S)
    headers = {
        line.get("key", name): line["value"]
        for name, lines in origin["customHeaders"].items()
        for line in lines
    }
    # A virtual host is chosen by the name that CloudFront itself would send.
    if "host" in request["headers"]:
        headers["Host"] = request["headers"]["host"][0]["value"]
    try:
        connection.request("GET", origin["path"] + request["uri"], headers=headers)
        response = connection.getresponse()
        source = response.read(MAX_SOURCE_BYTES + 1)
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(f"the origin said {response.status}")
    if len(source) > MAX_SOURCE_BYTES:
        raise ValueError(f"more than {MAX_SOURCE_BYTES:,} bytes")
    return source, response.headers
