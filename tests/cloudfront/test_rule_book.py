from __future__ import annotations

import pytest

from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.rule_book import Judge, Rule, RuleKind, Warned, chosen
from edgesim.cloudfront.strictness import Strictness
from edgesim.errors import InvalidFunctionResult

SAFE, STRICT, LENIENT = Strictness
CERTAIN = Rule("certain", "c.", "do not", "guide", page="{name} is bad")
SILENT = Rule("silent", "c.", "do not", "nobody", silent=True)
DOUBTFUL = Rule("doubtful", "c.", "do not", "nobody", silent=True, passes=True)
ADVICE = Rule("advice", "c.", "do not", "people", kind=RuleKind.ADVICE)

REFUSALS = [
    # rule, refused when
    (CERTAIN, {SAFE, STRICT, LENIENT}),
    (SILENT, {SAFE, STRICT}),
    (DOUBTFUL, {STRICT}),
    (ADVICE, set()),
]


@pytest.mark.parametrize(("rule", "when"), REFUSALS, ids=[rule.id for rule, _ in REFUSALS])
@pytest.mark.parametrize("strictness", Strictness)
def test_a_judge_refuses_or_remembers(
    rule: Rule, when: set[Strictness], strictness: Strictness
) -> None:
    judge = Judge(strictness, where="function ab")
    if strictness in when:
        with pytest.raises(InvalidFunctionResult) as caught:
            judge.weigh(rule, "it did", name="x")
        assert (caught.value.rule, caught.value.hint) == (rule.id, "do not")
    else:
        judge.weigh(rule, "it did", name="x")
        assert judge.warnings == [Warned(rule, "it did", "function ab")]
        assert str(judge.warnings[0]) == f"function ab: it did [{rule.id}]\n  hint: do not"


def test_a_refusal_has_all_that_its_row_says() -> None:
    error = CERTAIN.refusal("it did", "do this", name="x")
    assert (error.page, error.hint, error.status) == ("x is bad", "do this", 502)
    assert error.code == "LambdaValidationError"
    assert str(error) == "it did [LambdaValidationError: certain]\n  hint: do this"


def test_rows_are_chosen_by_trigger_and_kind() -> None:
    late = Rule("late", "c.", "f", "s", frozenset({Trigger.VIEWER_RESPONSE}))
    rows = (CERTAIN, ADVICE, late)
    assert chosen(rows) == rows
    assert chosen(rows, Trigger.VIEWER_REQUEST) == (CERTAIN, ADVICE)
    assert chosen(rows, kind=RuleKind.RESULT) == (CERTAIN, late)
    assert chosen(rows, Trigger.VIEWER_RESPONSE, RuleKind.ADVICE) == (ADVICE,)
