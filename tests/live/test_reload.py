"""Edits while viewers come and go: real files, real child processes, a real watcher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.resolve import load
from edgesim.errors import EdgesimError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.reload import keep_current
from tests.needed import node_or_skip
from tests.runtimes.conftest import no_process_left, processes_of

from .edge import Connection, InMemory, LiveEdge, field_of, live_edge, says

assert no_process_left, "it runs after every test here too"
Headed = Callable[..., Awaitable[str | None]]

CONFIGURATION = """\
[origins.app]
url = "http://127.0.0.1:9"
[functions.stamp]
code = "stamp"
[functions.version]
code = "version"
[default_behavior]
origin = "app"
viewer_response = "version"
[[behaviors]]
path_pattern = "/stamped/*"
origin = "app"
origin_response = "stamp"
[[behaviors]]
path_pattern = "/plain/*"
origin = "app"
"""
SETS = """\
def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["{name}"] = [{{"key": "{name}", "value": "{value}"}}]
    return response
"""
NODE_SETS = """\
import { value } from "./words.mjs";
export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  response.headers["x-version"] = [{ key: "X-Version", value }];
  return response;
};
"""
CACHEABLE = says(b"hello", cache_control="max-age=600")
PATIENCE_S = 10.0


@dataclass
class Editing:
    """What keep_current reports, and the files it watches."""

    folder: Path
    events: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    def reloaded(self, deployment: Deployment, changed: frozenset[str], seconds: float) -> None:
        self.events.put_nowait(changed)

    def not_reloaded(self, error: EdgesimError) -> None:
        self.events.put_nowait(error)

    async def news(self) -> Any:
        return await asyncio.wait_for(self.events.get(), PATIENCE_S)

    def sets(self, name: str, value: object) -> None:
        """Write the function that sets the header x-`name`."""
        (self.folder / name).mkdir(exist_ok=True)
        (self.folder / name / "index.py").write_text(SETS.format(name=f"x-{name}", value=value))

    def configure(self, text: str) -> None:
        (self.folder / "edgesim.toml").write_text(text)

    def build(self) -> Deployment:
        return load(self.folder / "edgesim.toml")


@pytest.fixture
def editing(tmp_path: Path) -> Editing:
    editing = Editing(tmp_path)
    editing.sets("stamp", 0)
    editing.sets("version", 0)
    editing.configure(CONFIGURATION)
    return editing


@asynccontextmanager
async def kept_current(editing: Editing, origin: InMemory) -> AsyncIterator[LiveEdge]:
    async with live_edge(origin, editing.build()) as edge:
        keeping = asyncio.ensure_future(keep_current(edge.server, editing.build, editing))
        try:
            yield edge
        finally:
            assert not keeping.done()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


async def until(viewer: Connection, target: str, name: str, value: str | None) -> float:
    """Ask until a header has this value; how many seconds that took."""
    began = perf_counter()
    while perf_counter() - began < PATIENCE_S:
        response, _ = await viewer.ask("GET", target)
        assert response.status_code == 200
        if field_of(response, name) == value:
            return perf_counter() - began
    raise AssertionError(f"{name} never became {value}")


async def test_an_edit_is_live_at_once(
    editing: Editing, record_testsuite_property: Callable[[str, object], None]
) -> None:
    function, file = [], []
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        viewer = await edge.connect()
        for edit in range(1, 8):
            editing.sets("version", edit)
            function.append(await until(viewer, "/a", "x-version", str(edit)))
            secure = CONFIGURATION + 'response_headers_policy = "SecurityHeadersPolicy"\n'
            editing.configure(CONFIGURATION if edit % 2 == 0 else secure)
            expected = "nosniff" if edit % 2 else None
            file.append(await until(viewer, "/plain/a", "x-content-type-options", expected))
        await viewer.close()
    for name, seconds in (("function", function), ("configuration", file)):
        record_testsuite_property(f"{name}_edit_live_after_ms", round(median(seconds) * 1000))
        assert median(seconds) < 1.0, f"{name}: {seconds}"


async def test_a_module_beside_a_single_file_belongs_to_it(editing: Editing) -> None:
    words = editing.folder / "words.py"
    words.write_text("VALUE = 1\n")
    text = SETS.format(name="x-version", value=0).replace('"0"', "str(words.VALUE)")
    (editing.folder / "single.py").write_text(f"import words\n{text}")
    single = CONFIGURATION.replace('code = "version"', 'code = "single.py"')
    assert single != CONFIGURATION
    editing.configure(single)
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        viewer = await edge.connect()
        await until(viewer, "/a", "x-version", "1")
        words.write_text("VALUE = 2  # an edit\n")
        await until(viewer, "/a", "x-version", "2")
        await viewer.close()


async def test_so_does_one_beside_a_single_file_for_node(editing: Editing) -> None:
    node_or_skip()
    words = editing.folder / "words.mjs"
    words.write_text("export const value = '1';\n")
    (editing.folder / "single.mjs").write_text(NODE_SETS)
    single = 'code = "single.mjs"\nruntime = "nodejs22.x"'
    editing.configure(CONFIGURATION.replace('code = "version"', single))
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        viewer = await edge.connect()
        await until(viewer, "/a", "x-version", "1")
        words.write_text("export const value = '2'; // an edit\n")
        await until(viewer, "/a", "x-version", "2")
        await viewer.close()


async def test_no_request_fails_while_edits_go_on(editing: Editing) -> None:
    """Every function of every edit runs to its end, and versions never go back."""
    origin = InMemory(says(b"hello", cache_control="no-store"))
    seen: list[list[int]] = []
    done = asyncio.Event()

    async def load_from_a_connection() -> None:
        viewer, mine = await edge.connect(), list[int]()
        seen.append(mine)
        while not done.is_set():
            response, body = await viewer.ask("GET", "/a")
            assert (response.status_code, body) == (200, b"hello")
            mine.append(int(field_of(response, "x-version") or "-1"))
        await viewer.close()

    async with kept_current(editing, origin) as edge:
        viewers = [asyncio.ensure_future(load_from_a_connection()) for _ in range(4)]
        for edit in range(1, 21):
            editing.sets("version", edit)
            assert await editing.news() == {"version"}
        while any(not mine or mine[-1] != 20 for mine in seen):
            await asyncio.sleep(0)
            assert not any(viewer.done() for viewer in viewers)
        done.set()
        await asyncio.gather(*viewers)
        assert edge.watching.crashes == edge.watching.failures == []
    assert [mine for mine in seen if mine != sorted(mine)] == [], "versions never go back"


BROKEN = [
    # file, text, who is to blame, what is said
    (
        "version/index.py",
        "def handler(event, context)\n",
        "function version",
        "version/index.py:1)",
    ),
    ("version/index.py", "import nowhere\n", "function version", "No module named 'nowhere'"),
    ("version/index.py", "other = 1\n", "function version", "'handler' missing on module 'index'"),
    ("edgesim.toml", CONFIGURATION + "viewer_request = \n", "edgesim.toml:17", "invalid value"),
    ("edgesim.toml", CONFIGURATION + 'cashe_policy = "x"\n', "edgesim.toml:17", "cashe_policy"),
]


@pytest.mark.parametrize(("file", "text", "where", "what"), BROKEN, ids=lambda v: str(v)[-30:])
async def test_a_broken_edit_changes_nothing_and_says_why(
    editing: Editing, file: str, text: str, where: str, what: str
) -> None:
    good = (editing.folder / file).read_text()
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        before = edge.server.deployment
        (editing.folder / file).write_text(text)
        error = await editing.news()
        assert isinstance(error, EdgesimError)
        assert where in error.where
        assert what in f"{error.where}: {error.what}"
        assert edge.server.deployment is before
        assert (await edge.get("/a")).status_code == 200

        (editing.folder / file).write_text(good.replace('"value": "0"', '"value": "1"'))
        news = await editing.news()
        assert not isinstance(news, EdgesimError), "the next good edit is live"
        expected = "1" if file == "version/index.py" else "0"
        assert field_of(await edge.get("/a"), "x-version") == expected


async def test_a_file_that_is_gone_for_a_moment_stops_nothing(editing: Editing) -> None:
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        for name in ("edgesim.toml", "version/index.py"):
            text = (editing.folder / name).read_text()
            (editing.folder / name).unlink()
            assert isinstance(await editing.news(), EdgesimError)
            (editing.folder / name).write_text(text.replace('"value": "0"', '"value": "2"'))
            assert not isinstance(await editing.news(), EdgesimError)
        assert field_of(await edge.get("/a"), "x-version") == "2"


async def test_what_the_old_code_of_an_origin_facing_function_made_is_forgotten(
    editing: Editing,
) -> None:
    """And nothing else is, not even what its neighbour in the same deployment made."""
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        paths = ("/stamped/a", "/plain/a", "/a")
        for path in paths:
            await edge.get(path)
        editing.sets("stamp", 1)
        assert await editing.news() == {"stamp"}
        said = {path: await edge.get(path) for path in paths}
        assert field_of(said["/stamped/a"], "x-stamp") == "1"
        x_cache = [(field_of(response, "x-cache") or "").split()[0] for response in said.values()]
        assert x_cache == ["Miss", "Hit", "Hit"]


async def test_a_default_behavior_forgets_only_its_own(editing: Editing) -> None:
    """Its pattern matches everything; its responses are those that no other behavior has."""
    editing.configure(
        CONFIGURATION.replace('viewer_response = "version"', 'origin_response = "version"')
    )
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        for path in ("/a", "/plain/a"):
            await edge.get(path)
        editing.sets("version", 1)
        await editing.news()
        assert field_of(await edge.get("/a"), "x-cache") == "Miss from cloudfront"
        assert field_of(await edge.get("/plain/a"), "x-cache") == "Hit from cloudfront"


async def test_taking_a_function_off_forgets_its_work(editing: Editing) -> None:
    async with kept_current(editing, InMemory(CACHEABLE)) as edge:
        assert field_of(await edge.get("/stamped/a"), "x-stamp") == "0"
        editing.configure(CONFIGURATION.replace('origin_response = "stamp"\n', ""))
        await editing.news()
        assert field_of(await edge.get("/stamped/a"), "x-stamp") is None


async def test_what_is_in_flight_ends_as_it_began_and_leaves_nothing_behind(
    editing: Editing,
) -> None:
    """The old code finishes its request; what it makes is stored for nobody; then it is gone."""
    release = asyncio.Event()
    arrived = asyncio.Event()

    async def held(_: Request) -> Response:
        arrived.set()
        await release.wait()
        return Response(200, Headers([("Cache-Control", "max-age=600")]), b"news")

    origin = InMemory(held)
    async with kept_current(editing, origin) as edge:
        old = asyncio.ensure_future(edge.get("/stamped/a"))
        await arrived.wait()
        old_processes = processes_of(editing.folder)
        editing.sets("stamp", 1)
        await editing.news()
        new = asyncio.ensure_future(edge.get("/stamped/a"))
        while len(origin.requests) < 2:  # it has not joined the old one
            await asyncio.sleep(0)
        release.set()
        assert field_of(await old, "x-stamp") == "0"
        assert field_of(await new, "x-stamp") == "1"
        assert field_of(await edge.get("/stamped/a"), "x-stamp") == "1"
        while len(processes_of(editing.folder)) > 2:
            await asyncio.sleep(0.001)
        assert len(processes_of(editing.folder) & old_processes) == 1, "the other function's"


async def test_a_stop_in_the_middle_of_a_swap_leaves_no_process(editing: Editing) -> None:
    """The check is `no_process_left`."""
    arrived = asyncio.Event()

    async def never(_: Request) -> Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with kept_current(editing, InMemory(never)) as edge:
        viewer = await edge.connect()
        await viewer.send(b"GET /stamped/a HTTP/1.1\r\nHost: x\r\n\r\n")
        await arrived.wait()
        editing.sets("stamp", 1)
        await editing.news()
    viewer.writer.transport.abort()
