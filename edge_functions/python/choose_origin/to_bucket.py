"""Takes what is asked for with ?archive=true from a bucket instead of the server.

Attach it to origin-request of a behavior with a custom origin. Lambda@Edge, any Python runtime.
"""

from urllib.parse import parse_qs

PARAMETER = "archive"
BUCKET = "archive-bucket.s3.us-east-1.amazonaws.com"
REGION = "us-east-1"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if parse_qs(request["querystring"]).get(PARAMETER) == ["true"]:
        request["origin"] = {
            "s3": {
                "authMethod": "none",
                "customHeaders": {},
                "domainName": BUCKET,
                "path": "",
                "region": REGION,
            }
        }
        request["headers"]["host"] = [{"key": "Host", "value": BUCKET}]
    return request
