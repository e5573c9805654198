"""What a rule for edge functions is: one row, read at request time, by `check`, and by people.

`lambda_rules.py` has the rows for Lambda@Edge, `function_rules.py` those for CloudFront
Functions. Whoever finds a rule broken asks its row for the `refusal`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidFunctionResult
from .distribution import Trigger


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand that CloudFront makes of a function, and what becomes of it if it is not met."""

    id: str
    """Short and stable, such as `read-only-header`: in logs, tests and `check`."""
    condition: str
    """What breaks it, in one sentence."""
    fix: str
    """What to do about it."""
    source: str
    """The AWS page's title, or what people observed."""
    triggers: frozenset[Trigger] = frozenset(Trigger)
    """Where it holds."""
    status: int = 502
    page: str = ""
    """What CloudFront tells the viewer."""
    silent: bool = False
    """Whether AWS does not say: strict refuses, lenient lets it pass."""

    def refusal(self, what: str, hint: str = "") -> InvalidFunctionResult:
        """The error for a function that did `what`."""
        return InvalidFunctionResult(
            what, hint=hint or self.fix, page=self.page, status=self.status, rule=self.id
        )
