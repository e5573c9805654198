"""Whether CloudFront's engine would take a CloudFront Function's code, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..cloudfront.distribution import Function
from ..errors import ConfigError
from ..runtimes.js_source import Mistake, Script, script_of
from .deployment import Note, NoteKind


def code_mistakes(function: Function) -> Iterator[ConfigError]:
    """What AWS accepts when the function is saved, and answers with a 503 when it runs."""
    for one in _script(function).mistakes:
        what = f"{one.text} [{one.rule.id}]"
        yield ConfigError(what, where=_place(function, one), hint=one.rule.fix)


def doubts(function: Function) -> Iterator[Note]:
    """What the guide does not list, and what runs otherwise than it looks."""
    for one in _script(function).doubts:
        text = f"{one.text} [{one.rule.id}]; {one.rule.fix}"
        yield Note(NoteKind.WARNING, _place(function, one), text)


def _place(function: Function, mistake: Mistake) -> str:
    return f"{function.code}:{mistake.line}:{mistake.column}"


def _script(function: Function) -> Script:
    if not function.is_cloudfront_function:
        return Script("")
    return script_of(Path(function.code).read_bytes(), function.runtime.rpartition("-")[2])
