from __future__ import annotations

from edgesim.cloudfront.execution_rules import EXECUTION_RULES
from edgesim.cloudfront.rule_book import RuleKind
from edgesim.cloudfront.strictness import Strictness


def test_all_of_them_are_503s_in_every_reading() -> None:
    for rule in EXECUTION_RULES:
        assert (rule.status, rule.kind) == (503, RuleKind.EXECUTION)
        assert all(rule.refuses(strictness) for strictness in Strictness)
        assert rule.condition.endswith(".")
        assert rule.fix
        assert rule.source
