"""Sends viewers from one host to another, and from old addresses to new ones.

Attach it to viewer-request. Lambda@Edge, any Python runtime.
"""

# The one host that the site has, and those that lead to it.
HOST = "www.example.com"
OTHER_HOSTS = {"example.com", "www.example.net"}

# Old path to new path. One that ends in /* takes everything below with it.
MOVED = {
    "/old": "/new",
    "/blog/*": "/articles/*",
}

KEEP_S = 3600


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    host = request["headers"]["host"][0]["value"] if "host" in request["headers"] else HOST
    path = moved(request["uri"])
    if path == request["uri"] and host not in OTHER_HOSTS:
        return request
    query = f"?{request['querystring']}" if request["querystring"] else ""
    return redirect(f"https://{HOST}{path}{query}" if host in OTHER_HOSTS else f"{path}{query}")


def moved(path):
    """Where `path` is now."""
    for old, new in MOVED.items():
        if old.endswith("/*") and path.startswith(old[:-1]):
            return new[:-1] + path[len(old) - 1 :]
        if path == old:
            return new
    return path


def redirect(location):
    return {
        "status": "301",
        "statusDescription": "Moved Permanently",
        "headers": {
            "location": [{"key": "Location", "value": location}],
            "cache-control": [{"key": "Cache-Control", "value": f"max-age={KEEP_S}"}],
        },
    }
