"""Answers with a page of its own; no origin is asked.

Attach it to origin-request, and the page is cached; at viewer-request it is made anew for every
viewer. Lambda@Edge, any Python runtime.
"""

KEEP_S = 100

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Made at the edge</title>
<h1>Hello from the edge</h1>
<p>This page has no origin.</p>
</html>
"""


def handler(event, context):
    return {
        "status": "200",
        "statusDescription": "OK",
        "headers": {
            "cache-control": [{"key": "Cache-Control", "value": f"max-age={KEEP_S}"}],
            "content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}],
        },
        "body": PAGE,
    }
