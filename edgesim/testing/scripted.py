"""Origins that answer as a test says, and remember what they were asked."""

from __future__ import annotations

import json as jsonlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import httpx

from ..cache.validation import weakly_equal
from ..cloudfront.origin import Origin
from ..errors import OriginError, OriginTimeout
from ..http.headers import Headers
from ..http.message import Request, Response
from ..sim.driver import Timed
from .apps import answered_by

Answer = Response | OriginError | Callable[[Request], Response]
"""What an origin answers, or why it does not, or a function that says so request by request."""


@dataclass(slots=True)
class _Rule:
    """What to answer where a path fits; `*` in it stands for any characters."""

    path: str
    answers: list[Answer]
    delay_s: float = 0.0

    def fits(self, request: Request) -> bool:
        pattern = ".*".join(map(re.escape, self.path.split("*")))
        asked = request.target if "?" in self.path else request.path
        return re.fullmatch(pattern, asked, re.DOTALL) is not None

    def next(self, request: Request) -> Response | OriginError:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            try:
                answer = answer(request)
            except OriginError as error:
                return error
            except StopIteration as error:
                raise RuntimeError(f"the answers for {self.path} have run out") from error
        if not isinstance(answer, Response | OriginError):
            raise TypeError(f"the answer for {self.path} is {answer!r}, not an edgesim.Response")
        return answer


@dataclass(slots=True)
class ScriptedOrigin:
    """An origin of a virtual edge.

    Paths may hold `*`, and are held against the path alone unless they have a query themselves.
    Of several that fit, the one added last answers.
    """

    name: str
    requests: list[Request] = field(default_factory=list)
    """Everything it was asked, in order."""
    _rules: list[_Rule] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.requests)

    def respond(
        self,
        path: str = "*",
        *,
        status: int = 200,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        text: str | None = None,
        json: Any = None,
        content: bytes = b"",
        delay_s: float = 0.0,
    ) -> ScriptedOrigin:
        """Answer `path` like this from now on, after `delay_s` virtual seconds.

        HEAD is answered without the body, and a conditional request for what has an ETag or
        Last-Modified with a 304.
        """
        fields = Headers(headers.items() if isinstance(headers, Mapping) else headers)
        kind = ""
        if text is not None:
            content, kind = text.encode(), "text/plain; charset=utf-8"
        elif json is not None:
            content, kind = jsonlib.dumps(json).encode(), "application/json"
        if kind and "content-type" not in fields:
            fields = fields.plus(("Content-Type", kind))
        response = Response(status, fields, content)
        return self.answer(path, lambda request: _fitting(request, response), delay_s=delay_s)

    def answer(
        self, path: str, call: Callable[[Request], Response], *, delay_s: float = 0.0
    ) -> ScriptedOrigin:
        """Answer `path` with what `call` returns for each request, or raises as `OriginError`."""
        self._rules.insert(0, _Rule(path, [call], delay_s))
        return self

    def asgi(self, app: Callable[..., Any], path: str = "*") -> ScriptedOrigin:
        """Answer `path` with an ASGI application. Its lifespan events are not sent."""
        return self.transport(httpx.ASGITransport(app), path)

    def wsgi(self, app: Callable[..., Any], path: str = "*") -> ScriptedOrigin:
        """Answer `path` with a WSGI application."""
        return self.transport(httpx.WSGITransport(app), path)

    def transport(
        self, transport: httpx.BaseTransport | httpx.AsyncBaseTransport, path: str = "*"
    ) -> ScriptedOrigin:
        """Answer `path` with what a transport of httpx does, such as `httpx.MockTransport`."""
        return self.answer(path, lambda request: answered_by(transport, self.name, request))

    def sequence(self, path: str, *answers: Answer, delay_s: float = 0.0) -> ScriptedOrigin:
        """Answer `path` with these in turn; the last one stays."""
        if not answers:
            raise ValueError(f"the sequence for {path} is empty")
        self._rules.insert(0, _Rule(path, list(answers), delay_s))
        return self

    def refuse(self, path: str = "*") -> ScriptedOrigin:
        """Refuse connections for `path`: the viewer gets a 502."""
        return self.sequence(path, OriginError("connection refused", where=f"origin {self.name}"))

    def hang(self, path: str = "*") -> ScriptedOrigin:
        """Send nothing for `path` until the edge gives up: the viewer gets a 504."""
        return self.respond(path, delay_s=inf)

    def fetched(self, origin: Origin, request: Request) -> Timed:
        """What it answers to `request`, after how many virtual seconds.

        It is given no longer than the `origin` of the configuration, in one attempt.
        """
        self.requests.append(request)
        where = f"origin {self.name}"
        rule = next((rule for rule in self._rules if rule.fits(request)), None)
        if rule is None:
            said = f"{where} has no answer for {request.target}".encode()
            return Timed(Response(404, Headers([("Content-Type", "text/plain")]), said))
        answer, limit_s = rule.next(request), origin.response_timeout_s
        if rule.delay_s > limit_s:
            return Timed(OriginTimeout(f"it sent nothing for {limit_s:g} s", where=where), limit_s)
        return Timed(answer, rule.delay_s)


def _fitting(request: Request, response: Response) -> Response:
    """`response` in the form that `request` asks for."""
    asked, has = request.headers, response.headers
    if response.status == 200 and request.method in ("GET", "HEAD"):
        tag, modified = has.get("etag"), has.get("last-modified")
        same = tag is not None and weakly_equal(asked.get("if-none-match") or "", tag)
        if "if-none-match" not in asked:
            same = modified is not None and asked.get("if-modified-since") == modified
        if same:
            return Response(304, has.without("content-type", "content-length"))
    if not isinstance(response.body, bytes):
        return response
    if not has.has_any(("content-length", "transfer-encoding")):
        has = has.with_("Content-Length", str(len(response.body)))
    body = b"" if request.method == "HEAD" else response.body
    return Response(response.status, has, body, response.reason)
