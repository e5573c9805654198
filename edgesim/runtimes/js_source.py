"""The source of a CloudFront Function: what its engine would refuse, and how ours can run it.

The engine here takes all of today's JavaScript, CloudFront's far less. So the syntax tree is held
against `cloudfront/function_syntax.py` before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from ..cloudfront import function_syntax as rows
from ..cloudfront.rule_book import Rule

MAX_CODE_BYTES = 10 * 1024
"""CloudFront: "Quotas", maximum function size."""

IMPORTABLE = frozenset({"cloudfront", "crypto", "querystring"})
REQUIRABLE = frozenset({"crypto", "querystring"})
ABSENT = frozenset(
    {"fetch", "setInterval", "setTimeout", "setImmediate", "XMLHttpRequest", "structuredClone"}
)

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
_BY_TYPE = {
    "array_pattern": rows.ARRAY_PATTERN,
    "class": rows.CLASS,
    "class_declaration": rows.CLASS,
    "export_statement": rows.EXPORT,
    "generator_function": rows.GENERATOR,
    "generator_function_declaration": rows.GENERATOR,
    "object_pattern": rows.OBJECT_PATTERN,
    "optional_chain": rows.OPTIONAL_CHAIN,
    "spread_element": rows.SPREAD,
    "??": rows.NULLISH,
    "??=": rows.NULLISH,
    "||=": rows.NULLISH,
    "&&=": rows.NULLISH,
}
"""Constructs that are one kind of node, whatever stands around them."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in the code that breaks `rule`; line and column count from 1."""

    rule: Rule
    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """Code that can be run, unless there are mistakes in it.

    `doubts` are what CloudFront probably refuses; it does not say.
    """

    text: str
    mistakes: tuple[Mistake, ...] = ()
    doubts: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the code a node stands."""

    inside: bool = False
    """In a function."""
    asynchronous: bool = False
    """In an async one."""
    argument: bool = False
    """In the arguments of a call of that function."""


def script_of(code: bytes, version: str) -> Script:
    """`code` for runtime `version`: every import made a call of `$i`, every place kept."""
    root = _PARSER.parse(code).root_node
    found = sorted(_found(code, root, version), key=lambda one: (one.line, one.column))
    mistakes = tuple(one for one in found if not one.rule.silent)
    text = code.decode("utf-8", "replace") if mistakes else _with_imports_called(code, root)
    return Script(text, mistakes, tuple(one for one in found if one.rule.silent))


def _found(code: bytes, root: Node, version: str) -> Iterator[Mistake]:
    if len(code) > MAX_CODE_BYTES:
        yield Mistake(rows.SIZE, 1, 1, f"the code has {len(code):,} bytes, 10,240 are allowed")
    old = version == "1.0"
    for node, place in _walk(root, _Place()):
        for rule, said in _broken(node, place, old=old):
            line, column = _position(code, node)
            yield Mistake(rule, line, column, said.replace(" in <line>", f" in {line}"))
    if not root.has_error and not _declares_handler(root):
        yield Mistake(rows.HANDLER, 1, 1, "there is no function named handler")


def _walk(node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
    yield node, place
    if node.type in _FUNCTIONS:
        asynchronous = any(child.type == "async" for child in node.children)
        place = _Place(inside=True, asynchronous=asynchronous)
    elif node.type == "arguments":
        place = _Place(place.inside, place.asynchronous, argument=True)
    for child in node.children:
        yield from _walk(child, place)


def _position(code: bytes, node: Node) -> tuple[int, int]:
    row, column = node.start_point
    begins = node.start_byte - column
    return row + 1, len(code[begins : node.start_byte].decode("utf-8", "replace")) + 1


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _broken(node: Node, place: _Place, *, old: bool) -> Iterator[tuple[Rule, str]]:
    """Each rule that `node` breaks, with what the engine would say of it."""
    kind = node.type
    if kind == "ERROR" or node.is_missing:
        shown = " ".join(_text(node).split())[:30]
        yield rows.SYNTAX, f'SyntaxError: Unexpected token "{shown}" in <line>'
    elif (rule := _BY_TYPE.get(kind)) is not None and (node.is_named or kind != "class"):
        yield rule, f"SyntaxError: {_unsupported(node)}"
    elif kind == "for_in_statement" and _text(node.child_by_field_name("operator")) == "of":
        yield rows.FOR_OF, 'SyntaxError: Token "of" not supported in this version in <line>'
    elif kind == "catch_clause" and node.child_by_field_name("parameter") is None:
        yield rows.CATCH, 'SyntaxError: Token "{" not supported in this version in <line>'
    elif kind == "return_statement" and not place.inside:
        yield rows.RETURN, "SyntaxError: Illegal return statement in <line>"
    elif kind == "await_expression":
        yield from _await(place, old=old)
    elif kind == "import_statement":
        yield from _import(node, old=old)
    elif kind in ("call_expression", "new_expression"):
        yield from _call(node)
    elif kind == "assignment_pattern" and node.parent and node.parent.type == "formal_parameters":
        yield rows.DEFAULT, f"SyntaxError: {_unsupported(node)}"
    elif kind == "regex_pattern" and ("(?<=" in _text(node) or "(?<!" in _text(node)):
        yield rows.LOOK_BEHIND, f"the regular expression {_text(node)[:40]} looks behind"
    elif old:
        yield from _too_new(node)


def _unsupported(node: Node) -> str:
    token = "{" if node.type == "object_pattern" else _text(node).split()[0][:20]
    return f'Token "{token}" not supported in this version in <line>'


def _await(place: _Place, *, old: bool) -> Iterator[tuple[Rule, str]]:
    if old:
        yield rows.ASYNC_1_0, 'SyntaxError: Token "await" not supported in this version in <line>'
    elif not place.asynchronous:
        yield rows.AWAIT_TOP, "SyntaxError: await is only valid in async functions in <line>"
    elif place.argument:
        yield rows.AWAIT_ARGUMENT, "SyntaxError: await in arguments not supported in <line>"


def _import(node: Node, *, old: bool) -> Iterator[tuple[Rule, str]]:
    if old:
        yield rows.IMPORT, 'SyntaxError: Token "import" not supported in this version in <line>'
        return
    module = _text(node.child_by_field_name("source")).strip("'\"")
    if module not in IMPORTABLE:
        yield rows.IMPORT, f'SyntaxError: Cannot find module "{module}" in <line>'
    elif _default_import(node) is None:
        yield rows.IMPORT, "SyntaxError: Non-default import is not supported in <line>"


def _default_import(node: Node) -> str | None:
    """The name in `import name from 'module'`, if that is what it is."""
    clause = next((child for child in node.children if child.type == "import_clause"), None)
    if clause is None or [child.type for child in clause.children] != ["identifier"]:
        return None
    return _text(clause)


def _call(node: Node) -> Iterator[tuple[Rule, str]]:
    called = _text(node.child_by_field_name("function") or node.child_by_field_name("constructor"))
    given = node.child_by_field_name("arguments")
    arguments = given.named_children if given is not None else []
    if called == "require" and arguments and arguments[0].type == "string":
        module = _text(arguments[0]).strip("'\"")
        if module not in REQUIRABLE:
            yield rows.REQUIRE, f'Error: Cannot find module "{module}"'
    elif called in ("eval", "Function"):
        yield rows.DYNAMIC, f"{called} is not allowed"
    elif called == "console.log" and len(arguments) > 1:
        yield rows.LOG_ARGUMENTS, "console.log takes one argument, the others are not logged"
    elif called in ABSENT or called.startswith("process."):
        yield rows.MISSING, f'ReferenceError: "{called}" is not defined'


def _too_new(node: Node) -> Iterator[tuple[Rule, str]]:
    """What runtime 2.0 has and 1.0 has not."""
    if node.type == "lexical_declaration":
        token = _text(node.child_by_field_name("kind"))
        said = f'SyntaxError: Token "{token}" not supported in this version in <line>'
        yield rows.CONST_1_0, said
    elif node.type == "async":
        yield rows.ASYNC_1_0, 'SyntaxError: Token "async" not supported in this version in <line>'
    elif node.type == "number" and "_" in _text(node):
        yield rows.SEPARATOR_1_0, "SyntaxError: Numeric separators are not supported in <line>"


def _declares_handler(root: Node) -> bool:
    for node in root.children:
        if node.type == "function_declaration":
            if _text(node.child_by_field_name("name")) == "handler":
                return True
        elif node.type in ("variable_declaration", "lexical_declaration"):
            names = (child.child_by_field_name("name") for child in node.named_children)
            if any(_text(name) == "handler" for name in names):
                return True
    return False


def _with_imports_called(code: bytes, root: Node) -> str:
    """Each import as a declaration of the same length, so that no place moves."""
    changed = bytearray(code)
    for node in root.children:
        if node.type != "import_statement":
            continue
        module = _text(node.child_by_field_name("source")).strip("'\"")
        call = f"var {_default_import(node)}=$i('{module}');".encode()
        given = node.text or b""
        breaks = b"\n" * given.count(b"\n")
        changed[node.start_byte : node.end_byte] = call + breaks.ljust(len(given) - len(call))
    return changed.decode("utf-8", "replace")
