"""CloudFront Functions in a CDN: what they do to requests, responses, caches and origins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgesim.config.resolve import load
from edgesim.testing.edge import VirtualEdge

MINUTE = {"cache-control": "max-age=60"}

CONFIG = """
[origins.app]
url = "http://app.test"
[origins.other]
url = "http://other.test:8081"
[origin_groups.both]
members = ["other", "app"]
failover_status_codes = [500, 503]
[functions.fn]
code = "fn.js"
runtime = "cloudfront-js-2.0"
"""

Made = Callable[..., VirtualEdge]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A virtual edge with one function at the triggers that are named."""

    def make(
        code: str, *triggers: str, extra: str = "", policy: str = "", sends: str = ""
    ) -> VirtualEdge:
        (tmp_path / "fn.js").write_text(code)
        behavior = "".join(f'{trigger} = "fn"\n' for trigger in triggers or ("viewer_request",))
        policy = policy or "UseOriginCacheControlHeaders-QueryStrings"
        behavior += f'cache_policy = "{policy}"\norigin_request_policy = "{sends or "AllViewer"}"\n'
        config = f'{CONFIG}{extra}[default_behavior]\norigin = "app"\n{behavior}'
        (tmp_path / "edgesim.toml").write_text(config)
        edge = VirtualEdge(load(tmp_path / "edgesim.toml"))
        edge.origin("app").respond(text="hello", headers=MINUTE)
        return edge

    return make


def test_a_rewritten_request_is_what_the_cache_and_the_origin_see(made: Made) -> None:
    edge = made("""
        function handler(event) {
          var request = event.request;
          if (request.uri.endsWith('/')) request.uri += 'index.html';
          return request;
        }""")
    assert edge.get("/about/").edge.result_type == "Miss"
    assert edge.get("/about/index.html").edge.result_type == "Hit"
    assert [request.target for request in edge.origin("app").requests] == ["/about/index.html"]


def test_a_generated_response_goes_out_at_once_and_is_never_stored(made: Made) -> None:
    edge = made("""
        function handler(event) {
          return {
            statusCode: 302,
            statusDescription: 'Found',
            headers: { location: { value: '/de' + event.request.uri } },
            cookies: { seen: { value: '1', attributes: 'Path=/; Secure' } },
          };
        }""", "viewer_request", "viewer_response")  # fmt: skip
    for _ in range(2):
        response = edge.get("/a")
        assert (response.status_code, response.headers["location"]) == (302, "/de/a")
        assert response.headers["x-cache"] == "FunctionGeneratedResponse from cloudfront"
        assert response.headers["set-cookie"] == "seen=1; Path=/; Secure"
        assert [run.trigger for run in response.edge.functions] == ["viewer-request"]
    assert edge.origin("app").calls == 0


def test_a_response_is_changed_for_viewers_and_not_in_the_cache(made: Made) -> None:
    edge = made("""
        function handler(event) {
          var response = event.response;
          response.headers['x-seen'] = { value: event.request.headers['x-who'].value };
          response.statusCode = 203;
          response.body = 'replaced';
          return response;
        }""", "viewer_response")  # fmt: skip
    first = edge.get("/", headers={"x-who": "a"})
    second = edge.get("/", headers={"x-who": "b"})
    assert (first.text, first.status_code, first.headers["x-seen"]) == ("replaced", 203, "a")
    assert (second.headers["x-seen"], second.edge.result_type) == ("b", "Hit")
    assert second.headers["content-length"] == "8"
    assert edge.origin("app").calls == 1


def test_what_viewer_request_added_is_in_the_event_of_viewer_response(made: Made) -> None:
    edge = made("""
        function handler(event) {
          if (event.context.eventType === 'viewer-request') {
            event.request.headers['x-variant'] = { value: 'b' };
            return event.request;
          }
          event.response.headers['x-variant'] = event.request.headers['x-variant'];
          return event.response;
        }""", "viewer_request", "viewer_response")  # fmt: skip
    assert edge.get("/").headers["x-variant"] == "b"


def test_no_viewer_response_for_an_origins_error(made: Made) -> None:
    edge = made("function handler(event) { return event.response; }", "viewer_response")
    edge.origin("app").respond(status=404, text="gone")
    assert edge.get("/").edge.functions == []


ORIGINS: list[tuple[str, str, str, str]] = [
    ("cf.selectRequestOriginById('other')", "other", "other.test", "by its id"),
    (
        "cf.updateRequestOrigin({ domainName: 'else.test', originPath: '/v2' })",
        "app",
        "else.test",
        "the assigned origin with another address",
    ),
    (
        """cf.createRequestOriginGroup({
          originIds: [{ originId: 'other' }, { originId: 'app' }],
          failoverCriteria: { statusCodes: [503] },
        })""",
        "other",
        "other.test",
        "a group's primary",
    ),
]


