"""The architecture as a test: imports point down, and the core knows nothing of the world."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "edgesim"
CORE = [
    "values",
    "http",
    "cache",
    "cloudfront",
    "topology",
    "effects",
    "edge",
    "caches",
    "provenance",
    "function_steps",
    "origin_steps",
    "lifecycle",
]  # lowest first
OUTSIDE_WORLD = {
    "asyncio", "os", "random", "select", "socket", "ssl", "subprocess", "threading", "time"
}  # fmt: skip
TESTED_ELSEWHERE = {
    "cache/backing.py": "live/test_cache_dir.py",
    "cache/eras.py": "cache/test_store.py",
    "edge.py": "stories/test_triggers.py",
    "effects.py": "stories/test_transcripts.py",
    "lifecycle.py": "stories/test_triggers.py",
    "function_steps.py": "stories/test_cloudfront_functions.py",
    "origin_steps.py": "stories/test_triggers.py",
    "cloudfront/managed_policies.py": "cloudfront/test_policies.py",
    "cloudfront/association_rules.py": "config/test_associations.py",
    "cloudfront/lambda_body.py": "cloudfront/test_lambda_result.py",
    "cloudfront/lambda_header_rules.py": "cloudfront/test_lambda_rules.py",
    "cloudfront/lambda_origin_rules.py": "cloudfront/test_lambda_rules.py",
    "cloudfront/restrictions.py": "cloudfront/test_lambda_fields.py",
    "cloudfront/strictness.py": "cloudfront/test_rule_book.py",
    "cloudfront/tenant.py": "cloudfront/test_function_event.py",
}
"""Where a source file has no test file of its own name."""


def core_modules() -> list[Path]:
    found = [path for part in CORE for path in (PACKAGE / part).rglob("*.py")]
    return [*found, *(PACKAGE / f"{part}.py" for part in CORE if (PACKAGE / f"{part}.py").exists())]


def imports(path: Path) -> set[str]:
    """Absolute names of the modules that `path` imports, at any depth of its code."""
    package = ["edgesim", *path.relative_to(PACKAGE).parts[:-1]]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            names.add(".".join([*above, *(node.module or "").split(".")]).rstrip("."))
    return names


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", core_modules(), ids=label)
def test_the_core_does_no_io_and_never_imports_upwards(path: Path) -> None:
    layer = CORE.index(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))
    allowed = {"errors", *CORE[: layer + 1]}
    names = imports(path)
    assert not {name.partition(".")[0] for name in names} & OUTSIDE_WORLD
    assert {name.split(".")[1] for name in names if name.startswith("edgesim.")} <= allowed


@pytest.mark.parametrize("path", core_modules(), ids=label)
def test_every_source_file_has_its_test_file(path: Path) -> None:
    if path.name == "__init__.py":
        assert len(path.read_text().splitlines()) <= 1, "nothing in it to test"
        return
    usual = f"{path.parent.relative_to(PACKAGE).as_posix()}/test_{path.name}"
    assert (PACKAGE.parent / "tests" / TESTED_ELSEWHERE.get(label(path), usual)).exists()
