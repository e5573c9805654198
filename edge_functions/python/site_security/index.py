"""Closes what nobody should ask for, and sends browsers the headers that protect visitors.

Attach it to viewer-request and to viewer-response of one behavior. Lambda@Edge, any Python runtime.
"""

import json
import re
from urllib.parse import unquote

BLOCKED = re.compile(
    r"/\.(?!well-known/)|\.(bak|env|ini|log|old|sql|swp)$|^/(wp-admin|phpmyadmin)/"
)
"""Files that are there by mistake, and what scanners try."""

REPORTS = "/csp-reports"
"""Where browsers tell of what the policy stopped; answered here."""

LEAKS = ("server-timing", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-powered-by")

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; report-to csp"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Reporting-Endpoints": f'csp="{REPORTS}"',
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


def handler(event, context):
    cf = event["Records"][0]["cf"]
    if cf["config"]["eventType"] == "viewer-request":
        return guarded(cf["request"])
    return protected(cf["response"])


def guarded(request):
    """Answer for the origin where it should not be asked."""
    uri = request["uri"]
    if uri == REPORTS:
        print(
            json.dumps({"csp-report": request["headers"].get("user-agent", [{}])[0].get("value")})
        )
        return {"status": "204", "statusDescription": "No Content"}
    # Servers decode, so %2e is a dot; some decode twice.
    if BLOCKED.search(unquote(unquote(uri)).lower()):
        return {
            "status": "404",
            "statusDescription": "Not Found",
            "headers": {"cache-control": [{"key": "Cache-Control", "value": "max-age=86400"}]},
        }
    return request


def protected(response):
    headers = response["headers"]
    for name in LEAKS:
        headers.pop(name, None)
    for name, value in HEADERS.items():
        # A page that knows better, with a nonce for its scripts, keeps its own.
        headers.setdefault(name.lower(), [{"key": name, "value": value}])
    return response
