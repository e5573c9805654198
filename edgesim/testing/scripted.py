"""Origins that answer as a test says, and remember what they were asked."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ..errors import OriginError, OriginTimeout
from ..http.headers import Headers
from ..http.message import Request, Response
from ..sim.driver import Timed

Answer = Callable[[Request], Response]


@dataclass(slots=True)
class _Scripted:
    path: str
    answers: list[Timed | Answer]
    delay_s: float = 0.0

    def next(self, request: Request) -> Timed:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Timed) else Timed(answer(request), self.delay_s)


@dataclass(slots=True)
class ScriptedOrigin:
    """An origin of a virtual edge. Paths may hold `*`; the rule added last wins."""

    name: str
    requests: list[Request] = field(default_factory=list)
    _rules: list[_Scripted] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.requests)

    def respond(
        self,
        path: str = "*",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        text: str | None = None,
        json: Any = None,
        content: bytes = b"",
        delay_s: float = 0.0,
    ) -> ScriptedOrigin:
        """Answer `path` like this from now on, after `delay_s` virtual seconds.

        A conditional request for an answer with an ETag gets its 304.
        """
        lines = dict(headers or {})
        body = content
        if text is not None:
            body = text.encode()
            lines.setdefault("content-type", "text/plain; charset=utf-8")
        elif json is not None:
            body = jsonlib.dumps(json).encode()
            lines.setdefault("content-type", "application/json")
        response = Response(status, Headers(lines.items()), body)
        return self.answer(path, lambda request: _unless_known(request, response), delay_s=delay_s)

    def answer(self, path: str, call: Answer, *, delay_s: float = 0.0) -> ScriptedOrigin:
        """Answer `path` with what `call` returns for each request."""
        self._rules.insert(0, _Scripted(path, [call], delay_s))
        return self

    def sequence(self, path: str, *responses: Response | Exception) -> ScriptedOrigin:
        """Answer `path` with these in turn; the last one stays."""
        self._rules.insert(0, _Scripted(path, [Timed(response) for response in responses]))
        return self

    def refuse(self, path: str = "*") -> ScriptedOrigin:
        """Refuse connections for `path`."""
        error = OriginError("connection refused", where=f"origin {self.name}")
        return self.sequence(path, error)

    def hang(self, path: str = "*", *, seconds: float = 30.0) -> ScriptedOrigin:
        """Send nothing for `path`, until the edge gives up after `seconds` of virtual time."""
        error = OriginTimeout("no response", where=f"origin {self.name}")
        self._rules.insert(0, _Scripted(path, [Timed(error, seconds)]))
        return self

    def __call__(self, request: Request) -> Timed:
        """What this origin answers to `request`, and after how many virtual seconds."""
        self.requests.append(request)
        for rule in self._rules:
            if fnmatchcase(request.path, rule.path):
                return rule.next(request)
        missing = Response(404, Headers([("Content-Type", "text/plain")]), b"nothing scripted")
        return Timed(missing)


def _unless_known(request: Request, response: Response) -> Response:
    etag = response.headers.get("etag")
    if etag is not None and request.headers.get("if-none-match") == etag:
        return Response(304, response.headers.without("content-type", "content-length"))
    if request.method == "HEAD":
        length = ("Content-Length", str(len(response.body)))  # type: ignore[arg-type]
        return Response(response.status, response.headers.plus(length))
    return response
