"""Answers that need no waiting, from the bytes of a request's head to those of its response.

No sockets here: `viewer.py` writes what this returns. Everything else takes the ordinary path,
which gives the same bytes (`tests/live/test_viewer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from ..edge import Served
from ..effects import Waiting
from ..errors import BadRequest
from ..http.head import END_OF_HEAD, framed, parse_request_head
from ..http.message import Request, Viewer
from .memo import Answer
from .places import VIEWER_FIELD
from .ports import Step
from .rehearsal import Rehearsal
from .running import Running

SPECIAL = frozenset(
    {"connection", "content-length", "expect", "transfer-encoding", "upgrade", VIEWER_FIELD}
)
"""A request with one of these takes the ordinary path, but for `Connection: keep-alive`."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that has entered a deployment.

    If the fast lane began it: its lifecycle too, or what came of that.
    """

    running: Running
    outcome: Waiting[Served] | Served | None
    request: Request
    request_id: str
    began: float
    timeline: list[Step] = field(default_factory=list)
    """What ran so far."""
    head: bytes = b""
    """The bytes of the request, from the fast lane."""
    since: float = 0.0
    """When its lifecycle began, by the edge's clock."""


def answered(
    running: Running, head: bytes, viewer: Viewer, request_id: str
) -> Answer | Begun | Rehearsal | None:
    """The answer to `head`, or what has to wait; None if it is not for us."""
    memo, now = running.memos[viewer.scheme], running.edge.clock()
    known = memo.recall(head, now)
    if known is not None:
        return known
    if running.edge.entry.rtt_s:
        return None  # nothing is without waiting for a viewer who is far away
    before = running.rehearsed(head, viewer)
    if before is None:
        alike = memo.recall_alike(head, now)
        return alike or begun(running, head, viewer, request_id, [])
    rehearsal = Rehearsal(running, head, viewer, request_id, before, perf_counter())
    return ended(rehearsal) if rehearsal.at_once() else rehearsal


def ended(rehearsal: Rehearsal) -> Answer | Begun | None:
    """What comes of a request for which everything was done again."""
    running, timeline = rehearsal.running, rehearsal.timeline
    return rehearsal.answer or begun(
        running, rehearsal.head, rehearsal.viewer, rehearsal.request_id, timeline
    )


def begun(
    running: Running, head: bytes, viewer: Viewer, request_id: str, timeline: list[Step]
) -> Answer | Begun | None:
    """The lifecycle of `head`; the functions in `timeline` have run for it."""
    request = fast_request(head)
    if request is None:
        return None
    began, since = perf_counter(), running.edge.clock()
    outcome = running.begin(request, viewer, request_id, timeline)
    if (
        isinstance(outcome, Waiting)
        or outcome.closes
        or not isinstance(outcome.response.body, bytes)
    ):
        running.enter()  # its body may be stored, but still arriving or too large to hold
        return Begun(running, outcome, request, request_id, began, timeline, head, since)
    body = outcome.response.body
    framing = framed(outcome.response, request.method, "1.1", keep_alive=True)
    answer = Answer(framing, framing.coded(body), request, outcome, timeline)
    running.learn(head, viewer, answer, since)
    return answer


def fast_request(head: bytes) -> Request | None:
    """The request in `head` if it is one complete GET or HEAD without a body."""
    if head.find(END_OF_HEAD) != len(head) - len(END_OF_HEAD):
        return None
    first, _, _ = head.partition(b"\r\n")
    if not first.endswith(b" HTTP/1.1") or not first.startswith((b"GET /", b"HEAD /")):
        return None
    try:
        request = parse_request_head(head)
    except BadRequest:
        return None
    headers = request.headers
    special = SPECIAL & headers.names()
    keeps_alive = (headers.get("connection") or "").lower() == "keep-alive"
    if len(headers.all("host")) != 1 or (
        special and not (special == {"connection"} and keeps_alive)
    ):
        return None
    return request
