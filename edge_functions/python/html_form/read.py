"""Writes the fields of a form into the log, and lets the request go on as it is.

Attach it to origin-request or viewer-request, with the body included. Lambda@Edge, any Python
runtime.
"""

from base64 import b64decode
from urllib.parse import parse_qsl


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["method"] == "POST":
        body = request["body"]
        if body["inputTruncated"]:
            print("the form is longer than what is shown of it")
        for name, value in fields(b64decode(body["data"])):
            print(f"{name}: {value}")
    return request


def fields(data):
    return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)
