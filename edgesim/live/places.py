"""Where viewers are placed, which way they come in, and what is out of order just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

from ..caches import Caches
from ..config.world import world
from ..edge import Edge
from ..errors import BadRequest, ConfigError
from ..http.headers import Headers
from ..http.message import Request, ViewerPlace
from ..topology.handshakes import Handshake, viewer_handshake
from ..topology.network import Link
from ..topology.routing import Outages, Path, path_for
from ..topology.world import ViewerCity

VIEWER_FIELD = "x-edgesim-viewer"
"""By which a developer places the viewer of one request. No function and no origin sees it."""


class Places:
    """The map under a live edge.

    `viewer` is where everybody is who is not placed elsewhere, "" for nowhere. The links are
    `latency_scale` times as long as in the world, 0 for no time at all. Raises `ConfigError` for
    a city that is on no map.
    """

    def __init__(self, viewer: str = "", latency_scale: float = 0.0) -> None:
        self.latency_scale = latency_scale
        self.usual = world().viewer(viewer, "--viewer") if viewer else None
        self.outages = Outages()
        self.caches = Caches()

    @property
    def usual_place(self) -> ViewerPlace | None:
        return None if self.usual is None else self.usual.place

    def placed_by(self, request: Request, peer: str) -> ViewerCity | None:
        """Where the viewer of `request` is. Raises `BadRequest` for a place that nobody knows."""
        name = request.headers.get(VIEWER_FIELD)
        if name is None or not is_loopback(peer):
            return self.usual
        try:
            return world().viewer(_text(name), VIEWER_FIELD)
        except ConfigError as error:
            raise BadRequest(error.what, where=error.where, hint=error.hint) from None

    def usual_edge(self, nowhere: Edge) -> Edge:
        """Where those come in whom nothing places elsewhere. Raises `EdgesimError`."""
        return nowhere if self.usual is None else self.edge(nowhere, self.usual)

    def edge(
        self, nowhere: Edge, city: ViewerCity, scheme: str = "", met: set[str] | None = None
    ) -> Edge:
        """Where viewers in `city` come in; over a new connection unless they have `met` before.

        Raises `EdgesimError` if they can get in nowhere.
        """
        path = self._path(nowhere, city, self.outages)
        handshake = None
        if met is not None and path.network.name not in met:
            met.add(path.network.name)
            handshake = viewer_handshake(scheme)
        return self.caches.placed(nowhere, path, self._entry(path, handshake))

    def with_outage(self, names: Sequence[str], *, on: bool) -> Outages:
        """What is out of order, with a place or a stretch more or less. Raises `ConfigError`."""
        sites = frozenset(world().site(name, "outage").name for name in names)
        return self.outages.switched(sites, on=on)

    def rerouted(self, nowhere: Edge, outages: Outages) -> Edge:
        """The usual edge with other things out of order. Raises `EdgesimError`."""
        if self.usual is not None:
            self._path(nowhere, self.usual, outages)
        self.outages = outages
        return self.usual_edge(nowhere)

    def _path(self, nowhere: Edge, city: ViewerCity, outages: Outages) -> Path:
        distribution = nowhere.distribution
        return path_for(
            world(),
            city,
            routing=distribution.routing,
            region=distribution.home_region,
            price_class=distribution.price_class,
            outages=outages,
        )

    def _entry(self, path: Path, handshake: Handshake | None) -> Link:
        """Of no length if no time passes anyway, so that a hit waits for nothing."""
        entry = path.entry(handshake)
        return entry if self.latency_scale else replace(entry, rtt_s=0.0)


def _text(value: str) -> str:
    """A field's value as it was meant: São Paulo comes as UTF-8 more often than not."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def without_place(headers: Headers) -> Headers:
    return headers.without(VIEWER_FIELD)


def is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
