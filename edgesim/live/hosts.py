"""Several distributions behind one port: which of them a request is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import random
from typing import TYPE_CHECKING

from ..cloudfront.aliases import host_name, named_by
from ..cloudfront.continuous_deployment import routed, without_session
from ..errors import ConfigError, ViewerError
from ..http.message import Request
from .running import Running

if TYPE_CHECKING:
    from .server import LiveServer


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who answers a request, the request as it goes in, a Set-Cookie for the response."""

    running: Running
    request: Request
    cookie: str = ""


class Hosts:
    """The servers behind a port, each with its own stores and functions, found by name.

    `staging` has the server of a staging distribution by the index of its primary one. Where there
    is only one distribution it answers to any name, for a dev server has many.
    """

    def __init__(
        self,
        servers: Sequence[LiveServer],
        staging: dict[int, LiveServer] | None = None,
        chance: Callable[[], float] = random,
    ) -> None:
        self.servers = tuple(servers)
        self.staging = staging or {}
        self._chance = chance

    @property
    def all(self) -> tuple[LiveServer, ...]:
        return (*self.servers, *self.staging.values())

    def choose(self, request: Request) -> Chosen:
        """Raises `ViewerError` for a Host that is nobody's, or a staging distribution's own."""
        host = request.headers.get("host") or ""
        index = self._index(host)
        server = self.servers[index]
        policy, staging = server.deployment.continuous_deployment, self.staging.get(index)
        if policy is None or staging is None:
            return Chosen(server.running, request)
        routing = routed(policy, request, server.clock(), self._chance())
        chosen = staging if routing.staging else server
        return Chosen(chosen.running, without_session(request), routing.cookie)

    def _index(self, host: str) -> int:
        distributions = [server.deployment.distribution for server in self.servers]
        index, name = named_by(host, distributions), host_name(host)
        staging = (one.deployment.distribution.domain_name for one in self.staging.values())
        if index is None and name in staging:
            hint = "CloudFront sends it what the continuous deployment of the primary one says"
            raise ViewerError(f"{name} is a staging distribution", hint=hint)
        if len(self.servers) == 1:
            return 0
        if index is None:
            known = ", ".join(name for one in distributions for name in one.names)
            raise ViewerError(f"no distribution answers to {host!r}", hint=f"they are: {known}")
        return index


def check_names(servers: Sequence[LiveServer]) -> None:
    """Raises `ConfigError` if two distributions have a name in common, which AWS refuses too."""
    seen: dict[str, str] = {}
    for server in servers:
        distribution, source = server.deployment.distribution, server.deployment.source
        for name in distribution.names:
            if name in seen:
                what = f"{name} is a name of the distribution in {seen[name]} already"
                hint = "give each a domain_name and aliases of its own under [distribution]"
                raise ConfigError(what, where=source, hint=hint)
        seen |= dict.fromkeys(distribution.names, source)
