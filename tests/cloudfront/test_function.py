from __future__ import annotations

from edgesim.cloudfront.function import Function, Trigger


def test_triggers_know_their_side() -> None:
    assert [trigger.may_answer for trigger in Trigger] == [True, True, False, False]
    assert [trigger.faces_origin for trigger in Trigger] == [False, True, True, False]


def test_its_runtime_says_what_kind_it_is() -> None:
    assert Function("a", "cloudfront-js-2.0").is_cloudfront_function
    assert not Function("a", "nodejs22.x").is_cloudfront_function
