"""Viewers of a live edge, placed in the world: `--viewer`, `--latency`, `x-edgesim-viewer`."""

from __future__ import annotations

import re
from time import perf_counter

import h11
import pytest

from edgesim.cloudfront.distribution import PriceClass, Routing
from edgesim.cloudfront.origin import Origin
from edgesim.config.deployment import Deployment
from edgesim.errors import BadRequest, ConfigError
from edgesim.live.control import ControlPort
from edgesim.live.memo import HeadMemo
from edgesim.live.places import Places, is_loopback
from edgesim.testing.edge import VirtualEdge

from .edge import InMemory, LiveEdge, deployment, field_of, live_edge, says
from .test_control import asked

TOKYO = "X-Edgesim-Viewer: Tokyo"
FRESH = says(cache_control="max-age=600")


def in_frankfurt(**distribution: object) -> Deployment:
    origin = Origin("app", host="127.0.0.1", port=9, region="eu-central-1")
    return deployment(origin=origin, **distribution)


def pop(response: h11.Response) -> str:
    return (field_of(response, "x-amz-cf-pop") or "")[:3]


def links(response: h11.Response) -> list[tuple[str, float]]:
    """What Server-Timing says of links: name, milliseconds."""
    timing = field_of(response, "server-timing") or ""
    found = re.findall(r'link;desc="([^"]+)";dur=([0-9.]+)', timing)
    return [(name, float(ms)) for name, ms in found]


async def test_a_request_is_placed_by_its_header_which_nobody_else_sees() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin) as edge:
        assert pop(await edge.get("/")) == "FRA", "nobody is placed anywhere"
        assert pop(await edge.get("/", TOKYO)) == "NRT"
        assert pop(await edge.get("/", "X-Edgesim-Viewer: São Paulo")) == "GRU", "Latin-1"
        names = {name.lower() for request in origin.requests for name, _ in request.headers}
        assert "x-edgesim-viewer" not in names


async def test_each_place_has_a_cache_of_its_own() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin) as edge:
        cities = ("Tokyo", "Tokyo", "Osaka", "Berlin")
        said = [await edge.get("/", f"X-Edgesim-Viewer: {city}") for city in cities]
        status = [field_of(one, "cache-status") or "" for one in said]
        assert len(origin.requests) == 2, "one for Asia's regional cache, one for Europe's"
        assert status[1].startswith("pop; hit")
        assert status[2].startswith("regional; hit"), "Osaka's POP asks the cache in Tokyo"
        assert field_of(said[2], "x-cache") == "Hit from cloudfront"
        stored = {tier.label: len(tier.store) for tier in edge.server.caches}
        assert stored == {
            "pop": 0,
            "regional": 0,
            "pop NRT": 1,
            "pop KIX": 1,
            "pop TXL": 1,
            "regional ap-northeast-1": 1,
            "regional eu-central-1": 1,
        }
        assert await edge.server.invalidate("/*") == 5, "everywhere"


async def test_a_city_that_is_on_no_map() -> None:
    async with live_edge(InMemory(FRESH)) as edge:
        response = await edge.get("/", "X-Edgesim-Viewer: Tokio")
        assert (response.status_code, field_of(response, "x-cache")) == (
            400,
            "Error from cloudfront",
        )
        (error,) = edge.watching.failures
        assert isinstance(error, BadRequest)
        assert (error.where, error.hint) == ("x-edgesim-viewer", "did you mean 'Tokyo'?")


PEERS = [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("192.0.2.1", False), ("", False)]


@pytest.mark.parametrize(("peer", "loopback"), PEERS)
def test_only_this_machine_may_place_viewers(peer: str, loopback: bool) -> None:
    assert is_loopback(peer) is loopback


async def test_everybody_is_where_the_process_places_them() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin, places=Places("São Paulo")) as edge:
        assert pop(await edge.get("/")) == "GRU"
        assert pop(await edge.get("/", TOKYO)) == "NRT", "but for those who say otherwise"


def test_a_process_is_placed_somewhere_or_not_started() -> None:
    with pytest.raises(ConfigError, match="Tokio"):
        Places("Tokio")


