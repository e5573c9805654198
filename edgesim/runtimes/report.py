"""What one invocation took, and the lines in which Lambda says it.

LG "Log and monitor Python Lambda functions", "Understanding the Lambda execution environment
lifecycle".
"""

from __future__ import annotations

from math import ceil

from ..values import value
from .reserved import FUNCTION_VERSION

TIMEOUT = "timeout"
ERROR = "error"


@value(frozen=True, slots=True)
class Report:
    """One invocation, or an init phase that came to nothing, which has no `request_id`."""

    function: str
    request_id: str
    log_stream: str
    duration_s: float
    memory_mb: int
    max_memory_mb: int = 0
    """The most that its environment ever held; 0 where nobody knows."""
    init_s: float | None = None
    """What its environment's start took; only in that environment's first report."""
    status: str = ""
    """`timeout`, or `error` if the process ended. What a handler raises is no such status."""
    error_type: str = ""
    said: str = ""
    """Why its process ended, in the words of the error."""

    @property
    def billed_s(self) -> float:
        """Whole milliseconds; since August 2025 the init phase is billed too."""
        return billed_ms(self.duration_s, self.init_s or 0.0) / 1000

    @property
    def start_line(self) -> str:
        return f"START RequestId: {self.request_id} Version: {FUNCTION_VERSION}"

    @property
    def end_lines(self) -> tuple[str, ...]:
        """END and REPORT; for an init phase that failed, INIT_REPORT."""
        status = f"\tStatus: {self.status}" if self.status else ""
        if self.error_type:
            status += f"\tError Type: {self.error_type}"
        if not self.request_id:
            return (f"INIT_REPORT Init Duration: {_ms(self.duration_s)}\tPhase: init{status}",)
        init = "" if self.init_s is None else f"\tInit Duration: {_ms(self.init_s)}"
        report = (
            f"REPORT RequestId: {self.request_id}\tDuration: {_ms(self.duration_s)}"
            f"\tBilled Duration: {round(self.billed_s * 1000)} ms"
            f"\tMemory Size: {self.memory_mb} MB"
            f"\tMax Memory Used: {self.max_memory_mb} MB{init}{status}"
        )
        return (f"END RequestId: {self.request_id}", report)


def billed_ms(duration_s: float, init_s: float = 0.0) -> int:
    """Rounded up; a float's own error in the last digits is no millisecond."""
    return ceil(round((duration_s + init_s) * 1000, 6))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
