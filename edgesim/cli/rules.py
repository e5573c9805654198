"""`edgesim check --rules`: every rule for edge functions, for people and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ..cloudfront.association_rules import ASSOCIATION_RULES
from ..cloudfront.execution_rules import EXECUTION_RULES
from ..cloudfront.function import Trigger
from ..cloudfront.function_rules import FUNCTION_RULES
from ..cloudfront.function_syntax import SYNTAX_RULES
from ..cloudfront.lambda_rules import LAMBDA_RULES
from ..cloudfront.rule_book import Rule, RuleKind, chosen
from ..errors import ConfigError, suggestion

EVERYWHERE = "all triggers"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Some of the rules, and the test that breaks each of them."""

    title: str
    rules: tuple[Rule, ...]
    test: str
    """Its name is followed by the id of the rule in brackets."""


CHAPTERS = (
    Chapter(
        "Lambda@Edge", LAMBDA_RULES, "tests/cloudfront/test_lambda_rules.py::test_breach"
    ),
    Chapter(
        "CloudFront Functions",
        FUNCTION_RULES,
        "tests/cloudfront/test_function_rules.py::test_breach",
    ),
    Chapter(
        "JavaScript of CloudFront Functions",
        SYNTAX_RULES,
        "tests/runtimes/test_js_source.py::test_breach",
    ),
    Chapter(
        "Execution", EXECUTION_RULES, "tests/runtimes/test_execution_rules.py::test_breach"
    ),
    Chapter(
        "Associations", ASSOCIATION_RULES, "tests/config/test_associations.py::test_breach"
    ),
)  # fmt: skip
"""Another table of rules is one more chapter, and no more is needed."""


def kind_named(name: str) -> RuleKind:
    """Raises `ConfigError` if there is no such kind of rule."""
    if name not in set(RuleKind):
        hint = suggestion(name, [kind.value for kind in RuleKind])
        raise ConfigError(f"no kind of rule is named {name!r}", where="--kind", hint=hint)
    return RuleKind(name)


def print_rules(console: Console, trigger: Trigger | None, kind: RuleKind | None) -> None:
    """A table for each chapter on a terminal; else one line for each rule, tabs between."""
    head = ("id", "trigger", "condition", "status", "fix", "source")
    for chapter in CHAPTERS:
        rows = [_cells(rule) for rule in chosen(chapter.rules, trigger, kind)]
        if not rows:
            continue
        if console.is_terminal:
            columns = (Column(one, overflow="fold") for one in head)
            table = Table(*columns, title=chapter.title, box=box.SIMPLE_HEAD, title_justify="left")
            for row in rows:
                table.add_row(*map(Text, row))
            console.print(table, soft_wrap=False)
        else:
            for row in rows:  # not by way of rich, which makes spaces of tabs
                console.file.write("\t".join(row) + "\n")


def _cells(rule: Rule) -> tuple[str, ...]:
    at = EVERYWHERE if rule.triggers == frozenset(Trigger) else ", ".join(_sorted(rule.triggers))
    return rule.id, at, rule.condition, outcome(rule), rule.fix, rule.source


def _sorted(triggers: frozenset[Trigger]) -> list[str]:
    return [trigger.value for trigger in Trigger if trigger in triggers]


def outcome(rule: Rule) -> str:
    """What becomes of it: the status, or a warning; both where AWS is silent."""
    if rule.kind is RuleKind.ADVICE:
        return "warning"
    status = f"{rule.status} at deployment" if rule.kind is RuleKind.ASSOCIATION else rule.status
    if not rule.silent:
        return f"{status}"
    other = "strict" if rule.passes else "lenient"
    return f"warning; {other}: {status}" if rule.passes else f"{status}; {other}: warning"


def markdown() -> Iterator[str]:
    """The document `edge_functions/RULES.md`, line by line."""
    yield "# Rules for edge functions"
    yield ""
    yield "Every rule that edgesim holds functions to, and the test that breaks it. Made by"
    yield "`edgesim check --rules --markdown`; a test fails if this is not up to date."
    yield ""
    yield "Where AWS does not say what becomes of a breach, the safe reading is the default, and"
    yield "`--strict` and `--lenient` choose the others. A warning is a line of the log."
    for chapter in CHAPTERS:
        yield ""
        yield f"## {chapter.title}"
        yield ""
        yield _row(("Rule", "Trigger", "Broken if", "Outcome", "What to do", "Source", "Test"))
        yield _row(("---",) * 7)
        for rule in chapter.rules:
            cells = _cells(rule)
            test = f"`{chapter.test}[{rule.id}]`"
            yield _row((f"`{rule.id}`", *cells[1:], test))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
