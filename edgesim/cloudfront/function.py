"""Users' functions: what they are, and the moments at which they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Trigger(StrEnum):
    """The four moments at which a user's function may run, in the order they come."""

    VIEWER_REQUEST = "viewer-request"  # before any cache is looked at
    ORIGIN_REQUEST = "origin-request"  # only when the request is forwarded
    ORIGIN_RESPONSE = "origin-response"  # before the response is stored
    VIEWER_RESPONSE = "viewer-response"  # before the viewer gets it, from a cache or not

    @property
    def may_answer(self) -> bool:
        """Whether a function here may return a response instead of a request."""
        return self in (Trigger.VIEWER_REQUEST, Trigger.ORIGIN_REQUEST)

    @property
    def faces_origin(self) -> bool:
        """Whether what a function does here is stored with the response."""
        return self in (Trigger.ORIGIN_REQUEST, Trigger.ORIGIN_RESPONSE)


@dataclass(frozen=True, slots=True)
class KeyValueStore:
    """What a CloudFront Function reads with `cf.kvs()`: its id, and the file that fills it."""

    name: str
    file: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A user's function: where its code is, and the limits it runs in.

    `call` is set for a decorated Python function of this process, `code` for all others.
    """

    name: str
    runtime: str = "python3.12"
    code: str = ""
    handler: str = "index.handler"
    memory_mb: int = 128
    timeout_s: float = 5.0
    call: Callable[..., Any] | None = None
    reserved_concurrency: int | None = None
    """How many invocations may run at once; one more is throttled. None: they wait instead."""
    idle_timeout_s: float = 900.0
    """After which an idle environment ends; people report 5 to 45 minutes."""
    key_value_store: KeyValueStore | None = None

    @property
    def is_cloudfront_function(self) -> bool:
        """A CloudFront Function, and not one of Lambda@Edge."""
        return self.runtime.startswith("cloudfront-js") and self.call is None


@dataclass(frozen=True, slots=True)
class Association:
    """A function tied to a trigger of a behavior."""

    function: Function
    include_body: bool = False
