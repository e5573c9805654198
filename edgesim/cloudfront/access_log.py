"""Access logs in CloudFront's own format (CloudFront: "Standard logging reference")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from .result_type import ResultType

FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)"),
    *("cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)"),
    *("x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes"),
    *("time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "fle-status"),
    *("fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type"),
    *("sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end"),
)
HEAD = f"#Version: 1.0\n#Fields: {' '.join(FIELDS)}\n"
EMPTY = "-"
ENCODED = frozenset("<>\"#%{}|\\^~[]`'")
"""What is written as %XX, besides spaces, control characters and all beyond ASCII."""

DETAILED = frozenset(
    {
        *("AbortedOrigin", "ClientCommError", "ClientGeoBlocked", "ClientHungUpRequest", "Error"),
        *("InvalidRequest", "InvalidRequestBlocked", "InvalidRequestCertificate"),
        *("InvalidRequestHeader", "InvalidRequestMethod", "OriginCommError"),
        *("OriginConnectError", "OriginContentRangeLengthError", "OriginDnsError", "OriginError"),
        *("OriginHeaderTooBigError", "OriginInvalidResponseError", "OriginReadError"),
        *("OriginWriteError", "OriginZeroSizeObjectError", "SlowReaderOriginError"),
    }
)
"""Words for an error that only x-edge-detailed-result-type uses."""


@dataclass(frozen=True, slots=True)
class Logging:
    """`Logging` of a distribution: the bucket's name, how files' names begin, and cookies."""

    bucket: str = ""
    prefix: str = ""
    include_cookies: bool = False


def file_name(logging: Logging, distribution_id: str, ended: float, unique: str) -> str:
    """The name of a file for what ended in one hour, below the bucket."""
    prefix = f"{logging.prefix.rstrip('/')}/" if logging.prefix else ""
    hour = datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%d-%H")
    return f"{prefix}{distribution_id}.{hour}.{unique}"


def line(values: Mapping[str, str], ended: float) -> str:
    """A record: `values` by the names of the fields; `ended` is when the response did."""
    at = datetime.fromtimestamp(ended, UTC)
    known = {"date": at.strftime("%Y-%m-%d"), "time": at.strftime("%H:%M:%S"), **values}
    return "\t".join(encoded(known.get(name, "")) or EMPTY for name in FIELDS) + "\n"


def encoded(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    plain = (
        chr(byte) if 32 < byte < 127 and chr(byte) not in ENCODED else f"%{byte:02X}"
        for byte in text.encode("latin-1", "replace")
    )
    return "".join(plain)


def detailed(result: ResultType, code: str, *, shield_hit: bool, generated: bool) -> str:
    """x-edge-detailed-result-type; `code` is that of a failure, "" without one."""
    if result is ResultType.ERROR and code in DETAILED:
        return code
    if result is ResultType.HIT and shield_hit:
        return "OriginShieldHit"
    if result is ResultType.MISS and generated:
        return "MissGeneratedResponse"
    return result.value
