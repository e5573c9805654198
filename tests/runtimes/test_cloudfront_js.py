from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.function import Function, KeyValueStore, Trigger
from edgesim.cloudfront.function_result import FunctionOutput
from edgesim.errors import FunctionError, FunctionTimeout
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.cloudfront_js import CloudFrontJsRuntime

EVENT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request", "requestId": "id=="},
    "viewer": {"ip": "192.0.2.7"},
    "request": {"method": "GET", "uri": "/", "querystring": {}, "headers": {}, "cookies": {}},
}
NOW = 1_767_225_600.0
AT = Trigger.VIEWER_REQUEST


class Running:
    """One function and what it said."""

    def __init__(self, folder: Path, code: str, version: str, store: str = "") -> None:
        self.log: list[LogLine] = []
        (folder / "fn.js").write_text(code)
        kvs = None
        if store:
            (folder / "kvs.json").write_text(store)
            kvs = KeyValueStore("words", str(folder / "kvs.json"), "the-id")
        self.function = Function(
            "fn", f"cloudfront-js-{version}", str(folder / "fn.js"), key_value_store=kvs
        )
        self.runtime = CloudFrontJsRuntime(self.log.append, lambda: NOW)
        self.runtime.load(self.function)

    def run(self, **event: Any) -> FunctionOutput:
        return self.runtime.run(AT, {**EVENT, **event})


@pytest.fixture
def made(tmp_path: Path) -> Any:
    def make(code: str, version: str = "2.0", store: str = "") -> Running:
        return Running(tmp_path, code, version, store)

    return make


def value(made: Any, expression: str, version: str = "2.0") -> Any:
    """What `expression` is to a function."""
    return (
        made(f"function handler(event) {{ return {{ v: {expression} }}; }}", version)
        .run()
        .returned["v"]
    )


THERE: list[tuple[str, str]] = [
    ("1.0", "['abc'.padStart(4), 'abc'.includes('b'), 'a'.repeat(2)]"),
    ("1.0", "String.bytesFrom([65, 66]) + String.bytesFrom('QUI=', 'base64')"),
    ("1.0", "'a,b,c'.replace(/,/g, ';').split(';')"),
    ("1.0", "Object.entries(Object.assign({}, { a: 1 }))"),
    ("2.0", "'aba'.replaceAll('a', 'c')"),
    (
        "2.0",
        "[typeof Buffer, typeof TextEncoder, typeof TextDecoder, typeof atob, typeof DataView]",
    ),
]

MISSING: list[tuple[tuple[str, ...], str]] = [
    *(
        (("1.0", "2.0"), name)
        for name in (
            "setTimeout", "setInterval", "fetch", "process", "module", "exports", "global", "Map",
            "Set", "WeakMap", "Proxy", "Reflect", "BigInt", "queueMicrotask", "Intl", "$host",
            "console.error", "console.warn", "Array.from", "[].flat", "[].flatMap", "[].at",
        )
    ),
    *(
        (("1.0",), name)
        for name in (
            "Buffer", "TextEncoder", "TextDecoder", "atob", "btoa", "Promise.all", "Promise.race",
            "''.replaceAll", "Symbol.for", "DataView",
        )
    ),
    *((("2.0",), name) for name in ("String.bytesFrom", "''.toUTF8", "''.fromBytes")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "expression"), THERE)
def test_what_a_runtime_has(made: Any, version: str, expression: str) -> None:
    answers = {
        "['abc'.padStart(4), 'abc'.includes('b'), 'a'.repeat(2)]": [" abc", True, "aa"],
        "String.bytesFrom([65, 66]) + String.bytesFrom('QUI=', 'base64')": "ABAB",
        "'a,b,c'.replace(/,/g, ';').split(';')": ["a", "b", "c"],
        "Object.entries(Object.assign({}, { a: 1 }))": [["a", 1]],
        "'aba'.replaceAll('a', 'c')": "cbc",
    }
    expected = answers.get(expression, ["function"] * 5)
    assert value(made, expression, version) == expected


@pytest.mark.parametrize(
    ("version", "name"), [(one, name) for versions, name in MISSING for one in versions]
)
def test_what_a_runtime_lacks(made: Any, version: str, name: str) -> None:
    assert value(made, f"typeof {name}", version) == "undefined"


