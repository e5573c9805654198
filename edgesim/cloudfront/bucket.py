"""What an origin that is an S3 bucket is like.

CloudFront: "Use various origins", "Restrict access to an Amazon S3 origin"; S3: "Hosting a static
website", "Configuring a webpage redirect".
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A redirect of a bucket's website, for keys or for errors."""

    key_prefix: str | None = None
    error_code: int | None = None
    protocol: str | None = None
    host: str | None = None
    replace_key_prefix_with: str | None = None
    replace_key_with: str | None = None
    redirect_code: int = 302

    def applies(self, key: str, error_code: int | None) -> bool:
        """Whether it is for `key`, which was answered with `error_code`; None before the answer."""
        return self.error_code == error_code and key.startswith(self.key_prefix or "")

    def location(self, key: str, host: str) -> str:
        """Where it leads, asked for `key` at `host`."""
        if self.replace_key_with is not None:
            key = self.replace_key_with
        elif self.replace_key_prefix_with is not None:
            key = self.replace_key_prefix_with + key.removeprefix(self.key_prefix or "")
        return f"{self.protocol or 'http'}://{self.host or host}/{quote(key)}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; its objects are the files of the origin's folder, or behind the origin's host."""

    name: str = ""
    """In front of every key of an S3 API; "" for a folder."""
    website: bool = False
    """Whether it is asked by its website endpoint, which CloudFront takes for any server."""
    index_document: str = "index.html"
    error_document: str = ""
    redirects_all_to: RoutingRule | None = None
    routing_rules: tuple[RoutingRule, ...] = ()
    lists: bool = False
    """Whether who asks may list it (s3:ListBucket): else a missing key is as good as forbidden."""
    access_key_id: str = ""
    secret_access_key: str = ""
    signing_behavior: str = "never"
    """Origin access control: always, never or no-override."""

    def signs(self, authorized: bool) -> bool:  # noqa: FBT001 - the one thing it depends on
        """Whether CloudFront signs a request that carries Authorization, or does not."""
        return self.signing_behavior == "always" or (
            self.signing_behavior == "no-override" and not authorized
        )
