"""Moves a parameter of the query string into a header, for an origin that wants it there.

Attach it to origin-request. Lambda@Edge, any Python runtime.
"""

from urllib.parse import unquote_plus

PARAMETER = "auth"
HEADER = "Auth"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    kept, moved = [], None
    for pair in request["querystring"].split("&"):
        name, _, value = pair.partition("=")
        if unquote_plus(name) == PARAMETER:
            moved = unquote_plus(value)
        else:
            kept.append(pair)
    if moved is not None and moved.isascii() and moved.isprintable():
        request["querystring"] = "&".join(kept)
        request["headers"][HEADER.lower()] = [{"key": HEADER, "value": moved}]
    return request
