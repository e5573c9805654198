"""Writes what is asked of a picture in one form only, so that the cache keeps few copies.

Attach it to viewer-request, before `index.handler` at origin-request. Formats are chosen by
Accept here, where it is seen, and so it needs not be in the cache key. Lambda@Edge, any Python
runtime.
"""

from wish import wished, written


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    accept = ",".join(line["value"] for line in request["headers"].get("accept", []))
    try:
        request["querystring"] = written(wished(request["querystring"], accept))
    except ValueError:  # more fields than anybody needs
        request["querystring"] = ""
    return request
