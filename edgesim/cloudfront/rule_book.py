"""What a rule for edge functions is: one row, read at request time, by `check`, and by people.

`lambda_rules.py` has the rows for Lambda@Edge, `function_rules.py` those for CloudFront
Functions, `association_rules.py` those that hold before anything runs. Whoever finds a rule
broken asks its row for the `refusal`, or a `Judge` where AWS does not forbid it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ..errors import InvalidFunctionResult
from .function import Trigger
from .strictness import Strictness


class RuleKind(StrEnum):
    """When a rule is looked at."""

    RESULT = "result"  # whenever a function has returned
    ASSOCIATION = "association"  # when a function is tied to a trigger, before anything runs
    EXECUTION = "execution"  # when it could not run to its end
    ADVICE = "advice"  # AWS allows it; something else goes wrong later, far from its cause


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
    """What viewers get; the deployment's own answer, for a rule of associations."""
    page: str = ""
    """What CloudFront tells the viewer; `{name}` stands for what the refusal is told of it."""
    silent: bool = False
    """Whether AWS does not say: strict refuses, lenient lets it pass."""
    passes: bool = False
    """Whether the safe reading of a silent rule is to let it pass, with a warning."""
    kind: RuleKind = RuleKind.RESULT

    def refusal(self, what: str, hint: str = "", **told: str) -> InvalidFunctionResult:
        """The error for a function that did `what`."""
        page = self.page.format(**told) if told else self.page
        return InvalidFunctionResult(
            what, hint=hint or self.fix, page=page, status=self.status, rule=self.id
        )

    def refuses(self, strictness: Strictness = Strictness.SAFE) -> bool:
        """Whether what breaks it fails; otherwise it is warned of."""
        if self.kind is RuleKind.ADVICE:
            return False
        if not self.silent or strictness is Strictness.STRICT:
            return True
        return strictness is Strictness.SAFE and not self.passes


@dataclass(frozen=True, slots=True)
class Warned:
    """A rule that a function broke, and was let pass."""

    rule: Rule
    what: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.what} [{self.rule.id}]\n  hint: {self.hint or self.rule.fix}"


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides about the rules on which AWS is silent, and remembers what it let pass."""

    strictness: Strictness = Strictness.SAFE
    warnings: list[Warned] = field(default_factory=list)
    where: str = ""

    def weigh(self, rule: Rule, what: str, hint: str = "", **told: str) -> None:
        """A function did `what` against `rule`: raises its refusal, or notes it and goes on."""
        if rule.refuses(self.strictness):
            raise rule.refusal(what, hint, **told)
        self.warnings.append(Warned(rule, what, self.where, hint))


def chosen(
    rules: Iterable[Rule], trigger: Trigger | None = None, kind: RuleKind | None = None
) -> tuple[Rule, ...]:
    """Those that hold at `trigger` and are of `kind`."""
    return tuple(
        rule
        for rule in rules
        if (trigger is None or trigger in rule.triggers) and kind in (None, rule.kind)
    )
