"""Makes pictures smaller on their way to the cache: /cat.jpg?w=400&format=webp.

Attach it to origin-request of a behavior whose cache policy has the query strings `w` and
`format`. It gets the picture from the origin itself and returns the smaller one, which the cache
keeps. Whatever it cannot do it leaves to the origin. Lambda@Edge, any Python runtime; Pillow has
to be in the bundle.
"""

import base64
import http.client
import io
from urllib.parse import parse_qs

from PIL import Image, ImageOps

MIN_WIDTH, MAX_WIDTH = 16, 2000
FORMATS = {"jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
QUALITIES = (82, 70, 55, 40)
"""Tried in this order until the picture fits."""

MAX_BODY_CHARACTERS = 1024 * 1024 - 8 * 1024
"""CloudFront takes 1 MB from origin-request, headers included; we count the body as base64."""
MAX_SOURCE_BYTES = 20 * 1024 * 1024
ORIGIN_TIMEOUT_S = 10
KEPT_HEADERS = ("cache-control", "expires", "last-modified")


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    wish = wished(request)
    if wish is None:
        return request
    try:
        source, headers = fetched(request)
        resized = smaller(source, *wish)
    except (OSError, http.client.HTTPException, ValueError, Image.DecompressionBombError) as error:
        print(f"left {request['uri']} to the origin: {error}")
        return request
    if resized is None:
        print(f"left {request['uri']} to the origin: still too large at the lowest quality")
        return request
    body, content_type = resized
    kept = {name: [{"value": headers[name]}] for name in KEPT_HEADERS if headers[name]}
    return {
        "status": "200",
        "statusDescription": "OK",
        "headers": {**kept, "content-type": [{"key": "Content-Type", "value": content_type}]},
        "body": body,
        "bodyEncoding": "base64",
    }


def wished(request):
    """The width and the format that the query asks for; None if it asks for nothing possible."""
    query = parse_qs(request["querystring"])
    width, kind = query.get("w", [""])[0], query.get("format", [""])[0].lower()
    if request["method"] != "GET" or "custom" not in request.get("origin", {}):
        return None
    if not (width or kind) or (kind and kind not in FORMATS):
        return None
    if width and not (width.isascii() and width.isdigit() and len(width) <= len("9999")):
        return None
    pixels = min(max(int(width), MIN_WIDTH), MAX_WIDTH) if width else MAX_WIDTH
    return pixels, FORMATS.get(kind)


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


def smaller(source, width, kind):
    """The picture in base64 and its content type; None if no quality makes it fit."""
    with Image.open(io.BytesIO(source)) as opened:
        kind = kind or (opened.format if opened.format in FORMATS.values() else "JPEG")
        picture = ImageOps.exif_transpose(opened)
        if picture.width > width:
            height = max(1, round(picture.height * width / picture.width))
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        # JPEG knows neither transparency nor palettes.
        transparent = kind != "JPEG" and picture.has_transparency_data
        picture = picture.convert("RGBA" if transparent else "RGB")
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, kind, quality=quality, optimize=True)
        body = base64.b64encode(out.getvalue()).decode("ascii")
        if len(body) <= MAX_BODY_CHARACTERS:
            return body, f"image/{kind.lower()}"
        if kind == "PNG":  # lossless: asking for less quality changes nothing
            return None
    return None
