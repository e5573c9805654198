"""Where simulated functions run, and how long they take there."""

from __future__ import annotations

from random import Random

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.sim.functions import Functions, passed_on, regional_name
from edgesim.sim.scenario import SimulatedFunction
from edgesim.topology.durations import CLOUDFRONT_FUNCTION, KEPT_WARM_S
from edgesim.topology.quantiles import Quantiles

TEN_MS = Quantiles(((0.5, 0.0101),))
EVENT = {"Records": [{"cf": {"request": {"uri": "/"}, "response": {"status": "200"}}}]}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def functions(clock: Clock, runtime: str = "nodejs22.x") -> Functions:
    duration = CLOUDFRONT_FUNCTION if runtime.startswith("cloudfront") else TEN_MS
    one = SimulatedFunction("f", Trigger.VIEWER_REQUEST, runtime, duration)
    return Functions({"f": one}, Random(1), clock)


def test_cold_starts() -> None:
    clock = Clock()
    ran = functions(clock)

    def takes(region: str) -> float:
        function = Function(regional_name("f", region))
        return ran.ran(function, Trigger.VIEWER_REQUEST, EVENT).seconds

    assert takes("us-east-1") > 0.1, "the first one begins cold"
    assert takes("us-east-1") > 0.1, "one that comes at the same time too"
    assert takes("eu-west-1") > 0.1, "another region has environments of its own"
    clock.now = 5
    assert takes("us-east-1") == pytest.approx(0.0101)
    clock.now = 10 + KEPT_WARM_S
    assert takes("us-east-1") > 0.1, "it was idle for too long"
    assert ran.runs == {"f": 5}
    assert ran.cold == {"f": 4}
    assert ran.billed_ms["f"] > 4 * 90 + 11


def test_cloudfront_functions_never_begin_cold() -> None:
    ran = functions(Clock(), "cloudfront-js-2.0")
    function = Function(regional_name("f", "us-east-1"), "cloudfront-js-2.0")
    for _ in range(3):
        assert ran.ran(function, Trigger.VIEWER_REQUEST, EVENT).seconds < 0.001
    assert not ran.cold


def test_they_change_nothing() -> None:
    plain = {"request": {"uri": "/"}, "response": {"statusCode": 200}}
    assert passed_on(Trigger.ORIGIN_REQUEST, EVENT) == {"uri": "/"}
    assert passed_on(Trigger.VIEWER_RESPONSE, EVENT) == {"status": "200"}
    assert passed_on(Trigger.VIEWER_REQUEST, plain) == {"uri": "/"}
    assert passed_on(Trigger.VIEWER_RESPONSE, plain) == {"statusCode": 200}
