"""CloudFront: "Understand response headers policies"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.managed_policies import RESPONSE_HEADERS_POLICIES
from edgesim.cloudfront.policies import Cors, PolicyHeader, ResponseHeadersPolicy
from edgesim.cloudfront.response_headers import allowed_headers, allowed_origin, with_policy
from edgesim.http.headers import Headers
from edgesim.http.message import Request

GET = Request("GET", "/")
SET = ResponseHeadersPolicy(headers=(PolicyHeader("X-A", "policy"),))
OVERRIDE = ResponseHeadersPolicy(headers=(PolicyHeader("X-A", "policy", override=True),))
BOTH = ResponseHeadersPolicy(headers=(PolicyHeader("X-A", "policy"),), remove=frozenset({"X-A"}))
REMOVE = ResponseHeadersPolicy(remove=frozenset({"X-A", "server"}))

FIELDS = [
    # policy, of the origin    x-a       why
    (SET, [], "policy", "absent at the origin: always added"),
    (SET, [("x-a", "origin")], "origin", "no override: the origin's stays"),
    (OVERRIDE, [("x-a", "origin"), ("x-a", "2")], "policy", "override replaces every line"),
    (BOTH, [("x-a", "origin")], "policy", "removed first, then added"),
    (REMOVE, [("x-a", "origin")], None, "removed, whatever its case"),
]


@pytest.mark.parametrize(("policy", "lines", "value", "why"), FIELDS)
def test_fields(
    policy: ResponseHeadersPolicy, lines: list[tuple[str, str]], value: str | None, why: str
) -> None:
    assert with_policy(policy, GET, Headers(lines)).get("x-a") == value, why


def test_a_server_taken_away_is_cloudfronts_own() -> None:
    headers = with_policy(REMOVE, GET, Headers([("Server", "nginx")]))
    assert headers.get("server") == "CloudFront"


ACAO, EXPOSE, METHODS = (
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-allow-methods",
)
SIMPLE, PREFLIGHT = (
    RESPONSE_HEADERS_POLICIES[name] for name in ("SimpleCORS", "CORS-With-Preflight")
)
ONE = ResponseHeadersPolicy(cors=Cors(allow_origins=("https://a.test",), allow_credentials=True))
WINS = ResponseHeadersPolicy(cors=Cors(override=True))


def asked(method: str = "GET", **fields: str) -> Request:
    return Request(method, "/", Headers((k.replace("_", "-"), v) for k, v in fields.items()))


CROSS = asked(Origin="https://a.test")
PREFLIGHTED = asked("OPTIONS", Origin="https://a.test", Access_Control_Request_Method="PUT")
OWN = [("Access-Control-Max-Age", "1")]

CORS = [
    # policy, request, of the origin, names of CORS fields added        why
    (SIMPLE, GET, [], set(), "only on CORS requests"),
    (SIMPLE, CROSS, [], {ACAO}, "the request carries Origin"),
    (PREFLIGHT, CROSS, [], {ACAO, EXPOSE}, "no preflight"),
    (PREFLIGHT, PREFLIGHTED, [], {ACAO, EXPOSE, METHODS}, "a preflight"),
    (PREFLIGHT, asked("OPTIONS", Origin="x"), [], {ACAO, EXPOSE}, "OPTIONS, but no preflight"),
    (SIMPLE, CROSS, OWN, set(), "no override: any CORS field of the origin counts"),
    (WINS, CROSS, OWN, {ACAO}, "override: field by field"),
    (ONE, CROSS, [], {ACAO, "access-control-allow-credentials"}, "an origin that is allowed"),
    (ONE, asked(Origin="https://b.test"), [], set(), "one that is not"),
]


@pytest.mark.parametrize(("policy", "request_", "lines", "names", "why"), CORS)
def test_cors(
    policy: ResponseHeadersPolicy,
    request_: Request,
    lines: list[tuple[str, str]],
    names: set[str],
    why: str,
) -> None:
    headers = with_policy(policy, request_, Headers(lines)).without("vary")
    assert headers.names() - Headers(lines).names() == names, why


VARY = [
    (SIMPLE, None, None, "a star does not depend on the origin"),
    (ONE, None, "Origin", "the answer depends on it"),
    (ONE, "Accept", "Accept, Origin", "added to what there is"),
    (ONE, "origin", "origin", "it is there"),
    (ONE, "*", "*", "it is covered"),
]


@pytest.mark.parametrize(("policy", "before", "after", "why"), VARY)
def test_vary(
    policy: ResponseHeadersPolicy, before: str | None, after: str | None, why: str
) -> None:
    lines = [] if before is None else [("Vary", before)]
    assert with_policy(policy, CROSS, Headers(lines)).get("vary") == after, why


ORIGINS = [
    # entry of the list        viewer's Origin              allowed  why
    ("*", "https://a.test", "*", "everybody"),
    ("https://a.test", "https://a.test", "https://a.test", "exactly"),
    ("https://a.test", "http://a.test", None, "another scheme"),
    ("https://a.test", "https://a.test:8443", None, "another port"),
    ("https://a.test:*", "https://a.test:8443", "https://a.test:8443", "any port"),
    ("http://*.a.test", "http://x.a.test", "http://x.a.test", "the leftmost label"),
    ("http://*.a.test", "https://x.a.test", None, "another scheme"),
    ("http://*.a.test", "http://x.a.test:81", None, "a port"),
    ("http://*.a.test", "http://a.test", None, "the apex is not matched"),
    ("http://*.a.test", "http://evil.test/.a.test", None, "a slash is in no host"),
    ("*.a.test", "https://x.a.test:81", "https://x.a.test:81", "no scheme: either, any port"),
    ("a.test", "ftp://a.test", None, "either of two"),
    ("a.test", "https://aXtest", None, "a dot is a dot"),
]


@pytest.mark.parametrize(("entry", "origin", "allowed", "why"), ORIGINS)
def test_allowed_origin(entry: str, origin: str, allowed: str | None, why: str) -> None:
    assert allowed_origin(Cors(allow_origins=(entry,)), origin) == allowed, why


ALLOWED_HEADERS = [
    # list             asked for                      answer  why
    (("x-a", "x-b"), "x-c", "x-a, x-b", "what is listed, asked for or not"),
    (("*",), "x-c", "*", "browsers know a star alone: all but Authorization"),
    (("x-amz-*",), "x-amz-date, X-Amz-Key", "x-amz-date, X-Amz-Key", "no other star"),
    (("x-amz-*",), "x-amz-", "", "a star is one character at least"),
    (("x-*-amz",), "x-my-amz", "x-my-amz", "also in the middle"),
    (("x-*", "y"), "", "y", "nothing asked for"),
    (("x-a", "x-*"), "x-a", "x-a", "once"),
    ((), "x-a", "", "no list"),
]


@pytest.mark.parametrize(("names", "wanted", "answer", "why"), ALLOWED_HEADERS)
def test_allowed_headers(names: tuple[str, ...], wanted: str, answer: str, why: str) -> None:
    request = asked("OPTIONS", Access_Control_Request_Headers=wanted)
    assert allowed_headers(Cors(allow_headers=names), request) == answer, why
