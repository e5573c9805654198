"""Sends crawlers to a server that runs the pages' scripts for them, at origin-request."""

RENDERER = "prerender.example.test"
PRERENDER = "x-prerender"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if PRERENDER in request["headers"] and "custom" in request.get("origin", {}):
        request["origin"]["custom"].update(domainName=RENDERER, protocol="https", port=443, path="")
        request["headers"]["host"] = [{"key": "Host", "value": RENDERER}]
    return request
