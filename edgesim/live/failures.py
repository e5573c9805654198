"""What went wrong on the way to an origin, in words that help."""

from __future__ import annotations

import errno
import os
import socket
import ssl

from ..cloudfront.origin import Origin
from ..errors import OriginError, OriginTimeout

_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_TLS_ALERTS = ("\x15\x03", r"\x15\x03")
"""How a TLS server's answer to plain HTTP begins, in bytes and as a parser quotes them."""


def where(origin: Origin) -> str:
    return f"origin {origin.name}"


def address(origin: Origin) -> str:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return f"{host}:{origin.port}"


def unreachable(origin: Origin, cause: BaseException, attempts: int) -> OriginError:
    """No connection, because of `cause`, or one that was closed before it answered."""
    at, tried = address(origin), _tried(attempts)
    match cause:
        case TimeoutError():
            return OriginTimeout(
                f"no connection to {at} within {origin.connection_timeout_s:g} s{_in(attempts)}",
                where=where(origin),
                hint="a firewall may drop the packets, or the address is another one",
            )
        case socket.gaierror():
            return OriginError(
                f"the name {origin.host} has no address ({cause.strerror}, {tried})",
                where=where(origin),
                hint="check the spelling of host, and that this machine is online",
                code="OriginDnsError",
            )
        case ssl.SSLCertVerificationError():
            return OriginError(
                f"the certificate of {at} is not accepted: {cause.verify_message}",
                where=where(origin),
                hint=_certificate_hint(cause),
            )
        case ssl.SSLError():
            return OriginError(
                f"{at} does not complete a TLS handshake ({cause.reason or cause})",
                where=where(origin),
                hint="if it speaks plain HTTP, give http:// in its address",
            )
        case ConnectionRefusedError():
            return OriginError(
                f"nothing listens at {at} (connection refused, {tried})",
                where=where(origin),
                hint="is the dev server running? start it, or give another --origin",
            )
        case OSError() if cause.errno in _NO_ROUTE:
            reason = os.strerror(cause.errno or 0)
            what = f"there is no way to {at} ({reason.lower()}, {tried})"
            return OriginError(what, where=where(origin), hint="check host and network")
        case _:
            return closed_early(origin, attempts)


def closed_early(origin: Origin, attempts: int) -> OriginError:
    """Connected, and then closed before an answer began."""
    if origin.client_certificate:
        hint = "does it trust the authority of client_certificate? see its log"
    elif origin.protocol == "https":
        hint = (
            "if it speaks plain HTTP, give http:// in its address; "
            'if it asks for a certificate, client_certificate = "…" shows one'
        )
    else:
        hint = "see its log for a crash; if it speaks HTTPS, give https:// in its address"
    return OriginError(
        f"{address(origin)} closed the connection without an answer{_in(attempts)}",
        where=where(origin),
        hint=hint,
    )


def silent(origin: Origin, attempts: int = 1) -> OriginTimeout:
    """Connected, and then nothing for as long as the origin may be silent."""
    return OriginTimeout(
        f"{address(origin)} sent nothing for {origin.response_timeout_s:g} s{_in(attempts)}",
        where=where(origin),
        hint="a request that needs longer needs a greater response_timeout",
    )


def incomplete(origin: Origin) -> OriginTimeout:
    """Not all of the response was there in time, however many attempts that took."""
    return OriginTimeout(
        f"{address(origin)} did not complete its response "
        f"within {origin.response_completion_timeout_s:g} s",
        where=where(origin),
        hint="a response that needs longer needs a greater response_completion_timeout_s",
    )


def broken_off(origin: Origin, cause: BaseException) -> OriginError:
    """The body stopped before its end."""
    if isinstance(cause, TimeoutError):
        return silent(origin)
    return OriginError(
        f"{address(origin)} broke off in the middle of the body",
        where=where(origin),
        hint="its Content-Length or its last chunk does not fit what it sent; see its log",
        code="OriginInvalidResponseError",
    )


def not_http(origin: Origin, detail: str) -> OriginError:
    """It answered, but not with HTTP/1.1."""
    if any(alert in detail for alert in _TLS_ALERTS):
        what, hint = "TLS where plain HTTP was expected", "give https:// in its address"
    else:
        shown = " ".join(detail.split())[:200]
        what, hint = f"something that is no HTTP response: {shown}", "is it an HTTP server?"
    return OriginError(
        f"{address(origin)} sent {what}",
        where=where(origin),
        hint=hint,
        code="OriginInvalidResponseError",
    )


def head_too_big(origin: Origin, limit_bytes: int) -> OriginError:
    return OriginError(
        f"{address(origin)} sent a response head with a line above {limit_bytes:,} bytes",
        where=where(origin),
        hint="too many or too large cookies, most often",
        code="OriginHeaderTooBigError",
    )


def _certificate_hint(cause: ssl.SSLCertVerificationError) -> str:
    if "mismatch" in cause.verify_message or "not valid for" in cause.verify_message:
        return "host must be a name in its certificate; verify_certificate = false accepts any"
    if "expired" in cause.verify_message:
        return "renew it; verify_certificate = false accepts it as it is"
    return 'verify_certificate = false accepts it; ca_file = "…" trusts its authority'


def _tried(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"


def _in(attempts: int) -> str:
    return f" ({_tried(attempts)})"


def is_final(cause: BaseException) -> bool:
    """Whether another attempt to connect would fail alike."""
    return isinstance(cause, ssl.SSLError)
