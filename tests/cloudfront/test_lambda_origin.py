"""CloudFront: "Lambda@Edge event structure", request.origin."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.lambda_event import Json, shown_origin
from edgesim.cloudfront.lambda_origin import chosen_origin
from edgesim.cloudfront.origin import Origin
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request

LOCAL = Origin("app", host="127.0.0.1", port=81, custom_headers=Headers([("X-Key", "\xfc")]))
FOLDER = Origin("site", folder="./site", region="eu-west-1")
REQUEST = Request("GET", "/", Headers([("X-Sent", "1")]))
S3 = {"s3": {"domainName": "b.s3.amazonaws.com", "path": "", "region": "us-east-1"}}


def changed(**changes: Any) -> Json:
    shown = deepcopy(shown_origin(LOCAL))
    shown["custom"].update(changes)
    return shown


CHOSEN = [
    # returned                                       origin                                  why
    (changed(), LOCAL, "nothing, though CloudFront itself would not take an address"),
    (changed(path="/v2"), replace(LOCAL, path="/v2"), "the path alone"),
    (changed(domainName="b.test"), replace(LOCAL, host="b.test"), "another host"),
    (
        changed(domainName="localhost", port=8080),
        replace(LOCAL, host="localhost", port=8080),
        "port",
    ),
    (changed(protocol="https", port=443), replace(LOCAL, protocol="https", port=443), "protocol"),
    (changed(readTimeout=7), replace(LOCAL, response_timeout_s=7.0), "1 to 120 seconds"),
    (changed(keepaliveTimeout=60), replace(LOCAL, keepalive_timeout_s=60.0), "1 to 120 seconds"),
    (
        changed(customHeaders={"x-new": [{"value": "ü"}]}),
        replace(LOCAL, custom_headers=Headers([("X-New", "Ã¼")])),
        "other custom headers",
    ),
    (changed(customHeaders={}), replace(LOCAL, custom_headers=Headers()), "no custom headers"),
]


@pytest.mark.parametrize(("returned", "origin", "why"), CHOSEN)
def test_chosen_origin(returned: Json, origin: Origin, why: str) -> None:
    assert chosen_origin(returned, LOCAL, REQUEST) == origin, why


def test_from_a_server_to_a_bucket_and_back() -> None:
    bucket = chosen_origin(S3, LOCAL, REQUEST)
    assert (bucket.host, bucket.port, bucket.protocol) == ("b.s3.amazonaws.com", 443, "https")
    custom = {"custom": {"domainName": "b.test", "port": 443, "protocol": "https", "path": ""}}
    server = chosen_origin(custom, FOLDER, REQUEST)
    assert (server.host, server.port, server.folder) == ("b.test", 443, "")
    assert chosen_origin(shown_origin(FOLDER), FOLDER, REQUEST) is FOLDER


def each(field: str, why: str, *values: object) -> list[tuple[object, str]]:
    return [(changed(**{field: value}), why) for value in values]


REFUSED: list[tuple[object, str]] = [
    ({}, "exactly one of custom and s3"),
    (changed() | S3, "exactly one of custom and s3"),
    ("x", "an object"),
    (None, "an object"),
    ({"custom": None}, "an object"),
    *each("domainName", "a host name", "", None, 1, "a:80", "a/b", "a b"),
    *((changed(domainName=d), "a host name") for d in ("a\r\nb", "ü.test", "-a", "http://a")),
    (changed(domainName="10.0.0.1"), "no address"),
    (changed(domainName="a" * 254), "at most 253 characters"),
    ({"s3": {"domainName": "a" * 129, "path": ""}}, "at most 128 characters"),
    ({"s3": {"domainName": "Bucket.s3", "path": ""}}, "all lower case"),
    *each("path", "'' or '/…'", "v2", "/", "/v2/", None, 1, []),
    *each("path", "URL-encoded", "/a b", "/a\r\nX: y", "/a?b", "/ü"),
    (changed(path="/" + "a" * 255), "at most 255 characters"),
    *each("port", "80, 443, 1024 to 65535", 82, 0, -1, 65536, "80", True),
    *each("port", "80, 443, 1024 to 65535", None, 80.5, []),
    *each("protocol", "http or https", "ftp", "", None, []),
    *each("readTimeout", "1 to 120 s", 0, 121, "30", None, True, []),
    (changed(keepaliveTimeout=float("nan")), "1 to 120 s"),
    *each("sslProtocols", "the known ones", ["TLSv9"], "TLSv1.2", [[]]),
    ({"s3": {**S3["s3"], "authMethod": "oac"}}, "one of two"),
    ({"s3": {**S3["s3"], "region": None}}, "region"),
    *each("customHeaders", "a map of lists", None, [], {"x": "1"}),
    *(
        (changed(customHeaders={name: [{"value": "1"}]}), "the deny list")
        for name in ("host", "X-Amz-A", "X-Edge-A", "cookie", "Via", "X-Real-Ip")
    ),
    (changed(customHeaders={"x": [{"key": "Host", "value": "1"}]}), "by its key as well"),
    (changed(customHeaders={"x-sent": [{"value": "1"}]}), "not in headers too"),
]


@pytest.mark.parametrize(("returned", "why"), REFUSED)
def test_refused(returned: object, why: str) -> None:
    with pytest.raises(InvalidFunctionResult) as caught:
        chosen_origin(returned, LOCAL, REQUEST)
    assert caught.value.status == 502, why
