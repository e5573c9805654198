"""Which function runs when: the flows of a request against the four triggers.

Read `FLOWS`: each flow lists what every function saw, in the order in which they ran, and then
what the viewer got: status and x-cache. The rules are those of the guide's pages "CloudFront
events that can trigger a Lambda@Edge function" and "Work with requests and responses".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.distribution import READ_METHODS
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Failover, Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.errors import OriginError, OriginTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Response
from tests.conftest import Handler, World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
CACHED_OPTIONS = CloudFrontCaching(POLICY, cached_methods=READ_METHODS | {"OPTIONS"})

VIEWER_REQUEST, ORIGIN_REQUEST, ORIGIN_RESPONSE, VIEWER_RESPONSE = Trigger


def unchanged(event: Json) -> Json:
    cf = event["Records"][0]["cf"]
    part: Json = cf["response"] if "response" in cf else cf["request"]
    return part


def status(code: int) -> Handler:
    """A function that makes the response, or changes its status."""

    def handler(event: Json) -> Json:
        given = event["Records"][0]["cf"].get("response", {})
        return {**given, "status": str(code), "statusDescription": "Made"}

    return handler


def raises(event: Json) -> Json:
    raise KeyError("no such thing")


def returns_nothing(event: Json) -> None:
    """What a function returns that forgets to."""


class Flow(NamedTuple):
    name: str
    ran: list[str]
    """The triggers, with what their events said."""
    viewer: str
    why: str
    stored_s_ago: int | None = None
    """When the same page was asked for before; None if it never was."""
    origin: Mapping[str, Any] = {}
    """What is different about the origin now."""
    origin_then: Mapping[str, Any] = {}
    """What was different about it when the page was asked for before."""
    request_then: Mapping[str, Any] = {}
    """What was different about the request then; it was a plain GET."""
    functions: Mapping[Trigger, Handler] = {}
    """Those that do something; the others return what they are given."""
    request: Mapping[str, Any] = {}
    behavior: Mapping[str, Any] = {}


IN = "viewer-request GET /a"
OUT = "origin-request GET /a to origin.example.test"
BACK = "origin-response 200 from origin.example.test"
DONE = "viewer-response 200"
OUT_2 = "origin-request GET /a to standby.example.test"
BACK_2 = "origin-response 200 from standby.example.test"
STANDBY = Failover(Origin("standby", host="standby.example.test"), frozenset({500, 503}))
PAGE = "origin-request GET /sorry.html to origin.example.test"
PAGES = {"/sorry.html": Response(200, Headers([("Cache-Control", "max-age=60")]), b"sorry")}
SORRY = {
    code: CustomErrorResponse(code, shown, "/sorry.html")
    for code, shown in {403: 403, 404: 200, 500: 200, 502: 503, 503: 500}.items()
}

FLOWS = [
    # ---------------------------------------------------------------- nothing stored
    Flow("a miss", [IN, OUT, BACK, DONE], "200 Miss", "all four run on a miss"),
    Flow(
        "a miss, and the origin answers 404",
        [IN, OUT, "origin-response 404 from origin.example.test"],
        "404 Error",
        "origin-response sees every status; no viewer-response where the origin failed",
        origin={"status": 404},
    ),
    Flow(
        "a miss, the origin answers 500 and origin-response makes it 200",
        [IN, OUT, "origin-response 500 from origin.example.test"],
        "200 Miss",
        "the rule speaks of the origin's own status",
        origin={"status": 500},
        functions={ORIGIN_RESPONSE: status(200)},
    ),
    Flow(
        "a miss, the origin answers 200 and origin-response makes it 500",
        [IN, OUT, BACK, "viewer-response 500"],
        "500 Error",
        "the same rule, read the other way",
        functions={ORIGIN_RESPONSE: status(500)},
    ),
    Flow(
        "a redirect of the origin",
        [IN, OUT, "origin-response 302 from origin.example.test", "viewer-response 302"],
        "302 Miss",
        "below 400 all four run",
        origin={"status": 302},
    ),
    Flow(
        "no connection to the origin",
        [IN, OUT],
        "502 Error",
        "origin-response runs on a response, and there is none",
        origin={"failure": OriginError("refused")},
    ),
    Flow(
        "an origin that takes too long",
        [IN, OUT],
        "504 Error",
        "origin-response runs on a response, and there is none",
        origin={"failure": OriginTimeout("30 s are over")},
    ),
    # ---------------------------------------------------------------- something stored
    Flow(
        "a fresh hit",
        [IN, "viewer-response 200, age 30"],
        "200 Hit",
        "the origin's triggers run only when the origin is asked",
        stored_s_ago=30,
    ),
    Flow(
        "a hit on a stored error",
        [IN],
        "404 Error",
        "no viewer-response where the origin answered 400 or above, stored or not",
        stored_s_ago=5,
        origin_then={"status": 404, "headers": {}},
    ),
    Flow(
        "a hit on an error that origin-response made of a 200",
        [IN, "viewer-response 404, age 5"],
        "404 Error",
        "the origin's own status counts for hits as well",
        stored_s_ago=5,
        functions={ORIGIN_RESPONSE: status(404)},
    ),
    Flow(
        "expired, and the origin says 304",
        [
            IN,
            f'{OUT}, if-none-match "v1"',
            "origin-response 304 from origin.example.test",
            DONE,
        ],
        "200 RefreshHit",
        "origin-response runs on a 304 too, and the viewer gets what is stored",
        stored_s_ago=90,
    ),
    Flow(
        "expired, and the origin has a new one",
        [IN, f'{OUT}, if-none-match "v1"', BACK, DONE],
        "200 Miss",
        "a 200 replaces what is stored",
        stored_s_ago=90,
        origin={"headers": {"Cache-Control": "max-age=60", "ETag": '"v2"'}},
    ),
    Flow(
        "expired, and the origin answers 500",
        [
            IN,
            f'{OUT}, if-none-match "v1"',
            "origin-response 500 from origin.example.test",
            "viewer-response 200, age 90",
        ],
        "200 Hit",
        "the stale copy is served, and viewer-response goes by what is served",
        stored_s_ago=90,
        origin={"status": 500},
    ),
    Flow(
        "expired, and no connection to the origin",
        [IN, f'{OUT}, if-none-match "v1"', "viewer-response 200, age 90"],
        "200 Hit",
        "the stale copy is served",
        stored_s_ago=90,
        origin={"failure": OriginError("refused")},
    ),
    Flow(
        "expired, and the origin answers 404",
        [IN, f'{OUT}, if-none-match "v1"', "origin-response 404 from origin.example.test"],
        "404 Error",
        "a 4xx is an answer: it goes to the viewer",
        stored_s_ago=90,
        origin={"status": 404},
    ),
    # ---------------------------------------------------------------- generated responses
    Flow(
        "viewer-request answers",
        [IN],
        "302 LambdaGeneratedResponse",
        "nothing else runs",
        functions={VIEWER_REQUEST: status(302)},
    ),
    Flow(
        "viewer-request answers although the page is stored",
        [IN],
        "302 LambdaGeneratedResponse",
        "no cache is looked at, and nothing was stored the first time",
        stored_s_ago=5,
        functions={VIEWER_REQUEST: status(302)},
    ),
    Flow(
        "origin-request answers",
        [IN, OUT, DONE],
        "200 Miss",
        "no origin, so no origin-response",
        functions={ORIGIN_REQUEST: status(200)},
    ),
    Flow(
        "origin-request answered before",
        [IN, "viewer-response 200, age 5"],
        "200 Hit",
        "its answer is stored like an origin's",
        stored_s_ago=5,
        functions={ORIGIN_REQUEST: status(200)},
    ),
    Flow(
        "origin-request answers 403",
        [IN, OUT],
        "403 Error",
        "as if the origin had: no viewer-response",
        functions={ORIGIN_REQUEST: status(403)},
    ),
    # ---------------------------------------------------------------- refused at the door
    Flow(
        "http where https is wanted",
        [],
        "301 Redirect",
        "redirects run no function",
        behavior={"viewer_protocol_policy": "redirect-to-https"},
    ),
    Flow(
        "http where only https is let in",
        [],
        "403 Error",
        "refusals run no function",
        behavior={"viewer_protocol_policy": "https-only"},
    ),
    Flow(
        "a method that the behavior does not allow",
        [],
        "403 Error",
        "refusals run no function",
        request={"method": "DELETE"},
        behavior={"allowed_methods": READ_METHODS},
    ),
    Flow(
        "a GET with a body",
        [],
        "403 Error",
        "refused before any function",
        request={"body": b"what for?"},
    ),
    # ---------------------------------------------------------------- other methods
    Flow(
        "POST, although the page is stored",
        [
            "viewer-request POST /a",
            "origin-request POST /a to origin.example.test",
            BACK,
            DONE,
        ],
        "200 Miss",
        "POST is never answered from a cache",
        stored_s_ago=5,
        request={"method": "POST", "body": b"name=value"},
    ),
    Flow(
        "OPTIONS",
        [
            "viewer-request OPTIONS /a",
            "origin-request OPTIONS /a to origin.example.test",
            BACK,
            DONE,
        ],
        "200 Miss",
        "not stored unless the behavior says so",
        stored_s_ago=5,
        request={"method": "OPTIONS"},
    ),
    Flow(
        "OPTIONS where it is stored",
        ["viewer-request OPTIONS /a", "viewer-response 200, age 5"],
        "200 Hit",
        "CachedMethods with OPTIONS",
        stored_s_ago=5,
        request_then={"method": "OPTIONS"},
        request={"method": "OPTIONS"},
        behavior={"rules": CACHED_OPTIONS},
    ),
    Flow(
        "HEAD of a stored page",
        ["viewer-request HEAD /a", "viewer-response 200, age 5"],
        "200 Hit",
        "a stored GET answers it",
        stored_s_ago=5,
        request={"method": "HEAD"},
    ),
    Flow(
        "HEAD of a page that is not stored",
        ["viewer-request HEAD /a", "origin-request HEAD /a to origin.example.test", BACK, DONE],
        "200 Miss",
        "it goes to the origin as a HEAD",
        request={"method": "HEAD"},
    ),
    # ---------------------------------------------------------------- parts and conditions
    Flow(
        "a part of a stored page",
        [f"{IN}, range bytes=0-1", "viewer-response 206, age 5"],
        "206 Hit",
        "the part is cut from what is stored",
        stored_s_ago=5,
        request={"range": "bytes=0-1"},
    ),
    Flow(
        "a part, from an origin that cuts",
        [
            f"{IN}, range bytes=0-1",
            f"{OUT}, range bytes=0-1",
            "origin-response 206 from origin.example.test",
            "viewer-response 206",
        ],
        "206 Miss",
        "the origin's part is passed on",
        origin={"cuts": True},
        request={"range": "bytes=0-1"},
    ),
    Flow(
        "a part, from an origin that never cuts",
        [f"{IN}, range bytes=0-1", f"{OUT}, range bytes=0-1", BACK, DONE],
        "200 Miss",
        "this viewer gets the whole; later ones are cut from what is stored",
        request={"range": "bytes=0-1"},
    ),
    Flow(
        "the viewer has it already",
        [f'{IN}, if-none-match "v1"', "viewer-response 304, age 5"],
        "304 Hit",
        "the cache answers the viewer's condition",
        stored_s_ago=5,
        request={"if_none_match": '"v1"'},
    ),
    Flow(
        "the viewer has it already, and it is not stored",
        [f'{IN}, if-none-match "v1"', OUT, BACK, "viewer-response 304"],
        "304 Miss",
        "the whole is fetched to be stored, then the condition is answered",
        request={"if_none_match": '"v1"'},
    ),
    # ---------------------------------------------------------------- origin groups
    Flow(
        "failover, the primary answers 500",
        [IN, OUT, "origin-response 500 from origin.example.test", OUT_2, BACK_2, DONE],
        "200 Miss",
        "the origin's functions run once for each origin tried, the viewer's once",
        origin={"down": "origin.example.test"},
        behavior={"failover": STANDBY},
    ),
    Flow(
        "failover, no connection to the primary",
        [IN, OUT, OUT_2, BACK_2, DONE],
        "200 Miss",
        "there was nothing for origin-response to run on",
        origin={"down": "origin.example.test", "down_with": OriginError("refused")},
        behavior={"failover": STANDBY},
    ),
    Flow(
        "failover, both answer 500",
        [
            IN,
            OUT,
            "origin-response 500 from origin.example.test",
            OUT_2,
            "origin-response 500 from standby.example.test",
        ],
        "500 Error",
        "the secondary's error is what the viewer gets",
        origin={"status": 500},
        behavior={"failover": STANDBY},
    ),
    Flow(
        "failover is no matter for what origin-request answers",
        [IN, OUT],
        "500 Error",
        "no origin failed",
        functions={ORIGIN_REQUEST: status(500)},
        behavior={"failover": STANDBY},
    ),
    Flow(
        "failover is no matter for what is stored",
        [IN, "viewer-response 200, age 5"],
        "200 Hit",
        "the same key, whichever origin answered",
        stored_s_ago=5,
        origin_then={"down": "origin.example.test"},
        behavior={"failover": STANDBY},
    ),
    # ---------------------------------------------------------------- custom error pages
    Flow(
        "custom error page",
        [IN, OUT, "origin-response 404 from origin.example.test", PAGE, BACK],
        "200 Error",
        "no viewer function runs for the page, nor for the answer; the origin's run twice",
        origin={"status": 404, "pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page, stored with the error",
        [IN],
        "200 Error",
        "both the error and its page come from the cache",
        stored_s_ago=5,
        origin={"pages": PAGES},
        origin_then={"status": 404, "headers": {}, "pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page that is missing",
        [
            IN,
            OUT,
            "origin-response 404 from origin.example.test",
            PAGE,
            "origin-response 403 from origin.example.test",
        ],
        "403 Error",
        "the status is that of the page's own fetch",
        origin={"status": 404, "pages": {"/sorry.html": Response(403)}},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page where there is no connection",
        [IN, OUT, PAGE, BACK],
        "503 Error",
        "an error that CloudFront made counts like an origin's",
        origin={"failure": OriginError("refused"), "pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page for what is refused at the door",
        [PAGE, BACK],
        "403 Error",
        "nobody ran before, and nobody but the origin's functions runs for the page",
        origin={"pages": PAGES},
        request={"method": "DELETE"},
        behavior={"allowed_methods": READ_METHODS, "custom_errors": SORRY},
    ),
    Flow(
        "custom error page, and viewer-request answers 404",
        [IN],
        "404 LambdaGeneratedResponse",
        "what a viewer function says is what the viewer gets",
        functions={VIEWER_REQUEST: status(404)},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page, and origin-request answers 404",
        [IN, OUT, PAGE],
        "404 Error",
        "its answer counts like the origin's, for the page as well: it is missing",
        functions={ORIGIN_REQUEST: status(404)},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page, the origin answers 200 and origin-response makes it 404",
        [IN, OUT, BACK, PAGE, BACK],
        "404 Error",
        "the status after origin-response decides; here it spoils the page too",
        functions={ORIGIN_RESPONSE: status(404)},
        origin={"pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "custom error page, although something stale is there",
        [
            IN,
            f'{OUT}, if-none-match "v1"',
            "origin-response 500 from origin.example.test",
            "viewer-response 200, age 90",
        ],
        "200 Hit",
        "the stale copy comes before the page",
        stored_s_ago=90,
        origin={"status": 500, "pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    Flow(
        "no custom error page where viewer-response raises",
        [IN, OUT, BACK, DONE],
        "503 LambdaExecutionError",
        "what a function at a viewer trigger fails at is shown as it is",
        functions={VIEWER_RESPONSE: raises},
        origin={"pages": PAGES},
        behavior={"custom_errors": SORRY},
    ),
    # ---------------------------------------------------------------- functions that fail
    *(
        Flow(
            f"{trigger} raises",
            [IN, OUT, BACK, DONE][: place + 1],
            "503 LambdaExecutionError",
            "nothing runs after a function that fails",
            functions={trigger: raises},
        )
        for place, trigger in enumerate(Trigger)
    ),
    *(
        Flow(
            f"{trigger} returns nothing",
            [IN, OUT, BACK, DONE][: place + 1],
            "502 LambdaValidationError",
            "nothing runs after a function whose result is refused",
            functions={trigger: returns_nothing},
        )
        for place, trigger in enumerate(Trigger)
    ),
]


def seen(trigger: Trigger, event: Json) -> str:
    """One line for what a function was given."""
    cf = event["Records"][0]["cf"]
    request, response = cf["request"], cf.get("response")
    assert cf["config"]["eventType"] == trigger
    assert ("origin" in request) == trigger.faces_origin, "only the origin's triggers see it"
    assert (response is not None) == (not trigger.may_answer), "only after the fact"
    assert "body" not in request, "only with Include Body"
    assert response is None or "body" not in response, "bodies of responses are never shown"
    what = response["status"] if response else f"{request['method']} {request['uri']}"
    if "origin" in request:
        preposition = "from" if response else "to"
        what += f" {preposition} {request['origin']['custom']['domainName']}"
    headers = (response or request)["headers"]
    shown = ("age", "if-none-match", "if-modified-since", "range")
    told = [f"{name} {headers[name][0]['value']}" for name in shown if name in headers]
    return ", ".join([f"{trigger} {what}", *told])


def world_of(flow: Flow) -> World:
    functions = {trigger: flow.functions.get(trigger, unchanged) for trigger in Trigger}
    world = World(functions, policy=POLICY, **flow.behavior)
    world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"v1"'}
    return world


def ask_before(world: World, flow: Flow, seconds_ago: int) -> None:
    usual = dict(vars(world.origin))
    vars(world.origin).update(flow.origin_then)
    world.get("/a", **flow.request_then)
    vars(world.origin).update(usual)
    world.pass_time(seconds_ago)
    world.ran.clear()


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_which_functions_run(flow: Flow) -> None:
    world = world_of(flow)
    if flow.stored_s_ago is not None:
        ask_before(world, flow, flow.stored_s_ago)
    vars(world.origin).update(flow.origin)
    served = world.get("/a", **flow.request)
    assert [seen(trigger, event) for trigger, event in world.ran] == flow.ran, flow.why
    got = f"{served.response.status} {served.response.headers.get('x-cache')}"
    assert got == f"{flow.viewer} from cloudfront", flow.why
    assert flow.viewer.endswith(served.result_type), flow.why


def test_with_include_body_the_request_triggers_see_it() -> None:
    world = World(dict.fromkeys(Trigger, unchanged), policy=POLICY, include_body=True)
    world.get("/a", method="POST", body=b"hello")
    bodies = [event["Records"][0]["cf"]["request"].get("body") for _, event in world.ran]
    exposed = {
        "inputTruncated": False,
        "action": "read-only",
        "encoding": "base64",
        "data": "aGVsbG8=",
    }
    assert bodies == [exposed, exposed, None, None], "as the guide has it"


def test_all_functions_of_one_request_see_its_id() -> None:
    world = World(dict.fromkeys(Trigger, unchanged), policy=POLICY)
    world.get("/a")
    configs = [event["Records"][0]["cf"]["config"] for _, event in world.ran]
    assert {config["requestId"] for config in configs} == {"request-id=="}, "as the guide has it"


def test_who_forgets_that_the_origin_sent_chunks_fails_as_on_aws() -> None:
    def rebuilt(event: Json) -> Json:
        response: Json = event["Records"][0]["cf"]["response"]
        return {**response, "headers": {"x-a": [{"key": "X-A", "value": "1"}]}}

    world = World({ORIGIN_RESPONSE: rebuilt}, policy=POLICY)
    assert world.get("/measured").response.status == 200
    world.origin.headers = {"Transfer-Encoding": "chunked"}
    served = world.get("/chunked")
    assert served.response.status == 502
    assert "transfer-encoding" in str(served.failure).lower()
