"""How an answer came about, in the words of CloudFront's logs and of x-cache."""

from __future__ import annotations

from enum import StrEnum


class ResultType(StrEnum):
    """CloudFront: "Standard logging reference", x-edge-result-type."""

    HIT = "Hit"
    REFRESH_HIT = "RefreshHit"
    MISS = "Miss"
    ERROR = "Error"
    REDIRECT = "Redirect"
    LAMBDA_GENERATED_RESPONSE = "LambdaGeneratedResponse"
    LAMBDA_EXECUTION_ERROR = "LambdaExecutionError"
    LAMBDA_VALIDATION_ERROR = "LambdaValidationError"
    LAMBDA_LIMIT_EXCEEDED = "LambdaLimitExceeded"
    FUNCTION_GENERATED_RESPONSE = "FunctionGeneratedResponse"
    FUNCTION_EXECUTION_ERROR = "FunctionExecutionError"
    FUNCTION_VALIDATION_ERROR = "FunctionValidationError"
    FUNCTION_THROTTLED_ERROR = "FunctionThrottledError"

    @classmethod
    def of_failure(cls, code: str) -> ResultType:
        """The type named like an error's `code`; Error for every other code."""
        return cls(code) if code in cls._value2member_map_ else cls.ERROR

    @property
    def x_cache(self) -> str:
        return self + " from cloudfront"
