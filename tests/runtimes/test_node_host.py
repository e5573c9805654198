"""What a handler in Node.js meets, and what becomes of what it does; each in a real process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from edgesim.errors import FunctionError, FunctionTimeout
from tests.needed import node_or_skip

from .conftest import Run, Write, processes_of

STYLES = [
    # handler, result up to nodejs22.x, result in nodejs24.x ("" is a refusal), why
    ("async () => ({ a: 1 })", {"a": 1}, {"a": 1}, "async"),
    ("async (event, context) => ({ a: event.n })", {"a": 7}, {"a": 7}, "with its arguments"),
    ("() => Promise.resolve({ a: 1 })", {"a": 1}, {"a": 1}, "a promise"),
    ("() => ({ then: (ok) => setTimeout(ok, 5, { a: 1 }) })", {"a": 1}, {"a": 1}, "a thenable"),
    ("(e, c, callback) => { callback(null, { a: 1 }); }", {"a": 1}, "", "a callback"),
    ("(e, c, callback) => { setTimeout(callback, 5, null, { a: 1 }); }", {"a": 1}, "", "late"),
    ("(e, ...rest) => { rest[1]?.(null, { a: 1 }); }", {"a": 1}, None, "not declared"),
    ("(e, c) => { c.done?.(null, { a: 1 }); }", {"a": 1}, None, "context.done"),
    ("(e, c) => { c.succeed?.({ a: 1 }); }", {"a": 1}, None, "context.succeed"),
    ("() => ({ a: 1 })", None, {"a": 1}, "a plain value is dropped where callbacks are"),
    ("() => {}", None, None, "nothing at all"),
    ("async () => undefined", None, None, "undefined is null"),
    ("async () => () => 1", None, None, "so is a function"),
    ("async () => 'text'", "text", "text", "the edge judges that, not Node.js"),
    ("(e, c, cb) => { cb(null, 1); cb(null, 2); return Promise.resolve(3); }", 1, "", "the first"),
    ("async (e, c, callback) => { callback(null, 1); return 2; }", 1, "", "the callback is first"),
    ("(e, c) => { c.succeed?.(1); throw new Error('x'); }", 1, None, "an error comes too late"),
    ("(e, c, cb) => { setTimeout(() => cb(null, 2), 20); return Promise.resolve(1); }", 1, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("handler", "before", "now", "why"), STYLES, ids=lambda v: str(v)[:40])
async def test_call_styles(node: Run, handler: str, before: Any, now: Any, why: str) -> None:
    source = f"export const handler = {handler};"
    assert await node(source)({"n": 7}) == before, why
    newest = node(source, runtime="nodejs24.x")
    if now == "":
        with pytest.raises(FunctionError, match="CallbackHandlerDeprecated") as raised:
            await newest()
        assert raised.value.hint
    elif "throw" in handler:
        with pytest.raises(FunctionError, match=": x "):
            await newest()
    else:
        assert await newest({"n": 7}) == now, why


FAILURES = [
    # handler, what is said, why
    ("async () => { throw new TypeError('no'); }", "TypeError: no (", "it rejects"),
    ("() => { throw new Error('no'); }", "Error: no (", "it throws"),
    ("async () => null.cf", "TypeError: Cannot read properties of null", "as Node.js says it"),
    ("async () => { throw 'text'; }", "string: text", "a string is no error, but thrown"),
    ("async () => { throw undefined; }", "undefined: undefined", "nor is this"),
    ("async () => { throw { a: 1 }; }", "object: [object Object]", "nor an object"),
    ("async () => { throw Object.create(null); }", "object", "which may have no string"),
    ("(e, c, callback) => { callback(new Error('no')); }", "Error: no (", "callback(err)"),
    ("(e, c, callback) => { callback('no'); }", "string: no", "not even an Error"),
    ("(e, c) => { c.fail(new Error('no')); }", "Error: no (", "context.fail"),
    ("(e, c) => { c.fail(); }", "string: handled", "as Lambda calls it"),
    ("(e, c) => { c.done(new Error('no')); }", "Error: no (", "context.done"),
    ("async () => JSON.parse('{')", "SyntaxError: ", "no syntax error of the module's"),
    ("async () => { const a = {}; a.a = a; return a; }", "JSONStringifyError: Unable", "a cycle"),
    ("async () => ({ a: 1n })", "Do not know how to serialize a BigInt", "no JSON"),
    ("async () => 'x'.repeat(7_000_000)", "6291456 bytes", "Lambda's limit"),
    ("() => new Promise(() => {})", None, "not declared async: it counts as a null"),
    ("async () => { await new Promise(() => {}); }", "Runtime.NodeJsExit", "it never settles"),
]


@pytest.mark.parametrize(("handler", "what", "why"), FAILURES, ids=lambda v: str(v)[:40])
async def test_a_failure_costs_its_request_and_not_the_process(
    node: Run, handler: str, what: str | None, why: str
) -> None:
    fn = node(
        f"const bad = {handler};\n"
        "export const handler = (event, context, callback) =>"
        " event.ok ? callback(null, process.pid) : bad(event, context, callback);\n"
        "export const waiting = async (event) => event.ok ? process.pid : bad();",
        handler="index.waiting" if "=> { await" in handler else "index.handler",
    )
    pid = await fn({"ok": 1})
    if what is None:
        assert await fn() is None, why
    else:
        with pytest.raises(FunctionError) as raised:
            await fn()
        error = raised.value
        assert what in error.what, why
        assert error.where == "function fn at viewer-request"
        assert error.status == 503
        if what.endswith("("):
            assert re.search(r"/fn/index\.mjs:1\)$", error.what), "file and line"
        assert any("\tERROR\tInvoke Error \t{" in line for line in error.log)
    assert await fn({"ok": 1}) == pid


FATAL = [
    ("Promise.reject(new Error('no'))", "Runtime.UnhandledPromiseRejection: Error: no", "at once"),
    ("setTimeout(() => Promise.reject(1)), await new Promise((ok) => setTimeout(ok, 200))",
     "Runtime.UnhandledPromiseRejection: 1", "later"),
    ("setTimeout(() => { throw new TypeError('no'); }), await new Promise(() => {})",
     "TypeError: no (", "an exception that nobody could catch"),
    ("process.exit(3)", "Runtime.ExitError: exit status 3", "it exits"),
    ("process.exit()", "Runtime.ExitError: exit status 0", "it exits politely"),
    ("process.kill(process.pid, 'SIGKILL')", "signal: killed", "it kills itself"),
    ("process.abort()", "signal: aborted", "it crashes"),
]  # fmt: skip


def core_files(folder: Path) -> list[Path]:
    return list(folder.glob("core*"))


@pytest.mark.parametrize(("does", "what", "why"), FATAL, ids=lambda v: str(v)[:40])
async def test_what_nothing_survives_costs_one_request(
    node: Run, does: str, what: str, why: str
) -> None:
    source = f"""
        export const handler = async (event) => {{
          if (event.die) {{ {does}; }}
          return process.pid;
        }};
    """
    fn = node(source, limit=1)
    first = await fn()
    outcomes = await asyncio.gather(fn({"die": 1}), fn(), return_exceptions=True)
    assert what in str(outcomes[0]), why
    assert isinstance(outcomes[1], int)
    assert outcomes[1] != first, "another process"
    assert core_files(Path(fn.pool._host.folder)) == []


LOADING = [
    # file, code, what is said, its line, why
    ("index.mjs", "const a = 1;\nconst b = (;", "Runtime.UserCodeSyntaxError", 2, "ES module"),
    ("index.js", "const a = 1;\nconst b = (;", "Runtime.UserCodeSyntaxError", 2, "CommonJS"),
    ("index.js", "\nimport a from 'b';", "outside a module", 2, "an ES module by another name"),
    ("index.mjs", "\nimport { a } from './b.mjs';", "export named 'a'", 2, "no such export"),
    ("index.mjs", "\nimport './c.mjs';", "Runtime.UserCodeSyntaxError", 3, "in another file"),
    ("index.mjs", "\nimport a from 'nowhere';", "Runtime.ImportModuleError", 2, "no package"),
    ("index.js", "\nrequire('nowhere');", "Runtime.ImportModuleError", 2, "no package"),
    ("index.mjs", "\nimport './nowhere.mjs';", "Runtime.ImportModuleError", 2, "no file"),
    ("index.mjs", "\n\nthrow new Error('no');", "Error: no", 3, "it throws while imported"),
    ("index.mjs", "\n\nawait Promise.reject(new Error('no'));", "Error: no", 3, "it rejects"),
    ("index.mjs", "\nJSON.parse('{');\n", "SyntaxError: ", 2, "no syntax error of the module's"),
    ("index.mjs", "setTimeout(() => { throw Error('no') }); await new Promise(() => {})",
     "Error: no", 1, "while it waits"),
    ("index.mjs", "Promise.reject(Error('no')); await new Promise((ok) => setTimeout(ok, 99));",
     "Runtime.UnhandledPromiseRejection", 1, "nobody handles it"),
    ("index.mjs", "await new Promise(() => {});", "Runtime.ExitError", 0, "it never settles"),
    ("index.mjs", "process.exit(4);", "Runtime.ExitError: exit status 4", 0, "it exits"),
    ("index.mjs", "export const handle = 1;", "Runtime.HandlerNotFound", 1, "another name"),
    ("index.mjs", "export const handler = 1;", "index.handler is not a function", 1, "a number"),
    ("index.mjs", "export default { handler() {} };", "Runtime.HandlerNotFound", 1, "not itself"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "code", "what", "line", "why"), LOADING)
async def test_starting_names_the_line(
    node: Run, write: Write, file: str, code: str, what: str, line: int, why: str
) -> None:
    write("export const b = 1;", "b.mjs")
    write("\n\nconst a = ;", "c.mjs")
    fn = node(code, file=file)
    with pytest.raises(FunctionError) as raised:
        await fn.pool.start()
    error = raised.value
    assert what in error.what, why
    place = "c.mjs" if "c.mjs" in code else file
    assert not line or error.what.endswith(f"/fn/{place}:{line})"), why
    assert error.where == "function fn"
    assert "\n" not in error.what
    assert fn.pool.size == 0


HINTS = [
    ("import '@aws-sdk/client-s3';", "npm install @aws-sdk/client-s3 beside the code"),
    ("import '@aws-sdk/client-s3/dist/x.js';", "npm install @aws-sdk/client-s3 beside the code"),
    ("import 'aws-sdk';", "npm install aws-sdk beside the code"),
    ("import 'lodash';", "as in the archive that is deployed: npm install"),
    ("import './other';", "names the file whole"),
]


@pytest.mark.parametrize(("code", "hint"), HINTS)
async def test_what_is_missing_has_a_hint(node: Run, code: str, hint: str) -> None:
    with pytest.raises(FunctionError, match="ImportModuleError") as raised:
        await node(code)()
    assert hint in raised.value.hint


FILES = [
    # files, handler, what it returns, why
    ({"index.js": "exports.handler = async () => 'js'"}, "index.handler", "js", "CommonJS"),
    ({"index.mjs": "export const handler = async () => 'mjs'"}, "index.handler", "mjs", "ES"),
    ({"index.cjs": "exports.handler = async () => 'cjs'"}, "index.handler", "cjs", "CommonJS"),
    ({"index.js": "export const handler = async () => 'esm'",
      "package.json": '{"type": "module"}'}, "index.handler", "esm", "package.json says so"),
    ({"index.mjs": "export const handler = async () => 'mjs'",
      "index.js": "exports.handler = async () => 'js'"}, "index.handler", "js", ".js comes first"),
    ({"index": "exports.handler = async () => 'exact'",
      "index.js": "exports.handler = async () => 'js'"}, "index.handler", "exact", "exact name"),
    ({"src/app.mjs": "export const on = { request: async () => 'deep' }"}, "src/app.on.request",
     "deep", "in a folder, and a path of exports"),
    ({"a.mjs": "export default async () => 'default'"}, "a.default", "default", "the default"),
    ({"index.mjs": "import n from 'pkg'; export const handler = async () => n",
      "node_modules/pkg/index.js": "module.exports = 'vendored'",
      "node_modules/pkg/package.json": '{"main": "index.js"}'}, "index.handler", "vendored", "ES"),
    ({"index.js": "exports.handler = async () => require('pkg')",
      "node_modules/pkg.js": "module.exports = 'vendored'"}, "index.handler", "vendored", "CJS"),
    ({"index.js": "exports.handler = async () => require('./other')",
      "other.js": "module.exports = 'beside'"}, "index.handler", "beside", "beside it"),
    ({"node_modules/pkg.js": "exports.handler = async () => 'package'"}, "pkg.handler", "package",
     "at last a package"),
    ({"index.js": "exports.handler = async () => process.cwd() === __dirname"}, "index.handler",
     True, "it runs in its folder"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "handler", "result", "why"), FILES)
async def test_where_a_handler_is(
    node: Run, write: Write, files: dict[str, str], handler: str, result: Any, why: str
) -> None:
    for file, text in files.items():
        write(text, file)
    assert await node("", file="unused.txt", handler=handler)() == result, why


HANDLERS = [
    ("index", "Runtime.MalformedHandlerName", "no dot"),
    ("../fn/index.handler", "Runtime.MalformedHandlerName", "not out of the folder"),
    ("elsewhere.handler", "Cannot find module 'elsewhere'", "no such file"),
]


@pytest.mark.parametrize(("handler", "what", "why"), HANDLERS)
async def test_handlers_that_name_nothing(node: Run, handler: str, what: str, why: str) -> None:
    with pytest.raises(FunctionError) as raised:
        await node("export const handler = async () => 1", handler=handler)()
    assert what in raised.value.what, why
    assert raised.value.hint


@pytest.mark.parametrize("file", ["ab.js", "ab.mjs", "ab.test.mjs"])
async def test_a_file_is_the_module_of_its_own_name(node: Run, write: Write, file: str) -> None:
    write("exports.run = async () => 'another'", "ab.cjs")
    exported = "export const on =" if file.endswith(".mjs") else "exports.on ="
    function = write(f"{exported} {{ run: async () => 'ran' }}", file)
    fn = node("", file="unused.txt", code=f"{function.code}/{file}", handler="index.on.run")
    assert await fn() == "ran"


async def test_a_folder_behind_a_link_is_named_as_it_was(node: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "fn", target_is_directory=True)
    fn = node("\nthrow new Error('no')", code=str(tmp_path / "link"))
    with pytest.raises(FunctionError, match=r"/link/index\.mjs:2\)"):
        await fn()


async def test_types_are_stripped_where_node_can(node: Run, write: Write) -> None:
    write('{"type": "module"}', "package.json")
    fn = node(
        "export const handler = async (event: { n: number }): Promise<number> => event.n;",
        file="index.ts",
        runtime="nodejs24.x",
    )
    major, minor = map(int, node_or_skip().version.split(".")[:2])
    if (major, minor) >= (22, 18):
        assert await fn({"n": 3}) == 3
    else:
        with pytest.raises(FunctionError, match=r"cannot run index\.ts") as raised:
            await fn()
        assert "install Node.js 24" in raised.value.hint


async def test_a_callback_waits_for_an_empty_event_loop_unless_told_otherwise(node: Run) -> None:
    source = """
        export const handler = (event, context, callback) => {
          let late = false;
          setTimeout(() => { late = true; }, 50);
          context.callbackWaitsForEmptyEventLoop = event.waits;
          callback(null, { toJSON: () => late });
        };
    """
    fn = node(source)
    assert await fn({"waits": True}) is True
    assert await fn({"waits": False}) is False


async def test_a_loop_that_never_empties_runs_into_the_limit(node: Run) -> None:
    source = """
        export const handler = (event, context, callback) => {
          setInterval(() => {}, 10);
          callback(null, 1);
        };
    """
    with pytest.raises(FunctionTimeout):
        await node(source, timeout_s=0.5)()


async def test_a_busy_loop_is_killed(node: Run) -> None:
    fn = node("export const handler = (event) => { while (event.busy); return 1; }", timeout_s=0.5)
    assert await fn() is None
    with pytest.raises(FunctionTimeout):
        await fn({"busy": 1})
    assert fn.pool.size == 0


CONTEXT = """
    export const handler = async (event, context) => {
      const { getRemainingTimeInMillis, ...rest } = context;
      return { ...rest, remaining: getRemainingTimeInMillis(), names: Object.keys(context) };
    };