def test_bytes_of_runtime_1_0(made: Any) -> None:
    assert value(made, "'\\u00fc'.toUTF8().length", "1.0") == 2
    assert value(made, "'\\u00c3\\u00bc'.fromUTF8()", "1.0") == "ü"
    assert value(made, "'\\u20ac'.toBytes()", "1.0") is None


DATES: list[tuple[str, Any]] = [
    ("Date.now()", NOW * 1000),
    ("new Date().toISOString()", "2026-01-01T00:00:00.000Z"),
    ("new Date(2020, 1, 3, 4, 5).toISOString()", "2020-02-03T04:05:00.000Z"),
    ("new Date('2020-02-03T04:05:00').toISOString()", "2020-02-03T04:05:00.000Z"),
    ("new Date('2020-02-03T04:05:00+02:00').toISOString()", "2020-02-03T02:05:00.000Z"),
    ("new Date('2020-02-03').getHours()", 0),
    ("new Date('3 Feb 2020 04:05').getTime()", 1_580_702_700_000),
    ("String(new Date(0))", "Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)"),
    ("Date().slice(0, 15)", "Thu Jan 01 2026"),
    ("new Date(0).getTimezoneOffset()", 0),
    ("new Date(new Date(5)).getTime()", 5),
    ("String(new Date('x'))", "Invalid Date"),
    ("new Date() instanceof Date && new Date().constructor === Date", True),
]


@pytest.mark.parametrize(("expression", "expected"), DATES)
def test_the_clock_stands_still_in_utc(made: Any, expression: str, expected: Any) -> None:
    assert value(made, expression) == expected


def test_a_log_line_says_whose_and_where(made: Any) -> None:
    code = "function handler(e) { console.log({}); console.log('a', 'b'); return e.request; }"
    running = made(code)
    running.log.clear()
    running.run()
    assert running.log == [
        LogLine("fn", "[object Object]", AT.value, "id=="),
        LogLine("fn", "a", AT.value, "id=="),
    ]


def test_a_log_ends_after_ten_kilobytes(made: Any) -> None:
    running = made(
        "function handler(e) { for (var i = 0; i < 30; i++) console.log('x'.repeat(999));"
        " return e.request; }"
    )
    running.run()
    assert sum(len(line.text) for line in running.log) == 10_240


def test_what_cloudfront_doubts_is_told_once_it_is_loaded(made: Any) -> None:
    running = made("function handler(e) { var {request} = e; return request; }")
    (line,) = running.log
    assert "fn.js:1:27: SyntaxError: Token" in line.text


THROWN: list[tuple[str, str, str]] = [
    ("function handler(e) {\n  return e.request.x.y;\n}", "cannot read property 'y'", "fn.js:2:10"),
    ("function handler(e) { throw new Error('no'); }", "Error: no", "fn.js:1:"),
    ("function handler(e) { throw 'text'; }", "text", ""),
    ("function f() {\n  g();\n}\nfunction handler(e) { f(); }", "g is not defined", "fn.js:2:3"),
    ("async function handler(e) {\n  null.x;\n}", "cannot read property 'x'", "fn.js:2:3"),
    ("var a = null.b;\nfunction handler(e) {}", "cannot read property 'b'", "fn.js:1:"),
    ("function handler(e) { return handler(e) + 1; }", "call stack", "fn.js:1:"),
    ("function handler(e) { e.self = e; return e; }", "circular", ""),
    (
        "function handler(e) { var f = 'eval'; return globalThis[f]('1'); }",
        "eval is not",
        "fn.js:1",
    ),
    ("function handler(e) { return handler.constructor('1')(); }", "dynamic code", "fn.js:1:"),
    ("async function handler(e) { return new Promise(() => {}); }", "never settled", ""),
    ("function handler(e) { return require('f' + 's'); }", 'Cannot find module "fs"', "fn.js:1:"),
]


@pytest.mark.parametrize(("code", "what", "place"), THROWN)
def test_what_is_thrown_says_where(made: Any, code: str, what: str, place: str) -> None:
    running = made(code)
    with pytest.raises(FunctionError) as raised:
        running.run()
    assert what in raised.value.what
    assert place in raised.value.what
    assert (raised.value.code, raised.value.status) == ("FunctionExecutionError", 503)
    assert raised.value.where == "function fn at viewer-request"


ENDLESS = [
    "function handler(e) { while (true) {} }",
    "async function handler(e) { while (true) { await 1; } }",
    "async function handler(e) { await 1; while (true) {} }",
]


