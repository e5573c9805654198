from __future__ import annotations

import pytest

from edgesim.cloudfront.result_type import ResultType

CODES = [
    ("LambdaExecutionError", ResultType.LAMBDA_EXECUTION_ERROR, "named like the error"),
    ("LambdaValidationError", ResultType.LAMBDA_VALIDATION_ERROR, "named like the error"),
    ("LambdaLimitExceeded", ResultType.LAMBDA_LIMIT_EXCEEDED, "named like the error"),
    ("OriginConnectError", ResultType.ERROR, "every other one"),
    ("", ResultType.ERROR, "every other one"),
]


@pytest.mark.parametrize(("code", "expected", "why"), CODES)
def test_of_failure(code: str, expected: ResultType, why: str) -> None:
    assert ResultType.of_failure(code) is expected, why


def test_x_cache() -> None:
    assert ResultType.REFRESH_HIT.x_cache == "RefreshHit from cloudfront"