"""


async def test_the_context_is_lambdas(node: Run) -> None:
    fn = node(CONTEXT, timeout_s=2.0)
    shown, again = await fn(), await fn()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown["awsRequestId"])
    assert shown["awsRequestId"] != again["awsRequestId"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[1\][0-9a-f]{32}", shown["logStreamName"])
    assert 1000 < shown["remaining"] <= 2000
    expected = {
        "functionName": "us-east-1.fn",
        "functionVersion": "1",
        "invokedFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:fn:1",
        "memoryLimitInMB": "128",
        "logGroupName": "/aws/lambda/us-east-1.fn",
        "callbackWaitsForEmptyEventLoop": True,
    }
    assert expected.items() <= shown.items()
    assert {"identity", "clientContext", "done", "fail", "succeed"} <= set(shown["names"])
    newest = await node(CONTEXT, runtime="nodejs24.x")()
    old = {"done", "fail", "succeed", "callbackWaitsForEmptyEventLoop"}
    assert set(shown["names"]) - set(newest["names"]) == old


async def test_the_environment_is_the_reserved_variables_and_nothing_else(
    node: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "the-developers-own")
    monkeypatch.setenv("NODE_OPTIONS", "--no-such-option")
    fn = node("export const handler = async () => ({ env: process.env, argv: process.argv })")
    seen = await fn()
    expected = dict(fn.pool._host.variables)
    seen["env"].pop("LC_CTYPE", None)  # Python's own, of the program that starts Node.js
    seen["env"].pop("AWS_LAMBDA_LOG_STREAM_NAME")
    assert seen["env"] == expected
    assert expected["NODE_PATH"].endswith(f":/var/runtime:{fn.pool._host.folder}")
    assert expected["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs22.x"
    assert len(seen["argv"]) == 2


async def test_everything_said_arrives_in_order(node: Run) -> None:
    source = """
        console.log("loading");
        export const handler = async (event) => {
          console.log("one %d", event.n, { a: 1 });
          process.stdout.write("two\\n");
          console.error("three");
          process.stderr.write("fo");
          process.stderr.write("ur\\n");
          for (const level of ["info", "warn", "debug", "trace"]) console[level](level);
          console.log("a\\nb");
          console.dir({ five: 5 });
          process.stdout.write("six");
          return {};
        };
    """
    fn = node(source)
    await fn({"n": 3})
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t([0-9a-f-]{36}|undefined)\t(\w+\t.*)"
    told = [re.fullmatch(form, text) for text in fn.texts]
    shown = [match[2] if match else text for match, text in zip(told, fn.texts, strict=True)]
    assert shown == [
        "INFO\tloading", "INFO\tone 3 { a: 1 }", "two", "ERROR\tthree", "four", "INFO\tinfo",
        "WARN\twarn", "DEBUG\tdebug", "TRACE\ttrace", "INFO\ta", "b", "{ five: 5 }", "six",
    ]  # fmt: skip
    assert told[0] is not None
    assert told[0][1] == "undefined", "as on Lambda, before the first event"
    assert told[1] is not None
    assert {line.request_id for line in fn.said[1:]} == {told[1][1]}


async def test_what_is_said_last_is_not_lost(node: Run) -> None:
    source = """
        import fs from "node:fs";
        import { execSync } from "node:child_process";
        export const handler = async () => {
          fs.writeSync(1, "raw\\n");
          execSync("echo from a program", { stdio: "inherit" });
          for (let n = 0; n < 20_000; n++) console.log(n);
          process.stdout.write("x".repeat(200_000));
          process.exit(1);
        };
    """
    fn = node(source)
    with pytest.raises(FunctionError, match="exit status 1"):
        await fn()
    raw = [text for text in fn.texts if text in ("raw", "from a program")]
    assert raw == ["raw", "from a program"]
    said = [text for text in fn.texts if text not in raw]
    assert [text.rpartition("\t")[2] for text in said[:20_000]] == [str(n) for n in range(20_000)]
    assert "".join(said[20_000:]) == "x" * 200_000


async def test_an_error_is_logged_as_lambda_logs_it(node: Run) -> None:
    fn = node("\nexport const handler = async () => { throw new RangeError('no'); }")
    with pytest.raises(FunctionError):
        await fn()
    _, _, level, title, told = fn.texts[-1].split("\t")
    assert (level, title) == ("ERROR", "Invoke Error ")
    error = json.loads(told)
    assert (error["errorType"], error["errorMessage"]) == ("RangeError", "no")
    assert error["stack"][0] == "RangeError: no"
    assert len(error["stack"]) == 2, "the user's frames and no others"
    assert "/fn/index.mjs:2:" in error["stack"][1]


async def test_a_large_event_in_pieces_and_a_result_of_any_text(node: Run) -> None:
    fn = node("export const handler = async (event) => event")
    event = {"body": "é\u2028\U0001f600" * 300_000}
    assert await fn(event) == event


async def test_the_module_is_loaded_once_and_stays(node: Run) -> None:
    fn = node("const n = []; export const handler = async (e) => { n.push(e.n); return n; };")
    assert [await fn({"n": n}) for n in range(3)] == [[0], [0, 1], [0, 1, 2]]


ORPHANS = """
import asyncio, os, sys
from edgesim.cloudfront.function import Function, Trigger
from edgesim.runtimes.node import node_host
from edgesim.runtimes.pool import Pool

async def main():
    host = node_host(Function("fn", "nodejs22.x", sys.argv[1]))
    pool = Pool(host, lambda line: os._exit(0))
    await pool.invoke(Trigger.VIEWER_REQUEST, {})

asyncio.run(main())
"""
ENDS = [
    ("await new Promise((ok) => setTimeout(ok, 60_000))", True),
    ("while (true);", sys.platform == "linux"),
]


@pytest.mark.parametrize(("does", "dies"), ENDS)
def test_a_process_dies_with_edgesim_even_while_it_runs(
    write: Write, tmp_path: Path, does: str, dies: bool
) -> None:
    node_or_skip()
    source = f"export const handler = async () => {{ console.log('here'); {does}; }}"
    code = write(source, "index.mjs").code
    subprocess.run([sys.executable, "-c", ORPHANS, code], check=True, timeout=20)
    deadline = time.monotonic() + 5
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.001)
    left = processes_of(tmp_path)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert bool(left) is not dies