@pytest.mark.parametrize("code", ENDLESS)
def test_what_never_ends_is_ended_and_the_next_event_is_served(made: Any, code: str) -> None:
    running = made(
        code.replace("{ ", "{ console.log('in'); if (e.request.uri !== '/') return e.request; ", 1)
    )
    for _ in range(2):
        running.log.clear()
        with pytest.raises(FunctionTimeout) as raised:
            running.run()
        assert (raised.value.status, raised.value.log) == (503, ("in",))
    request = {**EVENT["request"], "uri": "/ok"}  # type: ignore[dict-item]
    assert running.run(request=request).returned["uri"] == "/ok"


def test_memory_is_limited_and_comes_back(made: Any) -> None:
    running = made("""function handler(e) {
      var a = [];
      while (e.request.uri === '/') a.push('x'.repeat(1000) + a.length);
      return e.request;
    }""")
    for _ in range(3):
        with pytest.raises(FunctionError, match="more than the 2 MB"):
            running.run()
        request = {**EVENT["request"], "uri": "/ok"}  # type: ignore[dict-item]
        assert running.run(request=request).returned["uri"] == "/ok"


ODD = [
    ("a\\u001fb", "a\x1fb"),
    ("\\u2028\\u{1f600}", "\u2028\U0001f600"),
    ("a\\u0000b", "a\0b"),
    ("a\\ud800b", "a\ufffdb"),
]


def test_values_with_odd_characters_arrive_as_they_are(made: Any) -> None:
    for written, odd in ODD:
        running = made(
            f"""function handler(e) {{
              e.request.headers.x = {{ value: '{written}' }};
              return e.request;
            }}"""
        )
        assert running.run().returned["headers"] == {"x": {"value": odd}}


SHAPES = [
    "e.request.headers = []", "e.request.headers = 'x'", "e.request.headers = null",
    "delete e.request.headers", "e.request.headers.a = null", "e.request.headers.a = { value: 1 }",
    "e.request.headers.a = { value: '1', multiValue: [] }", "e.request.querystring = 'a=1'",
    "e.request.uri = 7", "e.request.cookies = { a: { value: '1', attributes: 'x' } }",
    "e.request = { statusCode: 200.5 }", "e.request = { statusCode: 200, body: 'x' }",
    "e.request = { statusCode: 200, statusDescription: 'OK', headers: {}, cookies: {} }",
    "e.request = { statusCode: 1e21, statusDescription: 'OK', headers: {}, cookies: {} }",
    "e.request = { statusCode: -200, statusDescription: 'OK', headers: {}, cookies: {} }",
    "e.request.headers = { b: { value: '1' }, a: { value: '2' } }", "e.request = 'x'",
    "e.request = undefined", "e.request.method = undefined",
]  # fmt: skip


@pytest.mark.parametrize("change", SHAPES)
def test_the_short_form_of_a_result_says_what_json_would(made: Any, change: str) -> None:
    """A log line makes the engine write JSON."""
    short = made(f"function handler(e) {{ {change}; return e.request; }}").run().returned
    code = f"function handler(e) {{ console.log(''); {change}; return e.request; }}"
    assert made(code).run().returned == short


PAIRS = {"a": "ü", "j": "[1]", "__proto__": "p"}
KVS = json.dumps({"data": [{"key": key, "value": text} for key, text in PAIRS.items()]})

READS: list[tuple[str, Any]] = [
    ("kvs.get('a')", "ü"),
    ("kvs.get('j', { format: 'json' })", [1]),
    ("kvs.get('a', { format: 'bytes' })", {"type": "Buffer", "data": [195, 188]}),
    ("kvs.get('a', { format: 'string' })", "ü"),
    ("kvs.exists('a')", True),
    ("kvs.exists('toString')", False),
    ("kvs.count()", 3),
    ("kvs.get('__proto__')", "p"),
    ("kvs.get('none').catch((error) => error.message)", "KeyNotFound: the key none was not found"),
    ("kvs.get('a', { format: 'json' }).catch((error) => error.name)", "SyntaxError"),
    ("kvs.get('a', { format: 'xml' }).catch((error) => error.name)", "TypeError"),
    ("cf.kvs('the-id').get('a')", "ü"),
]


