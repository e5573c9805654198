"""Takes what is asked for with ?preview=true from a server instead of the bucket.

Attach it to origin-request of a behavior whose origin is a bucket. Lambda@Edge, any Python
runtime.
"""

from urllib.parse import parse_qs

PARAMETER = "preview"
SERVER = "preview.example.com"


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if parse_qs(request["querystring"]).get(PARAMETER) == ["true"]:
        request["origin"] = {
            "custom": {
                "customHeaders": {},
                "domainName": SERVER,
                "keepaliveTimeout": 5,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 20,
                "sslProtocols": ["TLSv1.2"],
            }
        }
        request["headers"]["host"] = [{"key": "Host", "value": SERVER}]
    return request
