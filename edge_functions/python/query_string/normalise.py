"""Makes one query string of those that mean the same, so that the cache keeps one response.

Attach it to viewer-request, before the cache key is made. Lambda@Edge, any Python runtime.
"""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    pairs = request["querystring"].lower().split("&")
    request["querystring"] = "&".join(sorted(filter(None, pairs)))
    return request
