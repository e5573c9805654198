"""Takes objects from the bucket whose Region is near the viewer.

Attach it to origin-request of a behavior whose origin is a bucket. Lambda@Edge, any Python
runtime.
"""

REGIONS = {
    "DE": "eu-central-1",
    "FR": "eu-west-1",
    "GB": "eu-west-1",
    "IE": "eu-west-1",
    "IN": "ap-south-1",
}


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    country = request["headers"].get("cloudfront-viewer-country")
    region = REGIONS.get(country[0]["value"]) if country else None
    if region is not None and "s3" in request["origin"]:
        bucket = f"pictures-in-{region}.s3.{region}.amazonaws.com"
        request["origin"]["s3"].update(region=region, domainName=bucket)
        request["headers"]["host"] = [{"key": "Host", "value": bucket}]
    return request
