"""Adds a field to a form on its way to the origin.

Attach it to origin-request or viewer-request, with the body included. Lambda@Edge, any Python
runtime.
"""

from base64 import b64decode
from urllib.parse import urlencode

FIELD = {"received-at": "edge"}
FORM = "application/x-www-form-urlencoded"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    kind = request["headers"].get("content-type", [{"value": ""}])[0]["value"]
    if request["method"] == "POST" and kind.startswith(FORM):
        body = request["body"]
        if body["inputTruncated"]:
            print("the form is too long: it goes on without the field")
            return request
        form = b64decode(body["data"]).decode("utf-8", "replace")
        body["action"] = "replace"
        body["encoding"] = "text"
        body["data"] = "&".join(filter(None, [form, urlencode(FIELD)]))
    return request
