"""What a function's processes are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..cloudfront.function import Function

DEFAULT_ENVIRONMENTS = 10
"""Of one function; Lambda has a thousand for an account, a laptop has not."""


@dataclass(frozen=True, slots=True)
class Host:
    """How to start a function's process, and how many of them."""

    function: Function
    command: Callable[[int], Sequence[str]]
    """The command line, given the descriptor of the pipe."""
    folder: str
    variables: Mapping[str, str]
    environments: int = DEFAULT_ENVIRONMENTS
    timed: bool = True
    """Whether time limits hold; somebody who looks at a breakpoint has all the time there is."""
    least_init_s: Callable[[], float] = float
    """What the next cold start lasts at least; nothing unless cold starts are to be as on AWS."""
