"""`edgesim invoke` and `edgesim check` on CloudFront Functions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Edgesim

CONFIG = """\
[origins.app]
url = "http://127.0.0.1:3000"
[functions.fn]
code = "fn.js"
runtime = "cloudfront-js-2.0"
[default_behavior]
origin = "app"
viewer_request = "fn"
viewer_response = "fn"
"""

CODE = """\
import cf from 'cloudfront';
function handler(event) {
  console.log(event.context.eventType + ' ' + event.viewer.ip);
  if (event.response) {
    event.response.headers['x-seen'] = { value: event.request.uri };
    return event.response;
  }
  cf.updateRequestOrigin({ domainName: 'else.test' });
  event.request.uri += 'index.html';
  return event.request;
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "edgesim.toml").write_text(CONFIG)
    (tmp_path / "fn.js").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_event_from_a_url(edgesim: Edgesim, folder: Path) -> None:
    ran = edgesim("invoke", "fn", "--url", "/a/?b=1", "-H", "Cookie: c=2")
    assert ran.status == 0, ran.err
    shown = json.loads(ran.out)
    assert shown["uri"] == "/a/index.html"
    assert shown["querystring"] == {"b": {"value": "1"}}
    assert shown["cookies"] == {"c": {"value": "2"}}
    log, origin, took, verdict = ran.err.splitlines()
    assert log == "log: viewer-request 127.0.0.1"
    assert origin.startswith('origin: {"method": "updateRequestOrigin"')
    assert took.startswith("fn at viewer-request: compute utilisation ")
    assert took.endswith(" of 100, an estimate")
    accepted = "accepted: the request goes on as GET /a/index.html?b=1 to http://else.test:3000"
    assert verdict == accepted


def test_a_response_trigger_has_a_sample(edgesim: Edgesim, folder: Path) -> None:
    ran = edgesim("invoke", "fn", "--url", "/a", "--trigger", "viewer-response")
    assert json.loads(ran.out)["headers"]["x-seen"] == {"value": "/a"}
    assert ran.err.endswith("accepted: the response goes on with status 200\n")


EVENT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "198.51.100.1"},
    "request": {
        "method": "GET",
        "uri": "/f/",
        "querystring": {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}},
        "headers": {"host": {"value": "www.example.test"}},
        "cookies": {"a": {"value": "1"}, "b": {"value": "2"}},
    },
}
RESPONSE = {
    "statusCode": 404,
    "headers": {},
    "cookies": {"a": {"value": "1", "attributes": "Path=/"}},
}


def test_an_event_from_a_file_as_aws_has_it(edgesim: Edgesim, folder: Path) -> None:
    (folder / "event.json").write_text(json.dumps(EVENT))
    ran = edgesim("invoke", "fn", "--event", "event.json")
    assert ran.status == 0, ran.err
    assert "log: viewer-request 198.51.100.1" in ran.err
    assert "goes on as GET /f/index.html?a=1&a=2 to " in ran.err


def test_an_event_with_a_response_is_of_viewer_response(edgesim: Edgesim, folder: Path) -> None:
    event = {**EVENT, "context": {}, "response": RESPONSE}
    (folder / "event.json").write_text(json.dumps(event))
    ran = edgesim("invoke", "fn", "--event", "event.json")
    assert json.loads(ran.out)["cookies"] == RESPONSE["cookies"]
    assert "accepted: the response goes on with status 404" in ran.err


BROKEN: list[tuple[str, str]] = [
    ("{}", "it lacks 'Records'"),
    ('{"request": []}', "it is malformed"),
    ('{"request": {"method": "GET"}}', "it lacks 'uri'"),
    ('{"request": {"method": "GET", "uri": "/", "headers": {"a": {}}}}', "it lacks 'value'"),
    (
        '{"context": {"eventType": "viewer-response"}, "request": {"method": "GET", "uri": "/"}}',
        "an event of viewer-response has a response",
    ),
    (
        '{"context": {"eventType": "viewer-asks"}, "request": {"method": "GET", "uri": "/"}}',
        "no trigger is named 'viewer-asks'",
    ),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_an_event_that_is_none(edgesim: Edgesim, folder: Path, text: str, said: str) -> None:
    (folder / "event.json").write_text(text)
    ran = edgesim("invoke", "fn", "--event", "event.json")
    assert ran.status == 2
    assert said in ran.err


def test_a_refusal_is_told_with_its_rule(edgesim: Edgesim, folder: Path) -> None:
    (folder / "fn.js").write_text("function handler(e) { return e; }")
    ran = edgesim("invoke", "fn")
    assert ran.status != 0
    assert "[FunctionValidationError: cff-returns]" in ran.err
    assert "not the whole event" in ran.err


def test_check_finds_what_aws_finds_at_the_first_request(edgesim: Edgesim, folder: Path) -> None:
    (folder / "fn.js").write_text("function handler(e) {\n  return e?.request;\n}\n")
    ran = edgesim("check")
    assert ran.status == 2
    assert 'fn.js:2:11: SyntaxError: Token "?." not supported in this version in 2' in ran.err
    assert "hint: write a && a.b" in ran.err


def test_check_warns_of_what_is_not_listed(edgesim: Edgesim, folder: Path) -> None:
    (folder / "fn.js").write_text("function handler(e) { console.log(1, 2); return e.request; }")
    ran = edgesim("check")
    assert ran.status == 0, ran.err
    assert "fn.js:1:23: console.log takes one argument" in ran.out


def test_explain_runs_it(edgesim: Edgesim, folder: Path) -> None:
    ran = edgesim("explain", "/a/")
    assert "viewer-request  fn (cloudfront-js-2.0) ran\n" in ran.out
    assert "log: viewer-request 127.0.0.1" in ran.out
    assert "cache key       url path = /a/index.html  (always)" in ran.out
    assert "http://else.test:3000 is sent" in ran.out
    assert "viewer-response fn would run before the viewer gets it" in ran.out


def test_explain_shows_its_answer_and_its_failure(edgesim: Edgesim, folder: Path) -> None:
    (folder / "fn.js").write_text("function handler(e) { return { statusCode: 403 }; }")
    assert "answer          403, without asking the origin" in edgesim("explain", "/a").out
    (folder / "fn.js").write_text("function handler(e) { return e.a.b; }")
    out = edgesim("explain", "/a").out
    assert "answer          503, without asking the origin" in out
    assert "cannot read property 'b' of undefined" in out
