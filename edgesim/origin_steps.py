"""The steps past the last cache: one origin is asked, with the user's functions on either side."""

from __future__ import annotations

from .cloudfront.compression import coding_for, compressed
from .cloudfront.endpoint import without_cloudfront
from .cloudfront.forwarding import addressed, check_object_size, from_origin, shaped_for_origin
from .cloudfront.function import Trigger
from .edge import Served, Visit
from .effects import Steps, fetch
from .errors import OriginError
from .function_steps import amend, ask
from .http.message import Request, Response
from .provenance import dated, failed


def ask_origin(visit: Visit, request: Request) -> Steps[Served]:
    """Ask one origin, with the user's functions on either side."""
    edge, behavior = visit.edge, visit.behavior.facing(visit.viewer.scheme)
    shaped = shaped_for_origin(behavior, request, visit.viewer, visit.request_id, edge.via)
    if not edge.is_cloudfront:
        shaped = without_cloudfront(shaped, request)
    asked = yield from ask(visit, Trigger.ORIGIN_REQUEST, shaped, behavior.origin)
    if isinstance(asked, Response):
        generated = dated(asked, edge.clock())
        return Served(generated, asked.status, generated_at=Trigger.ORIGIN_REQUEST)
    origin, sent_at = asked.origin or behavior.origin, edge.clock()
    try:
        sent = addressed(origin, asked.request)
        answered = yield from fetch(origin, sent, interim=behavior.passes_interim)
        check_object_size(behavior, request, answered)
    except OriginError as error:
        return failed(visit, error)
    now = edge.clock()
    response = from_origin(behavior, answered, now)
    amended = yield from amend(visit, Trigger.ORIGIN_RESPONSE, asked.request, response, origin)
    coding = coding_for(behavior, request, answered, amended)
    body = compressed(amended, coding) if coding else amended
    return Served(body, answered.status, origin_s=now - sent_at)
