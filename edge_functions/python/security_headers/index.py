"""Adds the headers that tell browsers to be careful.

Attach it to viewer-response. Lambda@Edge, any Python runtime.
"""

HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

TALKATIVE = ("server", "x-powered-by", "x-aspnet-version")
"""What origins say about themselves that nobody needs to know."""


def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    headers = response["headers"]
    for name, value in HEADERS.items():
        # What the origin chose for one page is better than a rule for all.
        headers.setdefault(name.lower(), [{"key": name, "value": value}])
    for name in TALKATIVE:
        headers.pop(name, None)
    return response
