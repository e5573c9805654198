"""The pytest plugin: `edge`, `edge_function`, `edge_server`, and the trace of a failing test.

Everything heavy is imported by the fixtures, so that a suite that uses none pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..config.deployment import Deployment
    from .alone import EdgeFunction
    from .edge import VirtualEdge
    from .server import EdgeServer

MARKER = (
    "edgesim(config=None, origin=None, template=None, set_origin=None, parameters=None, "
    "imports=None, set_store=None, set_function=None, set_signer=None, set_certificate=None, "
    "without=(), distribution='', "
    "strictness=None): the configuration file or template that an edge is built from, and "
    "whether rules on which AWS is silent are read 'safe', 'strict' or 'lenient'"
)

EDGES = pytest.StashKey["list[VirtualEdge | EdgeServer]"]()
"""The edges of a test, for its report."""

RUNNING = pytest.StashKey[pytest.Item]()
"""The test that runs: pytest does not tell an assertion's hook."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Conversations as data (`conversation.py`)."""
    if file_path.name.startswith("test_") and file_path.name.endswith(".edge.yaml"):
        from .yaml_item import ConversationFile  # noqa: PLC0415

        found: pytest.Collector = ConversationFile.from_parent(parent, path=file_path)
        return found
    return None


@pytest.fixture
def edge(request: pytest.FixtureRequest) -> Iterator[VirtualEdge]:
    """A CDN in virtual time with scripted origins.

    It is built from the marker's `config` or `template`, or from edgesim.toml in pytest's root
    folder, or has one origin called "app" whose Cache-Control decides.
    """
    from .edge import VirtualEdge  # noqa: PLC0415

    virtual = VirtualEdge(_deployment(request))
    request.node.stash.setdefault(EDGES, []).append(virtual)
    yield virtual
    virtual.close()


@pytest.fixture
def edge_function(request: pytest.FixtureRequest) -> Iterator[EdgeFunction]:
    """One function alone: `edge_function("functions/rewrite.py", "viewer-request")("/about")`.

    It is a function of the configuration, by its name, or a file or a folder in pytest's root
    folder, or a handler of the test itself.
    """
    from .alone import FunctionAlone, alone  # noqa: PLC0415
    from .functions import InProcess  # noqa: PLC0415

    deployment, run = _deployment(request), InProcess()

    def make(
        function: str | Path | Callable[..., object],
        trigger: str | None = None,
        *,
        runtime: str = "",
        handler: str = "index.handler",
        include_body: bool = False,
    ) -> FunctionAlone:
        return alone(
            function,
            trigger,
            deployment=deployment,
            folder=Path(request.config.rootpath),
            run=run,
            runtime=runtime,
            handler=handler,
            include_body=include_body,
        )

    yield make
    run.close()


@pytest.fixture
def edge_server(request: pytest.FixtureRequest) -> Iterator[Callable[..., EdgeServer]]:
    """Starts live edges on free ports: `edge_server(origin="http://127.0.0.1:3000")`.

    Without an `origin` or a `config` of its own it is built as `edge` is.
    """
    from .server import EdgeServer  # noqa: PLC0415

    with ExitStack() as started:

        def start(
            *, origin: str | None = None, config: str | None = None, strictness: str | None = None
        ) -> EdgeServer:
            server = EdgeServer(_deployment(request, origin, config, strictness, live=True))
            started.callback(server.stop)
            request.node.stash.setdefault(EDGES, []).append(server)
            return server

        yield start


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remember which test runs, and let go of its edges."""
    item.config.stash[RUNNING] = item
    try:
        return (yield)
    finally:
        del item.config.stash[RUNNING]
        # Its report is made. Kept until the end of the session, edges slow every test after it.
        item.stash.get(EDGES, []).clear()


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """Say why a result type was not the expected one."""
    item = config.stash.get(RUNNING, None)
    if op != "==" or item is None or EDGES not in item.stash:
        return None
    from ..cloudfront.result_type import ResultType  # noqa: PLC0415
    from .edge import VirtualEdge  # noqa: PLC0415

    if not isinstance(left, ResultType):
        left, right = right, left
    if not isinstance(left, ResultType) or not isinstance(right, str):
        return None
    edges = item.stash[EDGES]
    for edge in reversed(edges):
        if isinstance(edge, VirtualEdge) and (lines := edge.explain(left, right)):
            return [f"{left.value!r} == {right!r}", *lines]
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the edges did in a test that failed."""
    report = yield
    if report.failed:
        told = [edge.report() for edge in item.stash.get(EDGES, [])]
        if any(told):
            report.sections.append(("edgesim", "\n".join(filter(None, told))))
    return report


def _deployment(
    request: pytest.FixtureRequest,
    origin: str | None = None,
    config: str | None = None,
    strictness: str | None = None,
    *,
    live: bool = False,
) -> Deployment:
    from ..errors import ConfigError  # noqa: PLC0415
    from .described import Described  # noqa: PLC0415

    marker = request.node.get_closest_marker("edgesim")
    described = Described(*marker.args, **marker.kwargs) if marker is not None else Described()
    if config is not None or origin is not None:
        described = Described(config, origin, strictness=described.strictness)
    if strictness is not None:
        described = replace(described, strictness=strictness)
    try:
        deployment = described.deployment(Path(request.config.rootpath))
        if live:
            from ..config.elsewhere import check_placed  # noqa: PLC0415

            check_placed(deployment)
        return deployment
    except ConfigError as error:
        pytest.fail(str(error), pytrace=False)
