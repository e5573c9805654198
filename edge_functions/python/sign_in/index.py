"""Sends viewers without a session to the sign-in page, and tells it where they wanted to go.

Attach it to viewer-request. Lambda@Edge, any Python runtime.
"""

from urllib.parse import quote

COOKIE = "session-id"
SIGN_IN = "https://www.example.com/sign-in"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if has_session(request["headers"]):
        return request
    query = f"?{request['querystring']}" if request["querystring"] else ""
    wanted = f"https://{request['headers']['host'][0]['value']}{request['uri']}{query}"
    location = f"{SIGN_IN}?redirect_url={quote(wanted, safe='')}"
    return {
        "status": "302",
        "statusDescription": "Found",
        "headers": {
            "location": [{"key": "Location", "value": location}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
    }


def has_session(headers):
    """Whether there is a cookie; only the origin can say whether it is worth anything."""
    for line in headers.get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE and value:
                return True
    return False
