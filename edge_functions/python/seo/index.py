"""One address for every page, and pages that crawlers can read.

Attach it to viewer-request, and `to_prerender.handler` to origin-request of the same behavior.
Lambda@Edge, any Python runtime.
"""

import re

SITE = "www.example.test"
"""The one host that is to be found; others are copies that tell crawlers to stay away."""

ALSO = ("example.test",)
"""Hosts that lead to it."""

CRAWLERS = re.compile(
    r"applebot|bingbot|duckduckbot|facebookexternalhit|googlebot|linkedinbot|slackbot|"
    r"twitterbot|whatsapp|yandex",
    re.IGNORECASE,
)
PRERENDER = "x-prerender"
"""Has to be in the cache policy: crawlers get other pages than people."""

FILE = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    headers = request["headers"]
    headers.pop(PRERENDER, None)  # ours alone; a viewer may not send it
    host = headers["host"][0]["value"].lower().partition(":")[0]
    if request["uri"] == "/robots.txt":
        return robots(host)
    if request["method"] not in ("GET", "HEAD"):
        return request
    better = canonical(request["uri"])
    if better != request["uri"] or host in ALSO:
        return moved(better, request["querystring"])
    if better == "/sitemap.xml":
        request["uri"] = f"/sitemaps/{SITE}.xml"
    agent = headers.get("user-agent", [{"value": ""}])[0]["value"]
    if CRAWLERS.search(agent) and not FILE.search(better):
        headers[PRERENDER] = [{"key": "X-Prerender", "value": "1"}]
    return request


def canonical(uri):
    """No doubled slashes, no index.html, and a slash at the end of what is no file."""
    better = re.sub(r"/{2,}", "/", uri)
    better = re.sub(r"/index\.html?$", "/", better)
    return better if better.endswith("/") or FILE.search(better) else f"{better}/"


def moved(uri, querystring):
    location = f"https://{SITE}{uri}" + (f"?{querystring}" if querystring else "")
    return {
        "status": "301",
        "statusDescription": "Moved Permanently",
        "headers": {
            "location": [{"key": "Location", "value": location}],
            "cache-control": [{"key": "Cache-Control", "value": "max-age=86400"}],
        },
    }


def robots(host):
    if host in (SITE, *ALSO):
        body = f"User-agent: *\nDisallow: /api/\nSitemap: https://{SITE}/sitemap.xml\n"
    else:
        body = "User-agent: *\nDisallow: /\n"
    return {
        "status": "200",
        "statusDescription": "OK",
        "headers": {
            "content-type": [{"key": "Content-Type", "value": "text/plain; charset=utf-8"}],
            "cache-control": [{"key": "Cache-Control", "value": "max-age=3600"}],
        },
        "body": body,
    }
