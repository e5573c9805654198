"""What the marker `edgesim(…)` says, and the deployment that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..cloudfront.caching import CloudFrontCaching
from ..cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from ..cloudfront.managed_policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from ..cloudfront.origin import Origin, Route
from ..cloudfront.strictness import Strictness
from ..config.deployment import Deployment

if TYPE_CHECKING:
    from ..config.templates.given import Given


@dataclass(frozen=True, slots=True)
class Described:
    """A configuration file, an origin or a template, with what the template leaves open.

    Paths are relative to pytest's root folder. Python itself refuses what this cannot say.
    """

    config: str | None = None
    origin: str | None = None
    template: str | None = None
    set_origin: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    set_store: Mapping[str, str] = field(default_factory=dict)
    set_function: Mapping[str, str] = field(default_factory=dict)
    set_signer: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Files of public keys by account and key id."""
    set_certificate: Mapping[str, str] = field(default_factory=dict)
    without: Sequence[str] = ()
    distribution: str = ""
    strictness: str | None = None
    """`safe`, `strict` or `lenient`; None leaves it to the configuration."""

    def deployment(self, root: Path) -> Deployment:
        """Without a file or an origin: edgesim.toml in `root`, or an origin called "app".

        Raises `ConfigError`.
        """
        if self.template is not None:
            from ..config.templates.load import load as load_template  # noqa: PLC0415 - it is slow

            path, given = root / self.template, self._given(root)
            return load_template(path, given, strictness=self._reading)
        deployment = self._unmoved(root)
        if not self.set_origin:
            return deployment
        from ..config.resolve import with_origins  # noqa: PLC0415 - as in `_unmoved`

        return with_origins(deployment, self.set_origin)

    def _given(self, root: Path) -> Given:
        from ..config.templates.given import Given  # noqa: PLC0415 - as its loader

        return Given(
            self.parameters,
            self.imports,
            self.set_origin,
            self.set_store,
            self.set_function,
            frozenset(self.without),
            self.distribution,
            self.set_signer,
            self.set_certificate,
        ).below(root)

    def _unmoved(self, root: Path) -> Deployment:
        path = root / (self.config or "edgesim.toml")
        if self.origin is None and self.config is None and not path.exists():
            return before_an_app(self._reading)
        from ..config.resolve import from_origin, load  # noqa: PLC0415 - pydantic takes its time

        if self.origin is not None:
            return from_origin(self.origin, strictness=self._reading)
        return load(path, strictness=self._reading)

    @property
    def _reading(self) -> Strictness | None:
        return Strictness.named(self.strictness) if self.strictness else None


@cache
def before_an_app(reading: Strictness | None) -> Deployment:
    """What nobody describes: `from_origin("http://app.test")`. A thousand tests may have the same.

    It is put together by hand, since to check what is right anyway takes a tenth of a second of
    importing.
    """
    origin = Origin("app", host="app.test", port=80)
    policy = CACHE_POLICIES["UseOriginCacheControlHeaders-QueryStrings"]
    behavior = Behavior(
        "*",
        origin,
        CloudFrontCaching(policy, cookies_forwarded=True, error_caching_min_ttl_s=0),
        policy,
        ORIGIN_REQUEST_POLICIES["AllViewer"],
        allowed_methods=ALL_METHODS,
    )
    strictness, routes = reading or Strictness.SAFE, {origin.name: Route(origin)}
    distribution = Distribution((behavior,), routes=routes, strictness=strictness)
    return Deployment(distribution, (), "--origin http://app.test")
