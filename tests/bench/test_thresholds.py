from __future__ import annotations

import pytest

from edgesim.bench.thresholds import threshold
from edgesim.errors import ConfigError
from tests.bench.runs import SERVER, run_of

RUN = run_of([0.010] * 90 + [0.030] * 10, server=SERVER)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("p50<11ms", True),
        ("p50 < 0.011", True),
        ("p50<9ms", False),
        ("p99.9<=31ms", True),
        ("p99>20000us", True),
        ("max<1s", True),
        ("mean<13ms", True),
        ("hit_ratio>=50%", True),
        ("hit_ratio>0.5", False),
        ("errors==0", True),
        ("per_s>9", True),
        ("requests==100", True),
        ("offload>=0.5", True),
        ("collapse_factor>=1", True),
        ("cpu_us<2100", True),
        ("status_5xx==0", True),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert threshold(text).holds(RUN) is holds


def test_what_the_server_does_not_say_does_not_hold() -> None:
    silent = run_of([0.01] * 10, results="")
    assert not threshold("hit_ratio>0").holds(silent)
    assert threshold("hit_ratio>0").value(silent) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p99", "is no threshold"),
        ("p99<fast", "is no threshold"),
        ("p99=1", "is no threshold"),
        ("hit_rate>0.9", "nothing is measured as 'hit_rate'"),
        ("p101<1s", "nothing is measured as 'p101'"),
        ("p99<1.2.3", "is no number"),
    ],
)
def test_what_is_no_threshold(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        threshold(text)


def test_a_misspelt_metric_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError) as error:
        threshold("hit_rate>0.9")
    assert error.value.hint == "did you mean 'hit_ratio'?"
