def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["x-team"] = [{"key": "X-Team", "value": "pages"}]
    return response
