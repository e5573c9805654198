"""Real-time access logs (CloudFront: "Use real-time access logs")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .access_log import EMPTY, encoded

CMCD = (
    *("encoded-bitrate", "buffer-length", "buffer-starvation", "content-id", "object-duration"),
    *("deadline", "measured-throughput", "next-object-request", "next-range-request"),
    *("object-type", "playback-rate", "requested-maximum-throughput", "streaming-format"),
    *("session-id", "stream-type", "startup", "top-bitrate", "version"),
)
"""Of media players."""
FIELDS = (
    *("timestamp", "c-ip", "s-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method"),
    *("cs-protocol", "cs-host", "cs-uri-stem", "cs-bytes", "x-edge-location"),
    *("x-edge-request-id", "x-host-header", "time-taken", "cs-protocol-version", "c-ip-version"),
    *("cs-user-agent", "cs-referer", "cs-cookie", "cs-uri-query", "x-edge-response-result-type"),
    *("x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-result-type"),
    *("fle-encrypted-fields", "fle-status", "sc-content-type", "sc-content-len"),
    *("sc-range-start", "sc-range-end", "c-port", "x-edge-detailed-result-type", "c-country"),
    *("cs-accept-encoding", "cs-accept", "cache-behavior-path-pattern", "cs-headers"),
    *("cs-header-names", "cs-headers-count", "primary-distribution-id"),
    *("primary-distribution-dns-name", "origin-fbl", "origin-lbl", "asn"),
    *(f"cmcd-{name}" for name in CMCD),
    *("r-host", "sr-reason", "x-edge-mqcs", "distribution-tenant-id", "connection-id"),
)
"""In the order of a record."""
MAX_HEADER_BYTES = 800
"""Of cookies, of all header fields, of Accept and Accept-Encoding; the rest is cut off."""


@dataclass(frozen=True, slots=True)
class RealtimeLog:
    """A real-time log configuration: what is told of which share of the requests, and where."""

    stream: str
    """The name of the Kinesis data stream."""
    fields: tuple[str, ...]
    sampling_rate: float = 100.0
    """Percent of the requests."""

    def record(self, values: Mapping[str, str]) -> str:
        """A line; fields are in the order of a record, however the configuration lists them."""
        chosen = (name for name in FIELDS if name in self.fields)
        return "\t".join(encoded(values.get(name, "")) or EMPTY for name in chosen) + "\n"
