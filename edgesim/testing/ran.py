"""What came of one run of a function under test.

Apart from what runs it: most edges of a test have no function, and need not import the runtimes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from ..cloudfront.function_result import FunctionOutput
from ..cloudfront.lambda_event import Json
from ..sim.driver import Timed
from ..values import value


@value(frozen=True, slots=True)
class Ran(Timed):
    """What a function returned or failed with, the event it was given, what it printed."""

    event: Json = field(default_factory=dict)
    log: str = ""
    measure: Callable[[], int] | None = None
    """Of a CloudFront Function, its compute utilisation."""

    @property
    def returned(self) -> object:
        """What the handler returned, or the error that came of it."""
        return self.value.returned if isinstance(self.value, FunctionOutput) else self.value
