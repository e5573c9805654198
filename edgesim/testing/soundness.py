"""Whether a function is sound: it never throws and never breaks a rule, whatever comes."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings

from ..cloudfront.moment import Moment
from .alone import FunctionAlone, Outcome
from .strategies import moments


def assert_sound(
    function: FunctionAlone, *, max_examples: int = 200, include_body: bool = False
) -> None:
    """Run `function` on events of every kind that CloudFront may give it.

    Raises AssertionError with the smallest event that it throws on, or whose result CloudFront
    would refuse, and with the reason. `function` is what `edge_function` gave.
    """

    @settings(
        max_examples=max_examples,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(moments(function.trigger, function=function.function, include_body=include_body))
    def holds(moment: Moment) -> None:
        outcome = function.at(moment)
        if outcome.failure is not None:
            raise AssertionError(_told(outcome))

    holds()


def _told(outcome: Outcome) -> str:
    records = outcome.event.get("Records")
    shown = records[0]["cf"] if records else outcome.event
    return f"{outcome.failure}\n  on {shown}"