async def test_without_latency_a_placed_viewer_s_hits_are_as_quick_as_ever() -> None:
    async with live_edge(InMemory(FRESH), places=Places("Tokyo")) as edge:
        connection = await edge.connect()
        for _ in range(3):
            response, _ = await connection.ask("GET", "/")
        assert field_of(response, "server-timing") is None, "it took the fast lane"
        memo: HeadMemo = edge.server.running.memos["http"]
        assert len(memo._lines) == 1
        await connection.close()


async def test_without_places_no_request_pays_for_them() -> None:
    async with live_edge(InMemory(FRESH)) as edge:
        assert edge.server.running.edge is edge.server.running.nowhere
        assert edge.server.running.edge.entry.rtt_s == 0


async def test_a_request_takes_the_time_of_its_links() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin, in_frankfurt(), places=Places("Osaka", 0.5)) as edge:
        connection = await edge.connect()
        began = perf_counter()
        miss, _ = await connection.ask("GET", "/")
        took_ms = (perf_counter() - began) * 1000
        spent = links(miss)
        assert [name for name, _ in spent] == [
            "Osaka-KIX",
            "KIX-ap-northeast-1",
            "ap-northeast-1-eu-central-1",
        ]
        osaka, regional, origins = (ms for _, ms in spent)
        assert osaka >= 0.5 * 2 * 13.0, "TCP and the request itself: two round trips"
        assert regional >= 0.5 * 11.4
        assert origins >= 0.5 * 2 * 227, "a new connection to the origin"
        assert took_ms >= sum(ms for _, ms in spent) - 1
        hit, _ = await connection.ask("GET", "/")
        ((name, again),) = links(hit)
        assert (name, again >= 0.5 * 13.0) == ("Osaka-KIX", True), "that is all a hit waits for"
        await connection.close()


async def test_a_live_edge_and_a_virtual_one_take_the_same_time() -> None:
    script = [("/", "Tokyo"), ("/", "Tokyo"), ("/", "Osaka"), ("/b", "Berlin"), ("/", "Berlin")]
    virtual = VirtualEdge(in_frankfurt())
    virtual.origin("app").respond("*", text="hello", headers={"cache-control": "max-age=600"})
    async with live_edge(InMemory(FRESH), in_frankfurt(), places=Places(latency_scale=1)) as edge:
        connection = await edge.connect()
        for target, city in script:
            expected = virtual.get(f"http://www.example.test{target}", viewer=city)
            began = perf_counter()
            response, _ = await connection.ask("GET", target, f"X-Edgesim-Viewer: {city}")
            seconds = perf_counter() - began
            assert field_of(response, "x-cache") == expected.headers["x-cache"]
            assert field_of(response, "x-amz-cf-pop") == expected.edge.pop
            assert field_of(response, "cache-status") == expected.headers["cache-status"]
            assert expected.edge.seconds - 0.002 <= seconds, f"{target} from {city}"
            assert seconds < expected.edge.seconds + 0.5, "a machine may be busy"
        await connection.close()


async def test_the_price_class_keeps_some_pops_out() -> None:
    deployed = in_frankfurt(price_class=PriceClass.PRICE_CLASS_100)
    async with live_edge(InMemory(FRESH), deployed) as edge:
        assert pop(await edge.get("/", TOKYO)) == "SEA"


async def test_a_regional_endpoint_is_no_cloudfront() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin, in_frankfurt(routing=Routing.REGIONAL)) as edge:
        for lines in ((), (TOKYO,)):
            for result in ("fwd=uri-miss", "hit"):
                response = await edge.get("/", *lines)
                assert (field_of(response, "cache-status") or "").startswith(f"regional; {result}")
            for name in ("x-cache", "via", "x-amz-cf-pop", "x-amz-cf-id"):
                assert field_of(response, name) is None
            assert field_of(response, "x-amzn-requestid")
        assert not any(
            name.lower() in ("via", "x-amz-cf-id")
            for request in origin.requests
            for name, _ in request.headers
        )


