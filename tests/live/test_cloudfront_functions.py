"""CloudFront Functions behind real sockets: in the fast lane, reloaded, never remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.lambda_event import Json
from edgesim.config.deployment import Deployment
from edgesim.config.resolve import load
from edgesim.errors import FunctionError
from edgesim.live.memo import HeadMemo
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.cloudfront_js import CloudFrontJsRuntime
from edgesim.runtimes.js_context import JsContext, Outcome
from tests.live.edge import InMemory, field_of, live_edge, says
from tests.live.test_rehearsal import Forgetful

CONFIG = """
[origins.app]
url = "http://127.0.0.1:9"
[functions.fn]
code = "fn.js"
runtime = "cloudfront-js-2.0"
key_value_store = "words"
[key_value_stores.words]
file = "words.json"
[default_behavior]
origin = "app"
viewer_request = "fn"
viewer_response = "fn"
"""

COUNTING = """import cf from 'cloudfront';
async function handler(event) {
  console.log(event.context.eventType);
  if (!event.response) return event.request;
  event.response.headers['x-word'] = { value: await cf.kvs().get('word') };
  event.response.headers['x-random'] = { value: String(Math.random()) };
  return event.response;
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fn.js").write_text(COUNTING)
    (tmp_path / "words.json").write_text('{"data": [{"key": "word", "value": "one"}]}')
    (tmp_path / "edgesim.toml").write_text(CONFIG)
    return tmp_path


def deployed(folder: Path) -> Deployment:
    return load(folder / "edgesim.toml")


async def test_a_cached_page_runs_its_functions_every_time(folder: Path) -> None:
    log: list[LogLine] = []
    origin = InMemory(says(b"hello", cache_control="max-age=60"))
    async with live_edge(origin, deployed(folder), log=log.append) as edge:
        first = await edge.get("/")
        seen = []
        for _ in range(3):
            response = await edge.get("/")
            seen.append(field_of(response, "x-random"))
            assert field_of(response, "x-cache") == "Hit from cloudfront"
            assert field_of(response, "server-timing") is None, "it came by the fast lane"
        assert len({field_of(first, "x-random"), *seen}) == 4, "nothing was remembered"
    assert [line.text for line in log] == ["viewer-request", "viewer-response"] * 4
    assert {line.trigger for line in log} == {"viewer-request", "viewer-response"}
    steps = [step.effect for step in edge.watching.visits[-1].steps]
    assert len(steps) == 2


BOTH = """function handler(event) {
  const message = event.response || event.request;
  %s
  return message;
}
"""
REPEATED = [
    # what it does                                                        repeats  why
    ("message.headers.a = { value: 'b' };", True, "nothing but the event goes into it"),
    ("message.headers.a = { value: event.viewer.ip };", True, "the same viewer asks"),
    ("message.headers.a = { value: JSON.stringify(event.request) };", True, "and the same thing"),
    ("message.headers.a = { value: new Date(0).toISOString() };", True, "a date that is given"),
    ("if (event.response) message.cookies.a = { value: 'b', attributes: 'Secure' };", True, "JSON"),
    ("message.headers.a = { value: String(Date.now()) };", False, "the clock goes on"),
    ("message.headers.a = { value: String(new Date()) };", False, "the clock"),
    ("message.headers.a = { value: Date() };", False, "the clock"),
    ("message.headers.a = { value: String(Math.random()) };", False, "chance"),
    ("message.headers.a = { value: event.context.requestId };", False, "each has its own id"),
    ("message.headers.a = { value: JSON.stringify(event) };", False, "the id is in there"),
    ("event.context.requestId = 'mine'; message.headers.a = { value: 'b' };", True, "its own"),
    ("console.log('seen');", False, "it is said each time"),
]


@pytest.mark.parametrize(("does", "repeats", "why"), REPEATED)
async def test_what_must_come_out_the_same_is_not_worked_out_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, does: str, repeats: bool, why: str
) -> None:
    (folder / "fn.js").write_text(BOTH % does)
    monkeypatch.setattr(CloudFrontJsRuntime.__init__, "__defaults__", (lambda: 1_800_000_000.0,))
    runs: list[Json] = []

    def counting(self: JsContext, event: Json, *others: Any) -> Outcome:
        runs.append(event)
        return run(self, event, *others)

    run = JsContext.run
    monkeypatch.setattr(JsContext, "run", counting)
    told = []
    for memo in (HeadMemo(), Forgetful()):
        log: list[LogLine] = []
        runs.clear()
        origin = InMemory(says(b"hello", cache_control="max-age=60"))
        async with live_edge(
            origin,
            deployed(folder),
            clock=lambda: 1_800_000_000.0,
            log=log.append,
        ) as edge:
            edge.server.ids._prefix = "id"
            edge.server.running.memos["http"] = memo
            answers = [await edge.get("/") for _ in range(6)]
            counted = edge.server.metrics.functions["fn"].shown()
        heads = [
            [line for line in answer.headers.raw_items() if line[0].lower() != b"server-timing"]
            for answer in answers
        ]
        told.append((heads, log, counted["invocations"], counted["errors"]))
        assert len(runs) == (4 if repeats and type(memo) is HeadMemo else 12), why
    assert told[0] == told[1], why
    assert told[0][2] == 12, "each counts as an invocation"


async def test_a_miss_says_what_its_functions_took(folder: Path) -> None:
    async with live_edge(InMemory(says()), deployed(folder)) as edge:
        response = await edge.get("/")
        timing = field_of(response, "server-timing") or ""
        assert 'viewer-request;desc="fn"' in timing
        assert 'viewer-response;desc="fn"' in timing


async def test_an_edit_of_code_or_store_is_live_with_the_next_deployment(folder: Path) -> None:
    async with live_edge(InMemory(says()), deployed(folder)) as edge:
        assert field_of(await edge.get("/"), "x-word") == "one"
        (folder / "words.json").write_text('{"data": [{"key": "word", "value": "another"}]}')
        assert await edge.server.deploy(deployed(folder)) == {"fn"}
        assert field_of(await edge.get("/"), "x-word") == "another"
        assert await edge.server.deploy(deployed(folder)) == frozenset()
        (folder / "fn.js").write_text(COUNTING.replace("get('word')", "get('word') + '!'"))
        assert await edge.server.deploy(deployed(folder)) == {"fn"}
        assert field_of(await edge.get("/"), "x-word") == "another!"
    assert folder / "words.json" in deployed(folder).watched


async def test_code_that_aws_would_refuse_is_not_deployed(folder: Path) -> None:
    async with live_edge(InMemory(says()), deployed(folder)) as edge:
        (folder / "fn.js").write_text("function handler(e) {\n  for (var x of []) {}\n}\n")
        with pytest.raises(FunctionError, match=r'Token "of" not supported .* in 2 .*fn\.js:2:3'):
            await edge.server.deploy(deployed(folder))
        assert field_of(await edge.get("/"), "x-word") == "one"


async def test_a_loop_costs_its_request_the_status_and_others_little(folder: Path) -> None:
    (folder / "fn.js").write_text(
        "function handler(e) { while (e.request.uri === '/loop') {} return e.request; }"
    )
    text = CONFIG.replace('viewer_response = "fn"\n', "")
    (folder / "edgesim.toml").write_text(text)
    async with live_edge(InMemory(says()), deployed(folder)) as edge:
        loop = await edge.get("/loop")
        assert (loop.status_code, field_of(loop, "x-cache")) == (
            503,
            "FunctionExecutionError from cloudfront",
        )
        assert (await edge.get("/")).status_code == 200
