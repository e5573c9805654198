"""Sends viewers to the site of their country.

Attach it to origin-request: the redirect is then cached, once for each country. Lambda@Edge, any
Python runtime.
"""

HOSTS = {
    "AT": "de.example.com",
    "DE": "de.example.com",
    "TW": "tw.example.com",
}


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    host = HOSTS.get(header(request, "cloudfront-viewer-country"))
    if host is None:
        return request
    query = f"?{request['querystring']}" if request["querystring"] else ""
    location = f"https://{host}{request['uri']}{query}"
    return {
        "status": "302",
        "statusDescription": "Found",
        "headers": {"location": [{"key": "Location", "value": location}]},
    }


def header(request, name):
    lines = request["headers"].get(name)
    return lines[0]["value"] if lines else None
