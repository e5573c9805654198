def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if "authorization" not in request["headers"]:
        return {"status": "401", "statusDescription": "Unauthorized"}
    return request
