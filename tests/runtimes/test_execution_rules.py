"""Every way in which a function ends before it returns; `RULES.md` is made of this."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgesim.cloudfront import execution_rules as rules
from edgesim.cloudfront.execution_rules import EXECUTION_RULES
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.rule_book import Rule
from edgesim.errors import FunctionError
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.cloudfront_js import OVERRUNS_UNTIL_THROTTLED, CloudFrontJsRuntime
from edgesim.runtimes.failures import late_init, throttled

from .conftest import Run
from .test_cloudfront_js import EVENT

PYTHON = {
    rules.LOADS: "import nothing_of_that_name",
    rules.RAISES: "def handler(event, context):\n    raise ValueError('no')",
    rules.SERIALISES: "async def handler(event, context): return event",
    rules.PAYLOAD: "def handler(event, context): return {'body': 'x' * 6_500_000}",
    rules.EXITS: "import os\ndef handler(event, context): os._exit(3)",
    rules.MEMORY: "def handler(event, context): return {'n': len(bytearray(150_000_000))}",
    rules.TIME: "import time\ndef handler(event, context): time.sleep(600)",
}
JAVASCRIPT = {
    rules.CFF_RAISES: "function handler(event) { return nothing.at.all; }",
    rules.CFF_MEMORY: "function handler(event) { var a = []; while (true) a.push('x' + a); }",
    rules.CFF_TIME: "function handler(event) { while (true) {} }",
}
PASSED = {rules.INIT_TIME: late_init(10.0, "", ()), rules.CONCURRENCY: throttled("10 of 10", "")}
"""What takes long or many at once; whole in test_pool and test_metrics."""


@pytest.mark.parametrize("rule", EXECUTION_RULES, ids=[rule.id for rule in EXECUTION_RULES])
async def test_breach(rule: Rule, run: Run, tmp_path: Path) -> None:
    """It is this rule that is broken, and viewers get its status."""
    if rule is rules.MEMORY and sys.platform != "linux":
        pytest.skip("memory is counted on Linux only")
    if rule in PASSED:
        error: FunctionError = PASSED[rule]
    elif rule in PYTHON:
        with pytest.raises(FunctionError) as broken:
            await run(PYTHON[rule], timeout_s=0.3 if rule is rules.TIME else 5.0)()
        error = broken.value
    else:
        error = in_javascript(rule, tmp_path)
    assert (error.rule, error.status) == (rule.id, rule.status)
    assert f": {rule.id}]" in str(error)


def in_javascript(rule: Rule, folder: Path) -> FunctionError:
    said: list[LogLine] = []
    code = JAVASCRIPT.get(rule, JAVASCRIPT[rules.CFF_TIME])
    (folder / "fn.js").write_text(code)
    runtime = CloudFrontJsRuntime(said.append)
    runtime.load(Function("fn", "cloudfront-js-2.0", str(folder / "fn.js")))
    times = OVERRUNS_UNTIL_THROTTLED if rule is rules.CFF_THROTTLED else 0
    for _ in range(times):
        with pytest.raises(FunctionError):
            runtime.run(Trigger.VIEWER_REQUEST, EVENT)
    with pytest.raises(FunctionError) as broken:
        runtime.run(Trigger.VIEWER_REQUEST, EVENT)
    return broken.value
