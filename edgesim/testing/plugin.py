"""The pytest plugin: fixtures `edge` and `edge_server`, and a failing test's trace.

Everything heavy is imported by the fixtures, so that a suite that uses none pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..config.deployment import Deployment
    from .edge import VirtualEdge
    from .server import EdgeServer

MARKER = "edgesim(config=None, origin=None): the configuration file that `edge` is built from"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def edge(request: pytest.FixtureRequest) -> VirtualEdge:
    """A CDN in virtual time with scripted origins.

    It is built from the marker's `config`, or from edgesim.toml in pytest's root folder, or
    has one origin called "app" whose Cache-Control decides.
    """
    from .edge import VirtualEdge  # noqa: PLC0415

    return VirtualEdge(_deployment(request))


@pytest.fixture
def edge_server(request: pytest.FixtureRequest) -> Iterator[Callable[..., EdgeServer]]:
    """Starts live edges on free ports: `edge_server(origin="http://127.0.0.1:3000")`."""
    from .server import EdgeServer  # noqa: PLC0415

    started: list[EdgeServer] = []

    def start(origin: str | None = None, **options: Any) -> EdgeServer:
        deployment = _deployment(request, origin=origin, **options)
        server = EdgeServer(deployment)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001  pluggy passes by name
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the edge did in a test that failed."""
    report = yield
    edge: VirtualEdge | None = getattr(item, "funcargs", {}).get("edge")
    stories = getattr(edge, "responses", None)
    if report.when == "call" and report.failed and stories:
        text = "\n".join(
            f"{response.request.method} {response.request.url.raw_path.decode()} "
            f"→ {response.status_code}  {response.edge}"
            for response in stories
        )
        report.sections.append(("edgesim", text))
    return report


def _deployment(
    request: pytest.FixtureRequest, *, origin: str | None = None, config: str | None = None
) -> Deployment:
    from ..config.resolve import from_origin, load  # noqa: PLC0415

    marker = request.node.get_closest_marker("edgesim")
    settings = marker.kwargs if marker else {}
    config, origin = config or settings.get("config"), origin or settings.get("origin")
    if origin is not None:
        return from_origin(origin)
    path = Path(request.config.rootpath) / (config or "edgesim.toml")
    if config is not None or path.exists():
        return load(path)
    return from_origin("http://app.test")
