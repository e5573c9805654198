from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function_origin import chosen_route
from edgesim.cloudfront.function_rules import ORIGIN
from edgesim.cloudfront.origin import Failover, Origin, Route
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers

APP = Origin("app", host="app.test", path="/v1", custom_headers=Headers([("x-key", "k")]))
MUTUAL = Origin("mutual", host="m.test", protocol="https", client_certificate="edge.pem")
OTHER = Origin("other", host="other.test", port=8443, protocol="https")
FOLDER = Origin("files", folder="public")
BOTH = Route(OTHER, Failover(APP, frozenset({500})))
ROUTES = {
    "app": Route(APP),
    "other": Route(OTHER),
    "files": Route(FOLDER),
    "both": BOTH,
    "mutual": Route(MUTUAL),
}
BEHAVIOR = Behavior("*", APP)
DISTRIBUTION = Distribution((BEHAVIOR,), routes=ROUTES)


def updated(given: Any, behavior: Behavior = BEHAVIOR) -> Route:
    call = {"method": "updateRequestOrigin", "given": given}
    return chosen_route(DISTRIBUTION, behavior, call)


def selected(name: Any, given: Any = None) -> Route:
    call = {"method": "selectRequestOriginById", "id": name}
    if given is not None:
        call["given"] = given
    return chosen_route(DISTRIBUTION, BEHAVIOR, call)


def grouped(**given: Any) -> Route:
    call = {"method": "createRequestOriginGroup", "given": given}
    return chosen_route(DISTRIBUTION, BEHAVIOR, call)


CUSTOM = {"port": 8080, "protocol": "https", "sslProtocols": ["TLSv1.2"]}

UPDATED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {}, "everything is inherited"),
    (
        {"domainName": "else.test"},
        {"host": "else.test", "host_header": "else.test"},
        "Host says the new name; path and custom headers are inherited",
    ),
    (
        {"domainName": "else.test", "hostHeader": "www.else.test"},
        {"host": "else.test", "host_header": "www.else.test"},
        "unless it is told another",
    ),
    ({"hostHeader": "www.test"}, {"host_header": "www.test"}, "Host alone"),
    ({"originPath": ""}, {"path": ""}, "no path"),
    ({"originPath": "/v2/x"}, {"path": "/v2/x"}, "another path"),
    ({"customHeaders": {}}, {"custom_headers": Headers()}, "cleared"),
    ({"customHeaders": {"x-a": "ü"}}, {"custom_headers": Headers([("x-a", "\xc3\xbc")])}, "own"),
    ({"connectionAttempts": 1}, {"connection_attempts": 1}, "attempts"),
    (
        {"timeouts": {"readTimeout": 9, "keepAliveTimeout": 8, "connectionTimeout": 7}},
        {"response_timeout_s": 9.0, "keepalive_timeout_s": 8.0, "connection_timeout_s": 7.0},
        "three timeouts",
    ),
    (
        {"timeouts": {"readTimeout": 9, "responseCompletionTimeout": 9}},
        {"response_timeout_s": 9.0},
        "the whole may take no less than a read",
    ),
    ({"customOriginConfig": CUSTOM}, {"port": 8080, "protocol": "https"}, "port and protocol"),
    (
        {
            "originShield": {"enabled": True, "region": "us-east-1"},
            "originAccessControlConfig": {"enabled": True, "region": "x", "originType": "s3"},
            "sni": "a.test",
            "allowedCertificateNames": ["a.test"],
            "mTLSConfig": "off",
        },
        {},
        "what changes nothing here",
    ),
    (
        {"hostHeader": "a.test", "originAccessControlConfig": {"enabled": False}},
        {"host_header": "a.test"},
        "Host beside an access control that is off",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "changes", "why"), UPDATED)
