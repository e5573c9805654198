from __future__ import annotations

from edgesim.cloudfront import function_rules
from edgesim.cloudfront.function_rules import RULES
from edgesim.cloudfront.rule_book import Rule
from tests.cloudfront import test_function_fields as fields
from tests.cloudfront import test_function_result as result


def test_rules_have_ids_of_their_own_and_say_what_helps() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("cff-")
        assert rule.condition.endswith(".")
        assert rule.fix
        assert rule.source
        assert rule.status == 502


def test_every_row_is_listed_and_held_by_a_test() -> None:
    rows = {one for one in vars(function_rules).values() if isinstance(one, Rule)}
    assert rows == set(RULES)
    held = {row[2] for row in fields.REFUSED} | {row[1] for row in result.REFUSED}
    assert (
        held | {function_rules.ORIGIN, function_rules.ORIGIN_TRIGGER} == rows
    )  # the others are held in test_function_origin and in stories