async def test_a_private_endpoint_lets_nobody_in_from_outside() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin, in_frankfurt(routing=Routing.PRIVATE)) as edge:
        connection = await edge.connect()
        response, body = await connection.ask("GET", "/", TOKYO)
        assert (response.status_code, body) == (403, b'{"message":"Forbidden"}')
        assert field_of(response, "x-amzn-errortype") == "ForbiddenException"
        assert origin.requests == []
        inside, _ = await connection.ask("GET", "/", "X-Edgesim-Viewer: us-east-1")
        assert inside.status_code == 200
        await connection.close()


async def switched(edge: LiveEdge, *whats: tuple[list[str], bool]) -> list[object]:
    control = ControlPort(edge.server)
    port = await control.start(0)
    said = []
    for what, on in whats:
        said.append(await asked(f"http://127.0.0.1:{port}/outages", {"what": what, "on": on}))
    said.append((await asked(f"http://127.0.0.1:{port}/status"))[1]["outages"])
    await control.stop()
    return said


async def test_viewers_go_round_a_pop_that_is_out_of_order() -> None:
    async with live_edge(InMemory(FRESH), places=Places("Tokyo")) as edge:
        connection = await edge.connect()

        async def entrance() -> str:
            response, _ = await connection.ask("GET", "/")
            return pop(response)

        assert [await entrance() for _ in range(3)] == ["NRT"] * 3, "it is in the memo now"
        await switched(edge, (["tokyo"], True))
        assert await entrance() == "KIX"
        await switched(edge, (["NRT"], False))
        assert await entrance() == "NRT"
        await connection.close()


async def test_a_link_that_is_cut() -> None:
    async with live_edge(InMemory(FRESH)) as edge:
        said = await switched(edge, (["NRT", "ap-northeast-1"], True))
        assert said == [
            (200, {"places": [], "links": ["NRT-ap-northeast-1"]}),
            {"places": [], "links": ["NRT-ap-northeast-1"]},
        ]
        await edge.get("/", TOKYO)
        assert [tier.region for tier in edge.server.caches] == ["", "", "NRT", "ap-northeast-2"]


OUTAGES = [
    (["NRTT"], "no city is named 'NRTT'"),
    (["ap-northeast-1"] * 3, "the body is"),
    ([], "the body is"),
    ([1], "the body is"),
]


@pytest.mark.parametrize(("what", "error"), OUTAGES)
async def test_an_outage_that_makes_no_sense(what: list[str], error: str) -> None:
    async with live_edge(InMemory(FRESH)) as edge:
        ((status, said), outages) = await switched(edge, (what, True))  # type: ignore[misc]
        assert status == 400
        assert error in said["error"]
        assert outages == {"places": [], "links": []}


async def test_an_outage_that_would_leave_the_viewers_no_way_in_is_refused() -> None:
    deployed = in_frankfurt(routing=Routing.REGIONAL)
    async with live_edge(InMemory(FRESH), deployed, places=Places("Tokyo")) as edge:
        ((status, said), outages) = await switched(edge, (["eu-central-1"], True))  # type: ignore[misc]
        assert (status, outages) == (400, {"places": [], "links": []})
        assert "cannot be reached" in said["error"]
        assert (await edge.get("/")).status_code == 200


async def test_a_viewer_who_is_cut_off_is_told_so() -> None:
    async with live_edge(InMemory(FRESH), in_frankfurt(routing=Routing.REGIONAL)) as edge:
        await switched(edge, (["eu-central-1"], True))
        assert (await edge.get("/", TOKYO)).status_code == 503
        assert edge.watching.failures[-1].code == "Unreachable"


async def test_what_is_stored_at_places_survives_an_edit() -> None:
    origin = InMemory(FRESH)
    async with live_edge(origin) as edge:
        await edge.get("/", TOKYO)
        await edge.server.deploy(in_frankfurt())
        response = await edge.get("/", TOKYO)
        assert (field_of(response, "cache-status") or "").startswith("pop; hit")
        assert len(origin.requests) == 1
