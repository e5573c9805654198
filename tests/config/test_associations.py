"""Every rule for associations, broken once; `edge_functions/RULES.md` is made of this."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cli.check import advice, with_packages
from edgesim.cloudfront import association_rules as rules
from edgesim.cloudfront.association_rules import ASSOCIATION_RULES
from edgesim.cloudfront.rule_book import Rule, RuleKind
from edgesim.cloudfront.strictness import Strictness
from edgesim.config import package_size
from edgesim.config.deployment import Note
from edgesim.config.resolve import load
from edgesim.errors import ConfigErrors

from .conftest import GOOD


def function(name: str, *lines: str) -> str:
    """A function, and behind it [distribution], where all else may go."""
    return "\n".join([f"[functions.{name}]", 'code = "py"', *lines, ""])


def large(folder: Path, size_bytes: int) -> None:
    """A file that nothing makes smaller."""
    (folder / "py/model.bin").write_bytes(os.urandom(size_bytes))


def reading(folder: Path) -> None:
    (folder / "py/index.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['TABLE']\n"
    )


def many(count: int) -> str:
    """Two for each behavior, of which there may be 75."""
    behavior = '[[behaviors]]\npath_pattern = "/{}"\norigin = "app"\nviewer_request = "py"\n'
    behaviors = [behavior.format(number) for number in range((count + 1) // 2)]
    return 'viewer_response = "py"\n'.join(behaviors) + 'viewer_response = "py"\n' * (1 - count % 2)


Prepare = Callable[[Path], None]

BREACHES: list[tuple[Rule, str, Prepare | None]] = [
    (rules.ONE_FUNCTION, 'viewer_request = ["py", "js"]', None),
    (rules.MIXED_KINDS, 'viewer_request = "js"\nviewer_response = "py"', None),
    (rules.FUNCTION_AT_ORIGIN, 'origin_request = "js"', None),
    (rules.FUNCTION_BODY, 'viewer_request = { function = "js", include_body = true }', None),
    (rules.INCLUDE_BODY, 'origin_response = { function = "py", include_body = true }', None),
    (rules.LAMBDA_RUNTIME, function("old", 'runtime = "ruby3.3"'), None),
    (rules.DEPRECATED_RUNTIME, function("old", 'runtime = "nodejs18.x"'), None),
    (rules.ENVIRONMENT_VARIABLES, function("env", 'environment = { TABLE = "a" }'), None),
    (rules.ENVIRONMENT_READ, 'viewer_request = "py"', reading),
    (rules.TIMEOUT, 'origin_request = "late"\n' + function("late", "timeout_s = 31"), None),
    (rules.CLASSIC_TIMEOUT, 'viewer_request = "late"\n' + function("late", "timeout_s = 6"), None),
    (rules.VIEWER_MEMORY, 'viewer_response = "big"', None),
    (rules.PACKAGE_SIZE, 'origin_request = "py"', lambda path: large(path, 5 << 20)),
    (rules.CLASSIC_PACKAGE_SIZE, 'viewer_request = "py"', lambda path: large(path, 2 << 20)),
    (rules.ASSOCIATIONS, many(101), None),
]
"""One for each rule: what is added to a good configuration, and to its folder."""


@pytest.fixture(autouse=True)
def smaller_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packing fifty megabytes takes seconds."""
    assert package_size.PACKAGE_BYTES == 50 << 20
    monkeypatch.setattr(package_size, "PACKAGE_BYTES", 4 << 20)


def found(strictness: Strictness) -> tuple[list[str], list[str]]:
    """The rules by which `edgesim check` refuses, and those it warns of."""
    try:
        deployment = with_packages(load(Path("edgesim.toml"), strictness=strictness))
    except ConfigErrors as mistakes:
        return [error.rule for error in mistakes.errors], []
    return [], [id_in(note) for note in (*deployment.notes, *advice(deployment)) if id_in(note)]


def id_in(note: Note) -> str:
    return note.text.rpartition("[")[2].rstrip("]") if note.text.endswith("]") else ""


@pytest.mark.parametrize(
    ("rule", "added", "prepare"), BREACHES, ids=[rule.id for rule, _, _ in BREACHES]
)
def test_breach(rule: Rule, added: str, prepare: Prepare | None, project: Path) -> None:
    """It is this rule that is broken, and no other."""
    (project / "edgesim.toml").write_text(GOOD + added)
    if prepare is not None:
        prepare(project)
    for strictness in Strictness:
        expected = ([rule.id], []) if rule.refuses(strictness) else ([], [rule.id])
        assert found(strictness) == expected, strictness


def test_every_rule_has_its_breach() -> None:
    assert [rule.id for rule, _, _ in BREACHES] == [rule.id for rule in ASSOCIATION_RULES]


ALLOWED = [
    ('viewer_request = "py"\nviewer_response = "py"', "two of one kind"),
    ('viewer_request = "js"\norigin_request = "big"', "the other kind at an origin trigger"),
    ('origin_request = { function = "py", include_body = true }', "a body at a request trigger"),
    ('viewer_request = "ok"\n' + function("ok", "timeout_s = 5"), "5 s"),
    ('origin_request = "ok"\n' + function("ok", "timeout_s = 30"), "30 s"),
    (many(100), "100 associations"),
]


@pytest.mark.parametrize(("added", "why"), ALLOWED, ids=[why for _, why in ALLOWED])
def test_what_breaks_no_rule(added: str, why: str, project: Path) -> None:
    (project / "edgesim.toml").write_text(GOOD + added)
    assert found(Strictness.STRICT) == ([], []), why


def test_the_configuration_says_how_silence_is_read(project: Path) -> None:
    text = '[distribution]\nstrictness = "lenient"\n' + GOOD + 'viewer_response = "big"'
    (project / "edgesim.toml").write_text(text)
    deployment = load(Path("edgesim.toml"))
    assert deployment.distribution.strictness is Strictness.LENIENT
    assert "viewer-memory" in map(id_in, deployment.notes)
    with pytest.raises(ConfigErrors, match="viewer-memory"):
        load(Path("edgesim.toml"), strictness=Strictness.SAFE)


def test_rows_are_fit_for_print() -> None:
    for rule in ASSOCIATION_RULES:
        assert rule.kind in (RuleKind.ASSOCIATION, RuleKind.ADVICE)
        assert rule.condition.endswith("."), rule.id
        assert all((rule.fix, rule.source, rule.triggers)), rule.id
