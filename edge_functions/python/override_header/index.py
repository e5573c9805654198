"""Shows browsers when a picture was really changed, not when it was uploaded.

S3 keeps what an upload says in x-amz-meta-… headers; Last-Modified is its own. Attach it to
origin-response, so that the cache has the right one too, or to viewer-response. Lambda@Edge, any
Python runtime.
"""

FROM = "x-amz-meta-last-modified"
TO = "Last-Modified"


def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    headers = response["headers"]
    if FROM in headers:
        headers[TO.lower()] = [{"key": TO, "value": headers[FROM][0]["value"]}]
    return response