def test_an_origin_with_other_fields(
    given: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    assert updated(given) == Route(replace(APP, **changes)), why


def test_of_a_group_the_primary_alone_is_updated() -> None:
    behavior = BEHAVIOR.routed(BOTH)
    route = updated({"domainName": "else.test"}, behavior)
    assert route.origin.host == "else.test"
    assert route.failover == BOTH.failover


def test_a_folder_becomes_a_server() -> None:
    origin = updated({"domainName": "else.test"}, Behavior("*", FOLDER)).origin
    assert (origin.host, origin.folder, origin.name) == ("else.test", "", "files")


@pytest.mark.parametrize(("said", "shown"), [("off", ""), ("inherit", "edge.pem")])
def test_an_origin_with_mutual_tls(said: str, shown: str) -> None:
    origin = updated({"mTLSConfig": said}, Behavior("*", MUTUAL)).origin
    assert origin.client_certificate == shown


def test_selecting_by_id() -> None:
    assert selected("other") == Route(OTHER)
    assert selected("both") == BOTH
    assert selected("other", {"hostHeader": "a.test"}).origin == replace(
        OTHER, host_header="a.test"
    )


def test_a_group_of_two() -> None:
    route = grouped(
        originIds=[
            {"originId": "other"},
            {"originId": "app", "originOverrides": {"originPath": "/v2"}},
        ],
        selectionCriteria="default",
        failoverCriteria={"statusCodes": [500, 503]},
    )
    assert route == Route(OTHER, Failover(replace(APP, path="/v2"), frozenset({500, 503})))


TWO = [{"originId": "app"}, {"originId": "other"}]
CODES = {"statusCodes": [500]}

REFUSED: list[tuple[Any, str]] = [
    (lambda: updated(None), "None"),
    (lambda: updated({"domain": "a"}), "no field 'domain'"),
    *(
        (lambda field=field, value=value: updated({field: value}), field)
        for field, value in [
            ("domainName", "a.test:80"),
            ("domainName", "192.0.2.1"),
            ("domainName", "a" * 254),
            ("domainName", 7),
            ("hostHeader", "a b"),
            ("originPath", "v2"),
            ("originPath", "/v2/"),
            ("originPath", "/"),
            ("originPath", "/" + "a" * 255),
            ("originPath", "/a?b"),
            ("customHeaders", []),
            ("customHeaders", {"X-A": "1"}),
            ("customHeaders", {"x-a": 1}),
            ("customHeaders", {"x-a": "a\nb"}),
            ("customHeaders", {"host": "a"}),
            ("customHeaders", {"x-edge-a": "a"}),
            ("connectionAttempts", 0),
            ("connectionAttempts", 4),
            ("connectionAttempts", "3"),
            ("originShield", True),
            ("originAccessControlConfig", {"signingBehavior": "always"}),
            ("originAccessControlConfig", {"enabled": True, "signingBehavior": "sometimes"}),
            ("originAccessControlConfig", {"enabled": True, "originType": "ec2"}),
            ("sni", 1),
            ("allowedCertificateNames", ["a"] * 21),
            ("allowedCertificateNames", ["a" * 65]),
            ("mTLSConfig", "on"),
        ]
    ),
    *(
        (lambda field=field, value=value: updated({"timeouts": {field: value}}), field)
        for field, value in [
            ("readTimeout", 0),
            ("readTimeout", 121),
            ("keepAliveTimeout", 121),
            ("connectionTimeout", 11),
            ("connectionTimeout", 1.5),
            ("responseCompletionTimeout", 29),
            ("idle", 1),
        ]
    ),
    *(
        (lambda change=change: updated({"customOriginConfig": {**CUSTOM, **change}}), field)
        for field, change in [
            ("port", {"port": 0}),
            ("port", {"port": "80"}),
            ("protocol", {"protocol": "ftp"}),
            ("sslProtocols", {"sslProtocols": ["TLSv1.4"]}),
            ("sslProtocols", {"sslProtocols": "TLSv1.2"}),
            ("ipAddressType", {"ipAddressType": "ipv5"}),
        ]
    ),
    (lambda: updated({"customOriginConfig": {"port": 80}}), "protocol"),
    (
        lambda: updated({"hostHeader": "a", "originAccessControlConfig": {"enabled": True}}),
        "access control",
    ),
    (lambda: selected("nobody"), "'nobody'"),
    (lambda: selected(None), "None"),
    (lambda: selected("app", {"originPath": "/x"}), "originPath"),
    (
        lambda: grouped(originIds=[TWO[0], {"originId": "mutual"}], failoverCriteria=CODES),
        "'mutual'",
    ),
    (lambda: grouped(originIds=TWO[:1], failoverCriteria=CODES), "originIds"),
    (lambda: grouped(originIds=[*TWO, *TWO], failoverCriteria=CODES), "originIds"),
    (lambda: grouped(originIds=[TWO[0], {"originId": "no"}], failoverCriteria=CODES), "'no'"),
    (lambda: grouped(originIds=[TWO[0], {"originId": "both"}], failoverCriteria=CODES), "'both'"),
    (lambda: grouped(originIds=TWO, failoverCriteria={"statusCodes": []}), "statusCodes"),
    (lambda: grouped(originIds=TWO, failoverCriteria={"statusCodes": [418]}), "statusCodes"),
    (lambda: grouped(originIds=TWO), "helper method"),
    (
        lambda: grouped(originIds=TWO, failoverCriteria=CODES, selectionCriteria="x"),
        "selectionCriteria",
    ),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_an_origin_that_cloudfront_does_not_take(make: Any, said: str) -> None:
    with pytest.raises(InvalidFunctionResult) as refused:
        make()
    assert refused.value.rule == ORIGIN.id
    assert said in refused.value.what
    assert refused.value.page.endswith("an invalid value for origin rewrite.")
