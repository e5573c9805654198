"""Completes the addresses of folders, so that /about finds /about/index.html.

Attach it to viewer-request: the cache key is then the same however the visitor wrote the
address. Lambda@Edge, any Python runtime.
"""

INDEX = "index.html"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["uri"] = completed(request["uri"])
    return request


def completed(uri):
    """`uri` as the origin knows it; whatever ends in a file name stays."""
    folder, _, last = uri.rpartition("/")
    if not last:
        return f"{folder}/{INDEX}"
    if "." in last:
        return uri
    return f"{uri}/{INDEX}"