@pytest.mark.parametrize(("call", "asked", "host", "why"), ORIGINS)
def test_another_origin_is_asked(made: Made, call: str, asked: str, host: str, why: str) -> None:
    edge = made(f"""import cf from 'cloudfront';
        function handler(event) {{ {call}; return event.request; }}""")
    edge.origin(asked).respond(text="from there", headers=MINUTE)
    assert edge.get("/a").text == "from there", why
    assert edge.origin(asked).calls == 1, why


def test_the_new_origins_own_name_and_path_are_sent(made: Made) -> None:
    edge = made("""import cf from 'cloudfront';
        function handler(event) {
          cf.updateRequestOrigin({
            domainName: 'else.test', originPath: '/v2', customHeaders: { 'x-key': 'k' },
          });
          return event.request;
        }""")
    edge.get("/a?b=1")
    (sent,) = edge.origin("app").requests
    assert sent.target == "/v2/a?b=1"
    assert (sent.headers.get("host"), sent.headers.get("x-key")) == ("else.test", "k")


def test_a_group_made_at_run_time_fails_over(made: Made) -> None:
    edge = made("""import cf from 'cloudfront';
        function handler(event) { cf.selectRequestOriginById('both'); return event.request; }""")
    edge.origin("other").respond(status=503)
    response = edge.get("/a")
    assert (response.text, len(response.edge.functions)) == ("hello", 1)
    assert edge.origin("other").calls == 1


def test_the_choice_of_an_origin_is_not_in_the_cache_key(made: Made) -> None:
    edge = made("""import cf from 'cloudfront';
        function handler(event) {
          if (event.request.headers['x-to']) cf.selectRequestOriginById('other');
          return event.request;
        }""")
    edge.origin("other").respond(text="other", headers=MINUTE)
    assert edge.get("/a", headers={"x-to": "other"}).text == "other"
    assert edge.get("/a").text == "other"
    assert edge.origin("app").calls == 0


FAILURES: list[tuple[str, int, str, str]] = [
    ("function handler(e) { return e.request.x.y; }", 503, "FunctionExecutionError", "fn.js:1:"),
    ("function handler(e) { while (true) {} }", 503, "FunctionExecutionError", "compute limit"),
    (
        "function handler(e) { var a = []; while (true) a.push('x'.repeat(999) + a.length); }",
        503,
        "FunctionExecutionError",
        "2 MB",
    ),
    ("function handler(e) { return null; }", 502, "FunctionValidationError", "returned nothing"),
    ("function handler(e) { return e; }", 502, "FunctionValidationError", "not the whole event"),
    (
        "function handler(e) { e.request.headers['X-A'] = { value: '1' }; return e.request; }",
        502,
        "FunctionValidationError",
        "lower case",
    ),
    (
        """import cf from 'cloudfront';
        function handler(e) { cf.selectRequestOriginById('none'); return e.request; }""",
        502,
        "FunctionValidationError",
        "no origin or origin group",
    ),
]


@pytest.mark.parametrize(("code", "status", "result_type", "said"), FAILURES)
def test_what_goes_wrong_costs_a_request_its_status(
    made: Made, code: str, status: int, result_type: str, said: str
) -> None:
    edge = made(code)
    response = edge.get("/")
    assert response.status_code == status
    assert response.headers["x-cache"] == f"{result_type} from cloudfront"
    assert said in str(response.edge.failure)
    assert edge.origin("app").calls == 0


DEVICE = "cloudfront-is-mobile-viewer"
PHONE = {"user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148", DEVICE: "forged"}
TELLS = f"""function handler(event) {{
  var told = event.request.headers['{DEVICE}'] || {{ value: 'nothing' }};
  if (event.response) {{
    event.response.headers['x-at-response'] = told;
    return event.response;
  }}
  event.request.headers['x-at-request'] = told;
  return event.request;
}}"""
TOLD = [
    ("AllViewerAndCloudFrontHeaders-2022-06", "true", "CloudFront's own, where a policy asks"),
    ("AllViewer", "forged", "what the viewer sent, where none does"),
]


