from __future__ import annotations

import pytest

from edgesim.config.templates.given import Given

from .conftest import CDN, Loaded, Refused

SERVICE = """\
service: pages
provider: {name: aws, runtime: python3.12, memorySize: 128}
"""
RESOURCES = "resources:\n  Resources:\n" + "".join(f"  {line}\n" for line in CDN.splitlines())
FUNCTION = "functions:\n  my-fn:\n    handler: index.handler\n"
AT_EDGE = "    lambdaAtEdge: {distribution: Cdn, eventType: origin-request}\n"


def test_a_function_at_the_edge_runs_in_the_distribution_that_it_names(loaded: Loaded) -> None:
    made = loaded(SERVICE + RESOURCES + FUNCTION + AT_EDGE, name="serverless.yml")
    assert [function.name for function in made.functions] == ["MyDashfnLambdaFunction"]
    assert made.functions[0].timeout_s == 6, "the framework's"


REFUSED = [
    (AT_EDGE.replace("Cdn", "Cdm"), "no distribution is named 'Cdm'"),
    (AT_EDGE.replace("}", ", pathPattern: /a}"), "no behavior of Cdn has the path pattern '/a'"),
    (AT_EDGE.replace("eventType", "event"), "no key here is named 'event'"),
    (AT_EDGE + "    environment: {A: b}\n", "edgesim has no environment: AWS refuses it"),
    (AT_EDGE + "    architecture: arm64\n", "arm64 does not run at the edge"),
    (AT_EDGE + "    ephemeralStorageSize: 1024\n", "edgesim has no ephemeralStorageSize"),
    (AT_EDGE + "    onError: arn:x\n", "edgesim has no onError: AWS refuses it"),
    (AT_EDGE + "    memorySize: 64\n", "64 is out of range"),
    ("    events: [{cloudFront: {eventType: x, orgin: y}}]\n", "no key here is named 'orgin'"),
    (
        "    events: [{preExistingCloudFront: {distributionId: E1, eventType: viewer-request}}]\n",
        "preExistingCloudFront adds the function to a distribution that is described elsewhere",
    ),
    (AT_EDGE + "    tracing: Active\n", "edgesim has no tracing"),
    (AT_EDGE + "    provisionedConcurrency: 5\n", "edgesim has no provisionedConcurrency"),
]


@pytest.mark.parametrize(("added", "said"), REFUSED)
def test_what_is_refused(refused: Refused, added: str, said: str) -> None:
    told = refused(SERVICE + RESOURCES + FUNCTION + added, name="serverless.yml")
    assert said in told
    assert told.startswith("serverless.yml:")


def test_extensions_are_not_dropped_silently(refused: Refused) -> None:
    text = SERVICE + RESOURCES + "  extensions: {Cdn: {Properties: {}}}\n" + FUNCTION
    assert "extensions are not merged" in refused(text, name="serverless.yml")


EVENT = "{eventType: viewer-request, pathPattern: /a, origin: 'https://a.example.com'%s}"
FIRST, SECOND = EVENT % "", EVENT.replace("viewer-request", "origin-request")


def with_events(*events: str) -> str:
    return (
        SERVICE + FUNCTION + "    events:\n" + "".join(f"    - cloudFront: {e}\n" for e in events)
    )


def test_events_of_one_pattern_share_a_behavior(loaded: Loaded) -> None:
    behavior = loaded(with_events(FIRST, SECOND % ""), name="serverless.yml").distribution.behaviors
    assert [len(one.functions) for one in behavior] == [2, 0]


CONTRADICTING = [
    ", behavior: {ViewerProtocolPolicy: https-only}",
    ", behavior: {TrustedKeyGroups: [g]}",
    ", cachePolicy: {id: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}",
]


@pytest.mark.parametrize("more", CONTRADICTING)
def test_what_a_later_event_says_of_a_behavior_is_not_dropped(refused: Refused, more: str) -> None:
    said = refused(with_events(FIRST, SECOND % more), name="serverless.yml")
    assert "two events say different things of the behavior for '/a'" in said
    assert said.startswith("serverless.yml:8: functions.my-fn.events[1].cloudFront")


def test_nor_what_it_says_of_an_origin(refused: Refused) -> None:
    origin = "{DomainName: a.example.com, CustomOriginConfig: {OriginProtocolPolicy: %s}}"
    both = (
        EVENT.replace("'https://a.example.com'%s", origin % policy).replace("/a,", f"/{policy},")
        for policy in ("http-only", "https-only")
    )
    said = refused(with_events(*both), name="serverless.yml")
    assert "two events say different things of the origin custom/a.example.com" in said


@pytest.mark.parametrize("key", ["DefaultCacheBehavior", "CacheBehaviors", "Origins"])
def test_what_events_make_is_not_replaced(refused: Refused, key: str) -> None:
    own = f"Type: AWS::CloudFront::Distribution, Properties: {{DistributionConfig: {{{key}: []}}}}"
    text = f"resources: {{Resources: {{CloudFrontDistribution: {{{own}}}}}}}\n"
    said = refused(with_events(FIRST) + text, name="serverless.yml")
    assert f"{key} is made of the cloudFront events" in said


def test_reserved_concurrency_comes_along(loaded: Loaded) -> None:
    text = SERVICE + RESOURCES + FUNCTION + AT_EDGE + "    reservedConcurrency: 7\n"
    assert loaded(text, name="serverless.yml").functions[0].reserved_concurrency == 7


VARIABLES = [
    ("${self:service}", "pages"),
    ("${self:custom.hosts.${self:custom.stage}}", "dev.example.com"),
    ("${opt:stage, 'qa'}", "dev"),
    ("${opt:other, 'qa'}", "qa"),
    ("${env:HOME, self:service}", "pages"),
    ("${sls:stage}.example.com", "dev.example.com"),
    ("${aws:region}", "us-east-1"),
    ("${self:custom.list.1}", "b"),
]
CUSTOM = "custom: {stage: dev, hosts: {dev: dev.example.com}, list: [a, b]}\n"


@pytest.mark.parametrize(("variable", "value"), VARIABLES)
def test_a_variable(loaded: Loaded, variable: str, value: str) -> None:
    text = SERVICE + CUSTOM + RESOURCES.replace("app.example.com", f'"{variable}"')
    assert [one.host for one in loaded(text, name="serverless.yml").origins] == [value]


def test_a_variable_is_given_like_a_parameter(loaded: Loaded) -> None:
    text = SERVICE + RESOURCES.replace("app.example.com", '"${opt:host}"')
    given = Given(parameters={"host": "h.example.com"})
    assert [one.host for one in loaded(text, given, "serverless.yml").origins] == ["h.example.com"]


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("${ssm:/a/b}", "nothing says what ${ssm:/a/b} is\n  hint: give its value: --parameter"),
        ("${self:custom.gone}", "nothing says what ${self:custom.gone} is"),
        ("${self:custom.ring}", "the variable ${self:custom.ring} leads to itself"),
    ],
)
def test_a_variable_without_a_value(refused: Refused, variable: str, said: str) -> None:
    custom = "custom: {ring: '${self:custom.ring}'}\n"
    text = SERVICE + custom + RESOURCES.replace("app.example.com", f'"{variable}"')
    assert said in refused(text, name="serverless.yml")
