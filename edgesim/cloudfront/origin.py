"""Where requests go when no cache answers them: origins, and groups of two."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..http.headers import Headers
from .bucket import Bucket


@dataclass(frozen=True, slots=True)
class Origin:
    """The server with the original, with CloudFront's limits (CloudFront: "Origin settings").

    Exactly one of `host`, `folder` and `app` says where it lives, but that a bucket in a folder has
    a host for a name.
    """

    name: str
    host: str = ""
    port: int = 80
    protocol: str = "http"
    path: str = ""
    folder: str = ""
    app: str = ""
    app_kind: str = "asgi"
    region: str = "us-east-1"
    shield_region: str = ""
    """Where Origin Shield stands before it, one of `SHIELD_REGIONS`; "" for nowhere."""
    custom_headers: Headers = Headers()
    connection_attempts: int = 3
    connection_timeout_s: float = 10.0
    response_timeout_s: float = 30.0
    keepalive_timeout_s: float = 5.0
    verify_certificate: bool = True
    ca_file: str = ""
    client_certificate: str = ""
    """A file with the certificate that it is shown by TLS, and its key."""
    host_header: str = ""
    """What Host says whatever the policies forward; "" leaves it to them."""
    bucket: Bucket | None = None
    match_viewer: tuple[int, int] | None = None
    """The ports for HTTP and HTTPS where the protocol is the viewer's."""
    response_completion_timeout_s: float | None = None

    @property
    def is_bucket(self) -> bool:
        """Whether CloudFront takes it for an S3 bucket: not by the website endpoint of one."""
        if self.bucket is not None:
            return not self.bucket.website
        return bool(self.folder) or _BUCKET_HOST.fullmatch(self.host) is not None

    @property
    def is_s3(self) -> bool:
        """Whether it is a bucket of S3's, and not just a folder."""
        return self.is_bucket and bool(self.host)

    @property
    def authority(self) -> str:
        """What Host says to this origin unless the viewer's is forwarded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.protocol == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Where it lives, for people to read."""
        if self.folder:
            return self.folder
        bucket = f"/{self.bucket.name}" if self.bucket is not None else ""
        return self.app or f"{self.protocol}://{self.authority}{bucket}{self.path}"


SHIELD_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "me-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
"""The Regions that offer it (CloudFront: "Use Amazon CloudFront Origin Shield")."""

_BUCKET_HOST = re.compile(r".+\.s3(?!-website)([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
"""S3: "Virtual hosting of buckets"."""

FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
"""What an origin group may list."""


@dataclass(frozen=True, slots=True)
class Failover:
    """The origin that is asked where the primary one of its group fails, and for which failures."""

    origin: Origin
    status_codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes: an origin, and what stands by for it if it is one of a group."""

    origin: Origin
    failover: Failover | None = None
