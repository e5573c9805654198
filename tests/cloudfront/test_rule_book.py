from __future__ import annotations

import pytest

from edgesim.cloudfront.rule_book import Rule

ROW = Rule("teapot", "it is a teapot", "do not be one", "RFC 2324 §2.3.2", page="No coffee.")


@pytest.mark.parametrize(("hint", "told"), [("", "do not be one"), ("use a pot", "use a pot")])
def test_a_refusal_says_what_the_row_says(hint: str, told: str) -> None:
    error = ROW.refusal("it made tea", hint)
    assert (error.what, error.hint, error.rule) == ("it made tea", told, "teapot")
    assert (error.status, error.page, error.code) == (502, "No coffee.", "LambdaValidationError")