@pytest.mark.parametrize(("expression", "expected"), READS)
def test_a_key_value_store(made: Any, expression: str, expected: Any) -> None:
    code = f"""import cf from 'cloudfront';
    const kvs = cf.kvs();
    async function handler(e) {{ const v = await {expression}; return {{ v }}; }}"""
    assert made(code, store=KVS).run().returned == {"v": expected}


def test_half_a_surrogate_pair_breaks_nothing(made: Any) -> None:
    running = made("""function handler(e) {
      console.log('\\ud800');
      if (e.request.uri === '/throw') throw new Error('\\udc00');
      return { statusCode: 200, body: '\\ud800' };
    }""")
    assert running.run().returned["body"] == "\ud800"
    assert [line.text for line in running.log] == ["\ufffd"]
    with pytest.raises(FunctionError, match="Error: \ufffd"):
        running.run(request={**EVENT["request"], "uri": "/throw"})  # type: ignore[dict-item]


@pytest.mark.parametrize("depth", [500, 3000, 100_000])
def test_a_result_however_deep(made: Any, depth: int) -> None:
    running = made(f"""function handler(e) {{
      var a = {{}}, b = a;
      for (var i = 0; i < {depth}; i++) b = b.x = {{}};
      return a;
    }}""")
    if depth == 500:
        assert "x" in running.run().returned
        return
    with pytest.raises(FunctionError):
        running.run()


def test_what_a_store_says_of_itself(made: Any) -> None:
    code = """import cf from 'cloudfront';
    async function handler(e) { const v = await cf.kvs().meta(); return v; }"""
    meta = made(code, store=KVS).run().returned
    assert meta["keyCount"] == 3
    assert meta["creationDateTime"] == meta["lastUpdatedDateTime"]
    assert meta["creationDateTime"].endswith("Z")


@pytest.mark.parametrize(
    ("expression", "store", "what"),
    [
        ("cf.kvs()", "", "no key value store is associated"),
        ("cf.kvs('other')", KVS, "the key value store other is not associated"),
        ("cf.distributionTenant.id", "", "distributionTenant module is not available"),
    ],
)
def test_helpers_that_are_not_there(made: Any, expression: str, store: str, what: str) -> None:
    code = f"import cf from 'cloudfront';\nfunction handler(e) {{ return {expression}; }}"
    running = made(code, store=store)
    with pytest.raises(FunctionError, match=what):
        running.run()


def test_a_tenants_function_reads_its_id_and_parameters(made: Any) -> None:
    code = """import cf from 'cloudfront';
    function handler(e) {
      const tenant = cf.distributionTenant;
      return { id: tenant.id, plan: tenant.parameters.get('plan'),
               none: tenant.parameters.get('toString') === undefined };
    }"""
    helpers = {"distributionTenant": {"id": "dt_1", "parameters": {"plan": "gold"}}}
    returned = made(code).run(helpers=helpers).returned
    assert returned == {"id": "dt_1", "plan": "gold", "none": True}


def test_runtime_1_0_does_not_wait_for_promises(made: Any) -> None:
    code = "function handler(e) { return Promise.resolve(e.request); }"
    assert made(code, "1.0").run().returned == {}


def test_code_or_store_that_cannot_be_had(tmp_path: Path) -> None:
    runtime = CloudFrontJsRuntime(lambda line: None)
    with pytest.raises(FunctionError, match="its code cannot be read"):
        runtime.load(Function("fn", "cloudfront-js-2.0", str(tmp_path / "none.js")))
    with pytest.raises(FunctionError, match="it was never started"):
        runtime.run(AT, EVENT)
    (tmp_path / "fn.js").write_text("function handler(e) { return e; }")
    store = KeyValueStore("s", str(tmp_path / "none.json"))
    code = str(tmp_path / "fn.js")
    with pytest.raises(FunctionError, match=r"none\.json: it cannot be read"):
        runtime.load(Function("fn", "cloudfront-js-2.0", code, key_value_store=store))


def test_the_utilisation_tells_little_from_much(made: Any) -> None:
    def of(loops: int) -> int:
        code = (
            f"function handler(e) {{ for (var i = 0, x = 7; i < {loops}; i++) x = (x * 31 + i) | 0;"
        )
        runtime: CloudFrontJsRuntime = made(f"{code} e.x = x; return e.request; }}").runtime
        return runtime.compute_utilisation(EVENT)

    assert of(10) <= 3
    assert 30 <= of(10_000) <= 70, "half of the loop that stands for the limit"
    assert of(60_000) == 100
