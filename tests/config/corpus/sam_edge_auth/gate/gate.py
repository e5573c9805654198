"""Lets in whoever brings the word."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if any(one["value"] == "sesame" for one in request["headers"].get("x-word", [])):
        return request
    return {
        "status": "401",
        "statusDescription": "Unauthorized",
        "headers": {"www-authenticate": [{"key": "WWW-Authenticate", "value": "Word"}]},
    }
