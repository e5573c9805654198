from __future__ import annotations

import pytest

from edgesim.cloudfront import function_syntax as rows
from edgesim.cloudfront.rule_book import Rule
from edgesim.runtimes.js_source import script_of

HANDLER = "function handler(event) { return event.request; }"

BOTH, OLD, NEW = ("1.0", "2.0"), ("1.0",), ("2.0",)

BROKEN: list[tuple[Rule, tuple[str, ...], str, int, int]] = [
    (rows.FOR_OF, BOTH, "for (var x of []) {}", 1, 1),
    (rows.CATCH, BOTH, "try {} catch {}", 1, 8),
    (rows.OPTIONAL_CHAIN, BOTH, "var a = {};\nvar b = a?.b;", 2, 10),
    (rows.ARRAY_PATTERN, BOTH, "var [a] = [1];", 1, 5),
    (rows.OBJECT_PATTERN, BOTH, "var {a} = {};", 1, 5),
    (rows.SPREAD, BOTH, "var a = [...[]];", 1, 10),
    (rows.SPREAD, BOTH, "var a = {...{}};", 1, 10),
    (rows.DEFAULT, BOTH, "function f(a = 1) {}", 1, 12),
    (rows.CLASS, BOTH, "class A {}", 1, 1),
    (rows.GENERATOR, BOTH, "function* f() {}", 1, 1),
    (rows.NULLISH, BOTH, "var a = 1 ?? 2;", 1, 11),
    (rows.NULLISH, BOTH, "var a; a ||= 2;", 1, 10),
    (rows.LOOK_BEHIND, BOTH, "var a = /(?<=x)y/;", 1, 10),
    (rows.LOOK_BEHIND, BOTH, "var a = /(?<!x)y/;", 1, 10),
    (rows.LOG_ARGUMENTS, BOTH, "console.log('a', 'b');", 1, 1),
    (rows.MISSING, BOTH, "setTimeout(handler, 1);", 1, 1),
    (rows.MISSING, BOTH, "fetch('/');", 1, 1),
    (rows.MISSING, BOTH, "process.exit();", 1, 1),
    (rows.REQUIRE, BOTH, "var fs = require('fs');", 1, 10),
    (rows.DYNAMIC, BOTH, "eval('1');", 1, 1),
    (rows.DYNAMIC, BOTH, "new Function('1');", 1, 1),
    (rows.EXPORT, BOTH, "export default 1;", 1, 1),
    (rows.RETURN, BOTH, "return 1;", 1, 1),
    (rows.CONST_1_0, OLD, "const a = 1;", 1, 1),
    (rows.CONST_1_0, OLD, "for (var i = 0; i < 1; i++) { let a = 1; }", 1, 31),
    (rows.ASYNC_1_0, OLD, "async function f() {}", 1, 1),
    (rows.SEPARATOR_1_0, OLD, "var a = 1_000;", 1, 9),
    (rows.IMPORT, OLD, "import cf from 'cloudfront';", 1, 1),
    (rows.IMPORT, NEW, "import fs from 'fs';", 1, 1),
    (rows.IMPORT, NEW, "import { createHash } from 'crypto';", 1, 1),
    (rows.IMPORT, NEW, "import * as crypto from 'crypto';", 1, 1),
    (rows.AWAIT_TOP, NEW, "await 1;", 1, 1),
    (rows.AWAIT_TOP, NEW, "function f() { return [1].map((x) => await x); }", 1, 38),
    (rows.AWAIT_ARGUMENT, NEW, "async function f(k) { return JSON.parse(await k); }", 1, 41),
    (rows.AWAIT_ARGUMENT, NEW, "async function f(k) { g(1 + (await k)); }", 1, 30),
    (rows.SYNTAX, BOTH, "var a = ;", 1, 9),
]


@pytest.mark.parametrize(
    ("rule", "version", "code", "line", "column"),
    [(rule, one, *rest) for rule, versions, *rest in BROKEN for one in versions],
)
def test_what_cloudfronts_engine_does_not_take(
    rule: Rule, version: str, code: str, line: int, column: int
) -> None:
    script = script_of(f"{code}\n{HANDLER}\n".encode(), version)
    found = [one for one in (*script.mistakes, *script.doubts) if one.rule is rule]
    assert [(one.line, one.column) for one in found] == [(line, column)]
    assert found[0] in (script.doubts if rule.silent else script.mistakes)


