"""Values that are quick to make.

A frozen dataclass sets each field through `object.__setattr__`, which takes seven times as long as
an assignment does, and one request makes dozens of values. So those that every request makes are
frozen for the type checker, which sees `dataclass` itself here, and open when they run. To do
without: `value = dataclass`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

__all__ = ["value"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """`dataclass`, with equality and a hash as a frozen one has them."""
        return dataclass(slots=slots, unsafe_hash=frozen)
