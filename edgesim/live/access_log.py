"""`--access-log`: a record for each request, in files as CloudFront writes them to a bucket.

Below a folder they have CloudFront's names, one for each hour and distribution, but are neither
packed nor late; a file gets all records. Real-time logs are written beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import random
from secrets import token_hex
from time import time

from ..cache.reuse import Serve
from ..cloudfront.access_log import HEAD, Logging, detailed, file_name, line
from ..cloudfront.distribution import Distribution
from ..cloudfront.function import Trigger
from ..cloudfront.result_type import ResultType
from ..errors import ConfigError
from ..http.message import Request, Viewer, is_websocket, size_bytes
from .ports import Visited
from .realtime_log import realtime_fields

LINE_ENDS = 4
"""Bytes around a header's name and value: colon, space, CR, LF."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a response on the wire."""

    viewer: Viewer
    bytes: int
    seconds: float
    """From the request's first byte to the response's last."""
    body_bytes: int | None
    """What Content-Length says; None where nothing does."""
    broke: str = ""
    """Why it broke off, in the words of the log; "" if it did not."""


class AccessLog:
    """Writes below a folder, or into a file. Raises `ConfigError` if that cannot be.

    If it cannot be any more later on, `said` is told, and nothing is written from then on.
    """

    def __init__(
        self,
        place: Path,
        *,
        folder: bool,
        said: Callable[[str], None],
        chance: Callable[[], float] = random,
    ) -> None:
        self._place, self._is_folder, self._said = place, folder, said
        self._chance = chance
        self._is_broken = False
        self._unique = token_hex(4)
        try:
            (place if folder else place.parent).mkdir(parents=True, exist_ok=True)
            if not folder:
                self._append(place, "", HEAD)
        except OSError as error:
            what = f"it cannot be written: {error.strerror}"
            raise ConfigError(what, where=f"--access-log {place}") from None

    @classmethod
    def at(cls, text: str, said: Callable[[str], None] = lambda _: None) -> AccessLog:
        """A folder if there is one, or if the name ends with a slash."""
        place = Path(text).expanduser()
        return cls(place, folder=text.endswith("/") or place.is_dir(), said=said)

    def wrote(self, visit: Visited, sent: Sent, distribution: Distribution) -> None:
        """A response has ended, one way or another."""
        if self._is_broken:
            return
        logging, now = distribution.logging or Logging(), time()
        values = fields(visit, sent, distribution, cookies=logging.include_cookies)
        name = file_name(logging, distribution.id, now, self._unique)
        path = self._place / logging.bucket / name if self._is_folder else self._place
        try:
            self._append(path, line(values, now), HEAD)
            self._write_realtime(values, visit, sent, distribution, now)
        except OSError as error:
            self._is_broken = True
            self._said(f"no more access logs: {path} cannot be written: {error.strerror}")

    def _write_realtime(
        self,
        standard: Mapping[str, str],
        visit: Visited,
        sent: Sent,
        distribution: Distribution,
        now: float,
    ) -> None:
        """To a file that is called as the stream, below the folder or beside the file."""
        behavior = visit.served.behavior
        log = behavior.realtime_log if behavior is not None else None
        if log is None or self._chance() * 100 >= log.sampling_rate:
            return
        beside = self._place.with_name(f"{self._place.name}.{log.stream}")
        path = self._place / log.stream if self._is_folder else beside
        values = realtime_fields(standard, visit, sent.viewer, distribution, now)
        self._append(path, log.record(values))

    def _append(self, path: Path, text: str, head: str = "") -> None:
        """`head` is what a new file begins with."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="ascii") as file:
            file.write(text if file.tell() else head + text)


def fields(
    visit: Visited, sent: Sent, distribution: Distribution, *, cookies: bool
) -> Mapping[str, str]:
    """The values of a record, but for its time."""
    request, served, viewer = visit.request, visit.served, sent.viewer
    asked, answered = request.headers, served.response.headers
    result = ResultType.ERROR if sent.broke else served.result_type
    code = sent.broke or (served.failure.code if served.failure is not None else "")
    tls = viewer.tls.split(":") if viewer.tls else []
    stem, _, query = request.target.partition("?")
    return {
        "x-edge-location": answered.get("x-amz-cf-pop") or "",
        "sc-bytes": str(sent.bytes),
        "c-ip": viewer.ip,
        "cs-method": request.method,
        "cs(Host)": distribution.domain_name,
        "cs-uri-stem": stem,
        "sc-status": f"{served.response.status:03}",
        "cs(Referer)": asked.get("referer") or "",
        "cs(User-Agent)": asked.get("user-agent") or "",
        "cs-uri-query": query,
        "cs(Cookie)": (asked.get("cookie") or "") if cookies else "",
        "x-edge-result-type": result.value,
        "x-edge-request-id": visit.request_id,
        "x-host-header": asked.get("host") or "",
        "cs-protocol": _protocol(request, viewer, served.response.status),
        "cs-bytes": str(_size(request)),
        "time-taken": f"{sent.seconds:.3f}",
        "x-forwarded-for": asked.get("x-forwarded-for") or "",
        "ssl-protocol": tls[0] if tls else "",
        "ssl-cipher": tls[1] if len(tls) > 1 else "",
        "x-edge-response-result-type": served.result_type.value,
        "cs-protocol-version": f"HTTP/{viewer.http_version}",
        "c-port": str(viewer.port),
        "time-to-first-byte": f"{visit.seconds:.3f}",
        "x-edge-detailed-result-type": detailed(
            result,
            code,
            shield_hit=any(
                one.tier.startswith("shield-") and isinstance(one.decision, Serve)
                for one in served.verdicts
            ),
            generated=served.generated_at is Trigger.ORIGIN_REQUEST,
        ),
        "sc-content-type": answered.get("content-type") or "",
        "sc-content-len": "" if sent.body_bytes is None else str(sent.body_bytes),
        **_range(answered.get("content-range") or ""),
    }


def _protocol(request: Request, viewer: Viewer, status: int) -> str:
    if is_websocket(request) and status == 101:
        return "wss" if viewer.scheme == "https" else "ws"
    return viewer.scheme


def _size(request: Request) -> int:
    """As it came over the wire, or nearly: whitespace around values is not kept."""
    lines = sum(len(name) + len(value) + LINE_ENDS for name, value in request.headers)
    start = len(request.method) + len(request.target) + len("  HTTP/1.1\r\n\r\n")
    return start + lines + size_bytes(request.body)


def _range(content_range: str) -> Mapping[str, str]:
    """From `bytes 0-99/1000`."""
    first, dash, last = content_range.removeprefix("bytes ").partition("/")[0].partition("-")
    return {"sc-range-start": first, "sc-range-end": last} if dash else {}
