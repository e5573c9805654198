"""Sends viewers to another page where the origin answers with an error.

Attach it to origin-response. Lambda@Edge, any Python runtime.
"""

LOCATION = "https://www.example.com/sorry"


def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    if 400 <= int(response["status"]) <= 599:
        response.update(status="302", statusDescription="Found", body="")
        response["headers"]["location"] = [{"key": "Location", "value": LOCATION}]
    return response
