"""crypto, querystring and Buffer of CloudFront Functions, held against those of Node.js."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from edgesim.runtimes.js_context import JsContext
from tests.needed import node_or_skip

EVENT = {"version": "1.0", "context": {"eventType": "viewer-request"}}

LONG = "'x'.repeat(200)"
TEXTS = ["''", "'abc'", "'grün €'", "'\\u{1f600}'", "'a'.repeat(55)", "'a'.repeat(56)", LONG]
WORDS = "'the quick brown fox'"

HASHES = [
    f"crypto.create{kind}.update({text}).digest('{coding}')"
    for text in TEXTS
    for kind in (
        "Hash('md5')",
        "Hash('sha1')",
        "Hash('sha256')",
        "Hmac('md5', 'key')",
        f"Hmac('sha1', {LONG})",
        "Hmac('sha256', 'k€y')",
    )
    for coding in ("hex", "base64", "base64url")
]
MORE_CRYPTO = [
    "crypto.createHash('sha256').update('a').update('b').digest('hex')",
    "crypto.createHash('md5').update(Buffer.from([0, 255, 128])).digest('hex')",
    "crypto.createHash('sha1').update('616263', 'hex').digest('hex')",
    "crypto.createHmac('sha256', Buffer.from('key')).update(new Uint8Array([1, 2])).digest('hex')",
    "crypto.createHash('sha256').update('').digest().length",
    "Buffer.isBuffer(crypto.createHash('sha256').update('').digest())",
]
QUERIES = [
    "'a=1&b=2'", "''", "'a=1&a=2&a=3'", "'a'", "'=1'", "'a=%20+b'", "'a=%zz'", "'a=%C3%BC&b=%c3'",
    "'&&a=1&&'", "'a=b=c'", "'%E2%82%AC=1'", "'a=1;b=2', ';'", "'a:1&b:2', '&', ':'",
    "'a=1&b=2&c=3', null, null, { maxKeys: 2 }", "'__proto__=1&toString=2'",
    "'a=1', null, null, { decodeURIComponent: (s) => s + '!' }",
]  # fmt: skip
OBJECTS = [
    "{ a: 1, b: 'x y' }", "{ a: ['1', 2, true] }", "{ a: null, b: undefined, c: NaN }", "{}",
    "{ 'ü': '€&=' }", "{ a: 1, b: 2 }, ';'", "{ a: 1, b: 2 }, '&', ':'", "{ a: [] }",
    "{ a: 'x' }, null, null, { encodeURIComponent: (s) => '<' + s + '>' }",
]  # fmt: skip
QUERYSTRING = [
    *(f"Object.assign({{}}, qs.parse({query}))" for query in QUERIES),
    *(f"qs.stringify({given})" for given in OBJECTS),
    "qs.escape('a b&c/ü!\\'()*~')", "qs.unescape('a%20b%zz%C3')", "qs.unescape('%C3%BC')",
    "Object.assign({}, qs.decode('a=1'))", "qs.encode({ a: 1 })",
]  # fmt: skip
BUFFERS = [
    f"Buffer.from({text}, '{coding}').toString('{back}')"
    for text in ("'grün'", "'00ff7f'", "'0g11'", "'YWJj'", "'YW-_'", "'YW Jj\\nZA=='", "'aGVsbG8'")
    for coding in ("utf8", "hex", "base64", "base64url")
    for back in ("utf8", "hex", "base64", "base64url")
]
MORE_BUFFERS = [
    "Buffer.from([104, 256, -1, 1.9]).toJSON()",
    "Buffer.from('abc').toJSON()",
    "Buffer.alloc(3).toString('hex')",
    "Buffer.alloc(5, 'ab').toString()",
    "Buffer.alloc(4, 'YWI=', 'base64').toString()",
    "Buffer.alloc(2, 7).toString('hex')",
    "Buffer.allocUnsafe(4).length",
    "Buffer.byteLength('grün')",
    "Buffer.byteLength('00ff', 'hex')",
    "Buffer.compare(Buffer.from('a'), Buffer.from('b'))",
    "Buffer.concat([Buffer.from('a'), Buffer.from('bc')]).toString()",
    "Buffer.concat([Buffer.from('a'), Buffer.from('bc')], 2).toString()",
    "Buffer.concat([Buffer.from('a')], 3).toString('hex')",
    "[Buffer.isBuffer(Buffer.from('')), Buffer.isBuffer(new Uint8Array(1))]",
    "['utf8', 'UTF-8', 'hex', 'base64', 'base64url', 'nope'].map(Buffer.isEncoding)",
    "Buffer.from('abcd').compare(Buffer.from('xbcx'), 1, 3, 1, 3)",
    "[Buffer.from('a').equals(Buffer.from('a')), Buffer.from('a').equals(Buffer.from('b'))]",
    "Buffer.from('abcdef').subarray(1, 3).toString()",
    "Buffer.from('abcdef').subarray(-2).toString()",
    "Buffer.from('abcdef').toString('utf8', 1, 3)",
    "(() => { var a = Buffer.from('abc'), b = a.subarray(1); b[0] = 120; return String(a); })()",
    "(() => { var b = Buffer.alloc(4); return [Buffer.from('abcdef').copy(b, 1, 2), b[1]]; })()",
    "Buffer.alloc(6).fill('abc').toString()",
    "Buffer.alloc(6).fill('z', 2, 4).toString('hex')",
    "Buffer.alloc(6).fill(258).toString('hex')",
    "(() => { var b = Buffer.alloc(5); return [b.write('grün', 1), b.toString('hex')]; })()",
    "(() => { var b = Buffer.alloc(3); return [b.write('€€'), b.toString('hex')]; })()",
    "(() => { var b = Buffer.alloc(4); return [b.write('grü', 1, 3), b.toString('hex')]; })()",
    "(() => { var b = Buffer.alloc(4); return [b.write('ff00', 1, 'hex'), b.toString('hex')]; })()",
    "Buffer.from([1, 2, 3, 4]).swap16().toString('hex')",
    "Buffer.from([1, 2, 3, 4]).swap32().toString('hex')",
    "Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).swap64().toString('hex')",
    "JSON.stringify({ a: Buffer.from('x') })",
    "String(Buffer.from('abc'))",
    "Buffer.from(Buffer.from('abc').toJSON()).toString()",
    "Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1, 2).toString('hex')",
    "Buffer.from(new Uint16Array([1, 258])).toString('hex')",
    "Buffer.from([0xe2, 0x82, 0x41, 0xff, 0xf0, 0x9f, 0x98]).toString()",
]
SEARCHES = [
    f"Buffer.from({WORDS}).{method}({what})"
    for method in ("indexOf", "lastIndexOf", "includes")
    for what in (
        "'o'", "'fox'", "'none'", "'o', 13", "'o', -4", "'o', -100", "'o', 100", "111",
        "Buffer.from('quick')", "'6f', 'hex'", "''", "'o', undefined", "'the', 0", "'x', 18",
    )
]  # fmt: skip
NUMBERS = [
    *(
        f"Buffer.from([0x81, 2, 0x83, 4, 0x85, 6, 0x87, 8]).{method}"
        for method in (
            "readInt8(0)", "readUInt8(2)", "readInt16LE(0)", "readInt16BE(0)", "readUInt16LE(1)",
            "readUInt16BE(1)", "readInt32LE(0)", "readInt32BE(0)", "readUInt32LE(2)",
            "readUInt32BE(2)", "readFloatLE(0)", "readFloatBE(0)", "readDoubleLE(0)",
            "readDoubleBE(0)", "readIntLE(0, 3)", "readIntBE(0, 3)", "readUIntLE(0, 6)",
            "readUIntBE(0, 6)", "readIntBE(2, 6)", "readIntLE(2, 1)",
        )
    ),
    *(
        f"(() => {{ var b = Buffer.alloc(8); return [b.{method}, b.toString('hex')]; }})()"
        for method in (
            "writeInt8(-1, 1)", "writeUInt8(255)", "writeInt16LE(-2, 1)", "writeInt16BE(-2, 1)",
            "writeUInt16LE(65534, 2)", "writeUInt16BE(65534, 2)", "writeInt32LE(-3)",
            "writeInt32BE(-3)", "writeUInt32LE(4000000000, 4)", "writeUInt32BE(4000000000, 4)",
            "writeFloatLE(1.5, 1)", "writeFloatBE(1.5, 1)", "writeDoubleLE(1.1)",
            "writeDoubleBE(1.1)", "writeIntLE(-5, 1, 3)", "writeIntBE(-5, 1, 3)",
            "writeUIntLE(0x123456789a, 0, 6)", "writeUIntBE(0x123456789a, 0, 6)",
        )
    ),
]  # fmt: skip
CODING = [
    "Array.prototype.slice.call(new TextEncoder().encode('grün €\\u{1f600}'))",
    "Object.assign({}, new TextEncoder().encodeInto('a€b', new Uint8Array(3)))",
    "new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))",
    "new TextDecoder('utf8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf]))",
    "new TextDecoder().decode(new Uint8Array([0x61, 0xff, 0xc3, 0xe2, 0x82, 0x62]))",
    "new TextDecoder().decode(new Uint8Array([0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x80]))",
    "[btoa('abc'), atob('YWJj')]",
]
THROWS = [
    "crypto.createHash('sha512x')",
    "(() => { var h = crypto.createHash('md5'); h.digest(); h.update('a'); })()",
    "(() => { var h = crypto.createHash('md5'); h.digest(); h.digest(); })()",
    "crypto.createHash('md5').update(1)",
    "Buffer.from(5)",
    "Buffer.from(undefined)",
    "Buffer.alloc('5')",
    "Buffer.alloc(-1)",
    "Buffer.from('abc').readInt8(3)",
    "Buffer.from('abc').readInt32LE(0)",
    "Buffer.from('abc').readUIntBE(0, 7)",
    "Buffer.alloc(1).writeUInt8(256)",
    "Buffer.alloc(1).writeInt8(-129)",
    "Buffer.from('abc').swap16()",
    "Buffer.from('abc').toString('nope')",
    "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))",
    "new TextDecoder('nope')",
]

EXPRESSIONS = [
    *HASHES, *MORE_CRYPTO, *QUERYSTRING, *BUFFERS, *MORE_BUFFERS, *SEARCHES, *NUMBERS, *CODING,
]  # fmt: skip


def in_node(expressions: list[str]) -> list[Any]:
    """What Node.js makes of each; an error becomes "thrown"."""
    thunks = ",".join(f"() => ({one})" for one in expressions)
    script = f"""const crypto = require('crypto'), qs = require('querystring');
    const out = [{thunks}].map((f) => {{ try {{ return f(); }} catch (e) {{ return 'thrown'; }} }});
    process.stdout.write(JSON.stringify(out));"""
    node = node_or_skip().program
    ran = subprocess.run([node, "-e", script], capture_output=True, check=True, timeout=60)
    found: list[Any] = json.loads(ran.stdout)
    return found


@pytest.fixture(scope="module")
def here() -> Callable[[str], Any]:
    """What a CloudFront Function makes of an expression."""
    every = [*EXPRESSIONS, *THROWS]
    thunks = ",".join(f"() => ({one})" for one in every)
    script = f"""const crypto = $i('crypto'), qs = $i('querystring');
    const thunks = [{thunks}];
    function handler(event) {{
      try {{
        return {{ value: thunks[event.request.index]() }};
      }} catch (e) {{
        return {{ value: 'thrown' }};
      }}
    }}"""
    context = JsContext(script, "2.0")

    def made(expression: str) -> Any:
        request = {"index": every.index(expression)}
        outcome = context.run({**EVENT, "request": request}, 0.0, 1)
        assert outcome.thrown is None, outcome.thrown
        assert isinstance(outcome.returned, dict)
        return outcome.returned.get("value")

    return made


@pytest.fixture(scope="module")
def there() -> dict[str, Any]:
    every = [*EXPRESSIONS, *THROWS]
    return dict(zip(every, in_node(every), strict=True))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_as_in_node(here: Callable[[str], Any], there: dict[str, Any], expression: str) -> None:
    assert there[expression] != "thrown"
    assert here(expression) == there[expression]


@pytest.mark.parametrize("expression", THROWS)
def test_throws_as_in_node(
    here: Callable[[str], Any], there: dict[str, Any], expression: str
) -> None:
    assert there[expression] == "thrown"
    assert here(expression) == "thrown"
