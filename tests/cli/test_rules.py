from __future__ import annotations

import re
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from edgesim.bundled import bundled
from edgesim.cli.rules import CHAPTERS, Chapter, markdown, outcome, print_rules
from edgesim.cloudfront.rule_book import Rule, RuleKind

from .conftest import Edgesim


def test_the_document_is_up_to_date() -> None:
    document = bundled("edge_functions") / "RULES.md"
    made = "".join(f"{line}\n" for line in markdown())
    hint = "run: edgesim check --rules --markdown > edge_functions/RULES.md"
    assert document.read_text(encoding="utf-8") == made, hint


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[chapter.title for chapter in CHAPTERS])
def test_each_rule_has_the_test_that_the_document_names(chapter: Chapter) -> None:
    path, _, name = chapter.test.partition("::")
    module = import_module(path.removesuffix(".py").replace("/", "."))
    marks = [mark for mark in getattr(module, name).pytestmark if mark.name == "parametrize"]
    tested = {one for mark in marks for one in mark.kwargs["ids"]}
    assert {rule.id for rule in chapter.rules} == tested


def test_no_two_rules_have_one_id() -> None:
    ids = [rule.id for chapter in CHAPTERS for rule in chapter.rules]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", one) for one in ids)


def lines(edgesim: Edgesim, *options: str) -> list[list[str]]:
    ran = edgesim("check", "--rules", *options)
    assert ran.status == 0, ran.err
    return [line.split("\t") for line in ran.out.splitlines()]


def test_piped_they_are_lines_of_six_cells(edgesim: Edgesim, tmp_path: Path) -> None:
    rows = lines(edgesim)
    assert len(rows) == sum(len(chapter.rules) for chapter in CHAPTERS)
    assert {len(row) for row in rows} == {6}
    wanted = next(row for row in rows if row[0] == "no-content-body")
    assert wanted[1:] == [
        "viewer-request",
        "A response made at viewer-request has the status 204 and a body.",
        "502",
        "a 204 has no body; use 200",
        "Work with requests and responses",
    ]


def test_they_are_filtered_by_trigger_and_kind(edgesim: Edgesim) -> None:
    late = {row[0] for row in lines(edgesim, "--trigger", "viewer-response")}
    assert "viewer-response-status" in late
    assert "origin-port" not in late
    advice = {row[0] for row in lines(edgesim, "--kind", "advice", "--trigger", "origin_request")}
    assert "host-of-origin" in advice
    assert "not-an-object" not in advice


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trigger", "viewer"), "no trigger is named 'viewer'"),
        (("--kind", "results"), "no kind of rule is named 'results'"),
    ],
)
def test_filters_that_are_none(edgesim: Edgesim, options: tuple[str, ...], said: str) -> None:
    ran = edgesim("check", "--rules", *options)
    assert ran.status == 2
    assert said in ran.err


def test_the_document_comes_from_the_command(edgesim: Edgesim) -> None:
    ran = edgesim("check", "--rules", "--markdown")
    assert ran.out.splitlines() == list(markdown())


def test_on_a_terminal_they_are_tables() -> None:
    out = StringIO()
    print_rules(Console(file=out, force_terminal=True, width=120), None, RuleKind.RESULT)
    assert "Lambda@Edge" in out.getvalue()
    assert "Associations" not in out.getvalue(), "none of them is of that kind"


OUTCOMES = [
    (Rule("a", "c.", "f", "s"), "502"),
    (Rule("a", "c.", "f", "s", silent=True), "502; lenient: warning"),
    (Rule("a", "c.", "f", "s", silent=True, passes=True), "warning; strict: 502"),
    (Rule("a", "c.", "f", "s", kind=RuleKind.ADVICE), "warning"),
    (Rule("a", "c.", "f", "s", status=400, kind=RuleKind.ASSOCIATION), "400 at deployment"),
]


@pytest.mark.parametrize(("rule", "said"), OUTCOMES)
def test_what_becomes_of_a_breach(rule: Rule, said: str) -> None:
    assert outcome(rule) == said
