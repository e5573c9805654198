"""Stamps requests with its invocation's number."""

import logging

COUNT = iter(range(1, 100))


def handler(event, context):
    import stamp_words  # in the code folder, as late as can be

    request = event["Records"][0]["cf"]["request"]
    number = str(next(COUNT))
    request["headers"]["x-stamp"] = [{"key": "X-Stamp", "value": stamp_words.said(number)}]
    print("stamped", number)
    logging.getLogger("stamp").warning("that was %s", number)
    return request