BREACHES: dict[Rule, tuple[str, bytes]] = {
    **{rule: (at[-1], f"{code}\n{HANDLER}".encode()) for rule, at, code, *_ in BROKEN},
    rows.SIZE: ("2.0", HANDLER.encode().ljust(10_241)),
    rows.HANDLER: ("2.0", b"function main(event) {}"),
}


@pytest.mark.parametrize(
    ("rule", "breach"), BREACHES.items(), ids=[rule.id for rule in BREACHES]
)  # fmt: skip
def test_breach(rule: Rule, breach: tuple[str, bytes]) -> None:
    """It is this rule that is broken, in a runtime where it holds."""
    version, code = breach
    script = script_of(code, version)
    assert rule in {one.rule for one in (*script.mistakes, *script.doubts)}


def test_every_row_is_broken() -> None:
    assert set(BREACHES) == set(rows.SYNTAX_RULES)


TAKEN: list[tuple[tuple[str, ...], str, str]] = [
    (BOTH, "var f = (a, ...rest) => `${a} ${rest.length}`;", "arrows, rest, templates"),
    (BOTH, "for (var k in {}) {} for (var i = 0; i < 2 ** 3; i++) {}", "loops, powers"),
    (BOTH, "try { null.x; } catch (e) { } finally { }", "catch with its binding"),
    (BOTH, "var crypto = require('crypto'), qs = require('querystring');", "the two modules"),
    (BOTH, "var a = /(?<year>\\d+)-(?=x)/;", "named groups, looking ahead"),
    (BOTH, "var o = { a, get b() { return 1; }, c() {} , ['d']: 1 }; var a;", "object literals"),
    (NEW, "const a = 1; let b = 1_000;", "const, let, separators"),
    (NEW, "async function f(k) { const v = await k; return v; }", "await into a variable"),
    (NEW, "import cf from 'cloudfront';\nimport crypto from \"crypto\";", "default imports"),
]


@pytest.mark.parametrize(("versions", "code", "why"), TAKEN)
def test_what_it_takes(versions: tuple[str, ...], code: str, why: str) -> None:
    for version in versions:
        script = script_of(f"{code}\n{HANDLER}\n".encode(), version)
        assert (script.mistakes, script.doubts) == ((), ()), why


def test_ten_kilobytes_are_allowed() -> None:
    fits = HANDLER.encode().ljust(10_240)
    assert script_of(fits, "2.0").mistakes == ()
    (mistake,) = script_of(fits + b" ", "2.0").mistakes
    assert mistake.rule is rows.SIZE
    assert "10,241 bytes" in mistake.text


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("function handler(event) {}", True),
        ("async function handler(event) {}", True),
        ("var handler = function (event) {};", True),
        ("const handler = async (event) => event.request;", True),
        ("function main(event) {}", False),
        ("function main() { function handler(event) {} }", False),
        ("", False),
    ],
)
def test_the_handler_is_found_by_its_name(code: str, found: bool) -> None:
    rules = [one.rule for one in script_of(code.encode(), "2.0").mistakes]
    assert rules == ([] if found else [rows.HANDLER])


def test_an_import_becomes_a_call_and_no_place_moves() -> None:
    code = f"import cf from 'cloudfront'; var a;\nimport\n  qs\n  from 'querystring';\n{HANDLER}\n"
    made = script_of(code.encode(), "2.0").text
    assert "var cf=$i('cloudfront')" in made
    assert "var qs=$i('querystring')" in made
    assert made.index("var a;") == code.index("var a;")
    assert made.index(HANDLER) == code.index(HANDLER)
    assert made.count("\n") == code.count("\n")


def test_columns_count_characters() -> None:
    code = f"var a = 'grün'; for (var x of a) {{}}\n{HANDLER}"
    (mistake,) = script_of(code.encode(), "2.0").mistakes
    assert (mistake.line, mistake.column) == (1, 17)
    assert mistake.text == 'SyntaxError: Token "of" not supported in this version in 1'
