"""Sends requests to the server that is near the viewer.

Attach it to origin-request of a behavior with a custom origin. Lambda@Edge, any Python runtime.
"""

HOSTS = {
    "DE": "eu.example.com",
    "GB": "eu.example.com",
    "IE": "eu.example.com",
    "JP": "asia.example.com",
}


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    country = request["headers"].get("cloudfront-viewer-country")
    host = HOSTS.get(country[0]["value"]) if country else None
    if host is not None and "custom" in request["origin"]:
        request["origin"]["custom"]["domainName"] = host
        request["headers"]["host"] = [{"key": "Host", "value": host}]
    return request
