from __future__ import annotations

from edgesim.cloudfront import function_syntax
from edgesim.cloudfront.function_syntax import SYNTAX_RULES
from edgesim.cloudfront.rule_book import Rule


def test_rows_have_ids_of_their_own_and_say_what_helps() -> None:
    assert {one for one in vars(function_syntax).values() if isinstance(one, Rule)} == set(
        SYNTAX_RULES
    )
    assert len({rule.id for rule in SYNTAX_RULES}) == len(SYNTAX_RULES)
    for rule in SYNTAX_RULES:
        assert rule.id.startswith("cff-js-")
        assert rule.condition.endswith(".")
        assert rule.fix
        assert rule.source
        assert rule.status == 503


def test_what_was_observed_is_never_a_mere_doubt() -> None:
    assert not [rule for rule in SYNTAX_RULES if rule.silent and "observed" in rule.source]
