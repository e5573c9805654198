"""Makes a page at the edge, of a template here and of data that the origin has.

Attach it to origin-request of a behavior for the page. The page is cached like an answer of the
origin. Lambda@Edge, any Python runtime.
"""

import http.client
import json
from html import escape
from string import Template

DATA = "/api/products"
"""A list of {"name", "price"} as JSON."""

FRESH = "public, max-age=0, s-maxage=60, stale-while-revalidate=600"
TIMEOUT_S = 3
MAX_BYTES = 256 * 1024

PAGE = Template("""\
<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<h1>$title</h1>
<ul>
$items
</ul>
</html>
""")
ITEM = Template("<li>$name <b>$price</b></li>")
TITLES = {"de": "Unser Angebot", "en": "What we have"}


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["method"] not in ("GET", "HEAD") or "custom" not in request.get("origin", {}):
        return request
    language = "de" if request["uri"].startswith("/de/") else "en"
    try:
        body = page(fetched(request["origin"]["custom"]), language)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        print(f"left {request['uri']} to the origin: {error!r}")
        return request
    return {
        "status": "200",
        "statusDescription": "OK",
        "headers": {
            "cache-control": [{"key": "Cache-Control", "value": FRESH}],
            "content-language": [{"key": "Content-Language", "value": language}],
            "content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}],
        },
        "body": body,
    }


def page(products, language):
    """Everything that the data says is escaped: it is text, whoever wrote it."""
    items = (
        ITEM.substitute(name=escape(str(one["name"])), price=escape(str(one["price"])))
        for one in products
    )
    return PAGE.substitute(language=language, title=TITLES[language], items="\n".join(items))


def fetched(origin):
    """The data, as the origin has it now."""
    secure = origin["protocol"] == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(origin["domainName"], origin["port"], timeout=TIMEOUT_S)
    try:
        connection.request("GET", origin["path"] + DATA, headers={"Accept": "application/json"})
        response = connection.getresponse()
        data = response.read(MAX_BYTES + 1)
    finally:
        connection.close()
    if response.status != http.client.OK or len(data) > MAX_BYTES:
        raise ValueError(f"the data came with {response.status} and {len(data):,} bytes")
    return json.loads(data)
