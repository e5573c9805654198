"""Takes the page from the folder for the viewer's kind of device.

Attach it to origin-request: what it brings is cached once for each kind. Lambda@Edge, any Python
runtime.
"""

# CloudFront may say yes to several: tablets are mobile as well. The first one counts.
FOLDERS = {
    "cloudfront-is-tablet-viewer": "/tablet",
    "cloudfront-is-mobile-viewer": "/mobile",
    "cloudfront-is-smarttv-viewer": "/smarttv",
    "cloudfront-is-desktop-viewer": "/desktop",
}


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    for name, folder in FOLDERS.items():
        lines = request["headers"].get(name)
        if lines and lines[0]["value"] == "true":
            request["uri"] = folder + request["uri"]
            break
    return request
