def robots(event, context):
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["x-robots-tag"] = [{"key": "X-Robots-Tag", "value": "noindex"}]
    return response


def search(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["querystring"] = request["querystring"].lower()
    return request
