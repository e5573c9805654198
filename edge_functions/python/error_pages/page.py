"""Puts a page of its own in the place of an origin's errors, with status 200.

Attach it to origin-response. Lambda@Edge, any Python runtime.
"""

KEEP_S = 10

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Back soon</title>
<h1>We are working on it</h1>
</html>
"""

# What described the origin's page, and would be wrong about this one.
DESCRIPTIONS = ("content-encoding", "content-length", "etag", "last-modified")


def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    if 400 <= int(response["status"]) <= 599:
        response.update(status="200", statusDescription="OK", body=PAGE)
        headers = response["headers"]
        for name in DESCRIPTIONS:
            headers.pop(name, None)
        headers["content-type"] = [{"key": "Content-Type", "value": "text/html; charset=utf-8"}]
        headers["cache-control"] = [{"key": "Cache-Control", "value": f"max-age={KEEP_S}"}]
    return response
