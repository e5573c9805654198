"""Further distributions behind the port of a first one: other files, tenants, and staging."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from functools import partial

from ..cloudfront.aliases import host_name
from ..config.deployment import Deployment
from ..config.elsewhere import check_placed
from .hosts import Hosts, check_names
from .server import LiveServer

Build = Callable[[], Deployment]


class Companions:
    """Servers that do not listen; `first` does, and hands them what is theirs.

    `make` is given a name for each, for what it keeps on the disk.
    """

    def __init__(
        self, first: LiveServer, builds: Sequence[Build], make: Callable[[str], LiveServer]
    ) -> None:
        self._first, self._builds, self._make = first, builds, make
        self.served: list[tuple[LiveServer, Build]] = []
        """Each with what builds its deployment anew."""

    async def start(self) -> None:
        """Deploy them all; `first` has been deployed already.

        Raises `ConfigError` or `FunctionError`.
        """
        servers = [self._first, *[await self._deployed(build) for build in self._builds]]
        tenants = [build for server in servers for build in server.deployment.beside]
        servers += [await self._deployed(partial(_placed, build)) for build in tenants]
        staging = {}
        for index, server in enumerate(servers):
            build = server.deployment.staging
            if build is not None:
                staging[index] = await self._deployed(partial(_placed, build))
        if len(servers) > 1 or staging:
            check_names(servers)  # viewers never ask for staging by name
            self._first.hosts = Hosts(servers, staging)

    @property
    def all(self) -> tuple[LiveServer, ...]:
        """With the first."""
        return (self._first, *(server for server, _ in self.served))

    def puts(self) -> int:
        """How often something was stored, in all tiers of all of them."""
        return sum(tier.store.puts for server in self.all for tier in server.caches)

    def knows(self, name: str) -> bool:
        """Whether `name` may be asked for by TLS."""
        asked = host_name(name)
        for server in self.all:
            distribution = server.deployment.distribution
            for alias in distribution.names:
                if asked == alias or (alias.startswith("*.") and asked.endswith(alias[1:])):
                    return True
        return asked.endswith(".localhost")

    @property
    def minimum_tls(self) -> ssl.TLSVersion:
        """What every one of them accepts: TLS 1.3 alone, only if all want that."""
        newest = all(one.deployment.distribution.security_policy.needs_tls_1_3 for one in self.all)
        return ssl.TLSVersion.TLSv1_3 if newest else ssl.TLSVersion.TLSv1_2

    def have_tls_at(self, port: int) -> None:
        for server in self.all:
            server.has_tls_at(port)

    async def stop(self) -> None:
        for server, _ in self.served:
            await server.stop()

    async def _deployed(self, build: Build) -> LiveServer:
        server = self._make(f"beside-{len(self.served) + 1}")
        self.served.append((server, build))
        await server.deploy(build())
        return server


def _placed(build: Build) -> Deployment:
    deployment = build()
    check_placed(deployment)
    return deployment
