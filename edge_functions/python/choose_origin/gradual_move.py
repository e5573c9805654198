"""Takes a share of what is asked for from a new bucket, to move there step by step.

Attach it to origin-request of a behavior whose origin is the old bucket. Lambda@Edge, any Python
runtime.
"""

import random

NEW_BUCKET = "new-bucket.s3.eu-central-1.amazonaws.com"
REGION = "eu-central-1"

# In percent; raise it from deployment to deployment.
SHARE = 30


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if "s3" in request["origin"] and random.random() * 100 < SHARE:  # noqa: S311 - no secret
        request["origin"]["s3"].update(region=REGION, domainName=NEW_BUCKET)
        request["headers"]["host"] = [{"key": "Host", "value": NEW_BUCKET}]
    return request
