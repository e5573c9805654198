"""Interim responses, from an origin to the viewer who waits, past every cache (RFC 9110 §15.2).

A request is performed by one task from the viewer to the origin and back. What is heard here is
therefore a matter of that task, and no cache in between ever sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..http.message import Response

Hearing = Callable[[Response], None]

_hearing: ContextVar[Hearing | None] = ContextVar("hearing", default=None)


@contextmanager
def heard_by(hearing: Hearing | None) -> Iterator[None]:
    """Within, and in tasks begun within, interim responses go to `hearing`; None for nobody."""
    token = _hearing.set(hearing)
    try:
        yield
    finally:
        _hearing.reset(token)


def tell(response: Response) -> None:
    """An origin has sent `response`, and the final one is still to come."""
    hearing = _hearing.get()
    if hearing is not None:
        hearing(response)
