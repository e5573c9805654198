"""Sentences and figures from counted requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser

from edgesim.cloudfront.distribution import Routing
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.traffic_prices import GB
from edgesim.config.world import world
from edgesim.report.histogram import bucket
from edgesim.sim.answer import answer, price_notes
from edgesim.sim.html import report
from edgesim.sim.results import Results, as_json, results
from edgesim.sim.scenario import Content, Model, Scenario, SimulatedFunction
from edgesim.sim.tally import Group, Tally
from edgesim.topology.durations import LAMBDA_WARM

EDGE, REGIONAL = Model("edge"), Model("regional", routing=Routing.REGIONAL)
PLACES = {"New York City": ("EWR", 100), "Tokyo": ("NRT", 300)}


def tally(ms: Mapping[str, float], *, origin: int, regional: bool = False) -> Tally:
    """A hundred requests from New York, three hundred from Tokyo, all as quick as the next."""
    counted = Tally(origin_requests=Counter({0: origin}))
    for city, (pop, requests) in PLACES.items():
        entrance = "us-east-1" if regional else pop
        latencies = Counter({bucket(ms[city] / 1000): requests})
        group = Group(latencies, Counter(Hit=requests), requests * GB // 100)
        counted.groups[city, entrance] = group
    return counted


def side_by_side(edge: Mapping[str, float], regional: Mapping[str, float]) -> Results:
    scenario = Scenario((Content("a"),), (EDGE, REGIONAL), dict.fromkeys(PLACES, 1.0))
    tallies = tally(edge, origin=100), tally(regional, origin=50, regional=True)
    return results(world(), scenario, tallies)


def test_regional_is_faster_near_the_region() -> None:
    found = side_by_side({"New York City": 40, "Tokyo": 100}, {"New York City": 30, "Tokyo": 400})
    said = (
        "regional is faster for 25 % of viewers: those within 400 km of us-east-1, where it saves "
        "25 % at p95; elsewhere edge saves 75 %. Its origin gets 50 % fewer requests (50 instead "
        "of 100). A month like this costs $10.80 instead of $12.82."
    )
    assert answer(found) == [said]


def test_what_the_prices_are_is_said_with_them() -> None:
    def notes(*models: Model) -> str:
        scenario = Scenario((Content("a"),), models, dict.fromkeys(PLACES, 1.0))
        ms = {"New York City": 40, "Tokyo": 100}
        regional = [one.routing is Routing.REGIONAL for one in models]
        tallies = [tally(ms, origin=1, regional=there) for there in regional]
        found = results(world(), scenario, tallies)
        assert "made by others" in report(world(), found, []) or not any(regional)
        return " ".join(price_notes(found))

    unlisted = replace(REGIONAL, name="mexican", origin_region="mx-central-1")
    assert "copies" not in notes(EDGE), "nothing is paid to a region"
    assert "copies of AWS's price list made by others" in notes(EDGE, REGIONAL)
    assert "transfer from mx-central-1 costs is not known" in notes(REGIONAL, unlisted)


def test_faster_for_nobody_and_for_everybody() -> None:
    slow, quick = {"New York City": 40, "Tokyo": 400}, {"New York City": 20, "Tokyo": 200}
    assert (
        "faster than edge for nobody; at p95 edge saves 50 %"
        in answer(side_by_side(quick, slow))[0]
    )
    assert "faster for everybody; at p95 it saves 50 %" in answer(side_by_side(slow, quick))[0]
    assert "as fast as edge for everybody." in answer(side_by_side(slow, slow))[0]


def test_one_model_alone() -> None:
    scenario = Scenario((Content("a"),), (EDGE,), dict.fromkeys(PLACES, 1.0))
    found = results(world(), scenario, [tally({"New York City": 40, "Tokyo": 400}, origin=1)])
    assert answer(found) == [
        "edge: half of the requests take up to 400 ms, 95 percent up to 400 ms."
    ]


def test_what_a_month_costs() -> None:
    """30 days: 120 GB; 30 from Newark, 90 from Tokyo; 3,000 and 9,000 requests."""
    found = side_by_side({"New York City": 1, "Tokyo": 1}, {"New York City": 1, "Tokyo": 1})
    edge, regional = as_json(found, [])["models"]
    assert edge["usd_a_month"] == {
        "transfer": round(30 * 0.085 + 90 * 0.114, 2) ,
        "requests": round(0.3 * 0.0100 + 0.9 * 0.0120, 2),
        "origin_shield": 0.0,
        "functions": 0.0,
        "total": round(30 * 0.085 + 90 * 0.114 + 0.0138, 2),
    }  # fmt: skip
    assert regional["usd_a_month"]["total"] == round(120 * 0.09, 2)


def test_what_functions_cost() -> None:
    function = SimulatedFunction("f", Trigger.VIEWER_REQUEST, "nodejs22.x", LAMBDA_WARM)
    scenario = Scenario((Content("a"),), (Model("m", functions=(function,)),), {"Tokyo": 1.0})
    counted = Tally(runs=Counter(f=1_000_000), billed_ms=Counter(f=1_000_000))
    (outcome,) = results(world(), scenario, [counted]).outcomes
    assert round(outcome.bill.functions, 2) == round(30 * (0.6 + 1000 / 8 * 0.00005001), 2)


class Outside(HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if name in ("src", "href")]
        self.found += [tag] if tag in ("script", "link", "iframe") else []


def test_the_page_needs_nothing_from_elsewhere() -> None:
    found = side_by_side({"New York City": 40, "Tokyo": 100}, {"New York City": 30, "Tokyo": 400})
    page = report(world(), found, answer(found))
    parser = Outside()
    parser.feed(page)
    assert parser.found == []
    assert "within 400 km of us-east-1" in page
    assert "Tokyo: 300 requests; p95 edge 100 ms, regional 400 ms" in page
