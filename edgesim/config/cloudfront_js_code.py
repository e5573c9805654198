"""Whether CloudFront's engine would take a CloudFront Function's code, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..cloudfront.function import Function
from ..cloudfront.function_syntax import SYNTAX
from ..cloudfront.strictness import Strictness
from ..errors import ConfigError
from ..runtimes.cloudfront_js import version_of
from ..runtimes.js_context import JsContext, Thrown
from ..runtimes.js_source import Mistake, Script, script_of
from .deployment import Note, NoteKind


def code_mistakes(
    function: Function, strictness: Strictness = Strictness.SAFE
) -> Iterator[ConfigError]:
    """What AWS accepts when the function is saved, and answers with a 503 when it runs."""
    script = _script(function)
    for one in (*script.mistakes, *script.doubts):
        if not one.rule.refuses(strictness):
            continue
        what = f"{one.text} [{one.rule.id}]"
        yield ConfigError(what, where=_place(function, one), hint=one.rule.fix)
    if script.text and not script.mistakes:
        try:
            JsContext(script.text, version_of(function))
        except Thrown as thrown:
            where = f"{function.code}:{thrown.line}:{thrown.column}"
            yield ConfigError(f"{thrown} [{SYNTAX.id}]", where=where, hint=SYNTAX.fix)


def doubts(function: Function, strictness: Strictness = Strictness.SAFE) -> Iterator[Note]:
    """What the guide does not list, and what runs otherwise than it looks."""
    for one in _script(function).doubts:
        if one.rule.refuses(strictness):
            continue
        text = f"{one.text} [{one.rule.id}]; {one.rule.fix}"
        yield Note(NoteKind.WARNING, _place(function, one), text)


def _place(function: Function, mistake: Mistake) -> str:
    return f"{function.code}:{mistake.line}:{mistake.column}"


def _script(function: Function) -> Script:
    if not function.is_cloudfront_function:
        return Script("")
    return script_of(Path(function.code).read_bytes(), version_of(function))