@pytest.mark.parametrize(("sends", "told", "why"), TOLD)
def test_a_function_sees_what_cloudfront_knows_of_the_viewer(
    made: Made, sends: str, told: str, why: str
) -> None:
    edge = made(TELLS, "viewer_request", "viewer_response", sends=sends)
    response = edge.get("/", headers=PHONE)
    assert response.status_code == 200
    assert response.headers["x-at-response"] == told, why
    (sent,) = edge.origin("app").requests
    assert sent.headers.all("x-at-request") == [told], why
    assert sent.headers.all(DEVICE) == [told], "the origin is told the same, and once"


SORRY = """[[custom_error_responses]]
error_code = 503
response_code = 200
response_page_path = "/sorry.html"
"""


def test_a_function_that_fails_has_no_custom_page(made: Made) -> None:
    edge = made("function handler(event) { return nothing; }", extra=SORRY)
    assert edge.get("/").status_code == 503
    assert edge.origin("app").calls == 0, "nobody asks for the page"


def test_nor_has_an_error_that_a_function_answers(made: Made) -> None:
    edge = made("function handler(event) { return { statusCode: 503 }; }", extra=SORRY)
    assert edge.get("/").edge.result_type == "FunctionGeneratedResponse"


def test_the_origin_cannot_be_changed_at_viewer_response(made: Made) -> None:
    edge = made("""import cf from 'cloudfront';
        function handler(event) { cf.selectRequestOriginById('app'); return event.response; }""",
        "viewer_response")  # fmt: skip
    response = edge.get("/")
    assert response.edge.result_type == "FunctionValidationError"
    assert "it changed the origin" in str(response.edge.failure)


def test_a_function_that_keeps_running_over_is_throttled_for_a_while(made: Made) -> None:
    edge = made("function handler(e) { while (e.request.uri === '/loop') {} return e.request; }")
    for _ in range(5):
        assert edge.get("/loop").edge.result_type == "FunctionExecutionError"
    for _ in range(20):
        assert edge.get("/").edge.result_type == "FunctionThrottledError"
    assert edge.get("/").status_code == 200


STORE = """[key_value_stores.words]
file = "words.json"
id = "0123-abcd"
"""


def test_a_key_value_store_answers_from_its_file(made: Made, tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text(
        '{"data": [{"key": "/a", "value": "/b"}, {"key": "j", "value": "{\\"n\\": 7}"}]}'
    )
    extra = f'key_value_store = "words"\n{STORE}'
    edge = made("""import cf from 'cloudfront';
        var store = cf.kvs('0123-abcd');
        async function handler(event) {
          var request = event.request;
          var known = await store.exists(request.uri);
          if (known) request.uri = await store.get(request.uri);
          var json = await store.get('j', { format: 'json' });
          var meta = await cf.kvs().meta();
          request.headers['x-found'] = { value: known + ' ' + json.n + ' ' + meta.keyCount };
          try {
            await store.get('nothing');
          } catch (error) {
            console.log(error.message);
          }
          return request;
        }""", extra=extra)  # fmt: skip
    response = edge.get("/a")
    (sent,) = edge.origin("app").requests
    assert (sent.target, sent.headers.get("x-found")) == ("/b", "true 7 2")
    assert "KeyNotFound" in response.edge.functions[0].log


def test_time_stands_still_and_chance_repeats(made: Made) -> None:
    code = """
        function handler(event) {
          var begun = Date.now();
          for (var i = 0; i < 20000; i++);
          var same = begun === Date.now() && new Date().getHours() === 0;
          return { statusCode: 200, body: same + ' ' + new Date().toISOString() + Math.random() };
        }"""
    first, second = made(code).get("/").text, made(code).get("/").text
    assert first.startswith("true 2026-01-01T00:00:00.000Z0.")
    assert first == second


def test_nothing_stays_from_one_event_to_the_next(made: Made) -> None:
    edge = made("""
        var count = 0;
        function handler(event) {
          count++;
          globalThis.total = (globalThis.total || 0) + 1;
          return { statusCode: 200, body: count + ' ' + globalThis.total };
        }""")
    assert [edge.get("/").text for _ in range(3)] == ["1 1"] * 3


def test_helpers_say_where_the_request_came_in(made: Made) -> None:
    edge = made("""import cf from 'cloudfront';
        function handler(event) {
          var said = [event.request.rawQueryString(), cf.edgeLocation.name, event.viewer.ip];
          console.log(said.join(' '));
          return event.request;
        }""")
    queries: dict[str, Any] = {"/?b=1&a=%20": "b=1&a=%20", "/?": "", "/": "undefined"}
    for url, raw in queries.items():
        log = edge.get(url).edge.functions[0].log
        assert log.split(" ")[0] == (raw if raw != "undefined" else ""), url
        assert " FRA 127.0.0.1" in log
