"""What a scenario file may say, and what is said about it where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.distribution import PriceClass, Routing
from edgesim.cloudfront.function import Trigger
from edgesim.config.scenario import built_in, load_scenario, parse_scenario
from edgesim.errors import ConfigError
from edgesim.sim.scenario import DAILY, FLAT, Deployment, Invalidation, Outage

LEAST = "[contents.a]\n[models.m]\n"


def test_the_least_there_is() -> None:
    scenario = parse_scenario(LEAST)
    assert (scenario.requests, scenario.seconds, scenario.hours) == (100_000, 86_400, DAILY)
    assert len(scenario.viewers) >= 40
    (model,) = scenario.models
    assert (model.routing, model.price_class) == (Routing.EDGE_OPTIMIZED, PriceClass.ALL)


def test_the_built_in_one() -> None:
    scenario = parse_scenario(built_in())
    assert [model.name for model in scenario.models] == [
        "edge-optimized",
        "origin-shield",
        "price-class-100",
        "regional",
    ]
    assert scenario.outages == (Outage(14 * 3600, 15.5 * 3600, frozenset({"LHR"})),)
    assert scenario.invalidations == (Invalidation(9 * 3600, "/pages/*"),)
    assert scenario.deployments == (Deployment(9 * 3600, frozenset({"static", "pages"})),)


def test_what_everything_means() -> None:
    scenario = parse_scenario("""
[traffic]
hours = 48
day = "flat"
arrivals = "constant"
[viewers]
tokyo = 2
us-east-1 = 1
[contents.a]
size_kb = { p99 = 400, p50 = 12 }
ttl_s = 60
[functions.f]
trigger = "origin-request"
duration_ms = 3
memory_mb = 256
[models.m]
origin_shield = "eu-west-1"
pop_cache_mb = 1
[[events]]
at = "1d 06:30"
outage = ["Tokyo", "eu-west-1"]
""")
    assert scenario.hours == FLAT
    assert not scenario.poisson
    assert scenario.viewers == {"Tokyo": 2, "us-east-1": 1}
    content, model = scenario.contents[0], scenario.models[0]
    assert content.size_bytes.rows == ((0.5, 12 * 1024), (0.99, 400 * 1024))
    assert content.headers == (("Cache-Control", "max-age=60"),)
    assert model.functions[0].trigger is Trigger.ORIGIN_REQUEST
    assert model.functions[0].duration_s.rows == ((0.5, 0.003),)
    assert model.pop_cache_bytes == 1024 * 1024
    (outage,) = scenario.outages
    assert (outage.at_s, outage.until_s) == (30.5 * 3600, 48 * 3600)
    assert outage.what == frozenset({"NRT", "eu-west-1"})


MISTAKES = [
    ("name = 3\n" + LEAST, "x.toml:1: name: 3 stands where a text in quotes is needed"),
    ("[contents.a]\nshar = 1\n[models.m]", "x.toml:2: contents.a.shar: unknown key 'shar'"),
    ("[contents.a]\nsize_kb = { q = 1 }\n[models.m]", "x.toml:2: contents.a.size_kb: q is no"),
    ("[contents.a]\nsize_kb = { p1 = 2, p2 = 1 }\n[models.m]", "these percentiles fall"),
    ("[contents.a]\nsize_kb = []\n[models.m]", "this says neither how much nor how often"),
    ("region = 'mars'\n" + LEAST, "x.toml:1: region: no region is named 'mars'"),
    (LEAST + "[viewers]\nTokio = 1", "x.toml:4: viewers.Tokio: no city is named 'Tokio'"),
    (LEAST + "[viewers]\nTokyo = 0", "0.0 is no share"),
    (LEAST + "[viewers]\nTokyo = 1\ntokyo = 1", "Tokyo stands here twice"),
    (LEAST + "[traffic]\nday = [1.0]", "x.toml:4: traffic.day: a day has 24 hours"),
    (LEAST + "[traffic]\nrequests = 0", "x.toml:4: traffic.requests: 0 is out of range"),
    (LEAST + "origin_shield = 'us-west-1'", "no Region with Origin Shield is named 'us-west-1'"),
    (LEAST + "functions = ['f']", "x.toml:3: models.m.functions: no function is named 'f'"),
    (LEAST + "[[events]]\nat = '25:00'\noutage = 'FRA'", "events[0].at: 25:00 is after the end"),
    (LEAST + "[[events]]\nat = 'noon'\noutage = 'FRA'", "'noon' is no moment"),
    (LEAST + "[[events]]\nat = '1:00'\noutage = 'FRB'", "x.toml:5: events[0].outage: no city"),
    (LEAST + "[[events]]\nat = '1:00'", "an event is one thing"),
    (LEAST + "[[events]]\nat = '2:00'\nuntil = '1:00'\noutage = 'FRA'", "ends before it begins"),
    (LEAST + "[[events]]\nat = '2:00'\noutage = ['a', 'b', 'c']", "an outage is of one place"),
    (LEAST + "[[events]]\nat = '2:00'\ninvalidate = 'a'", "'a' does not begin with a slash"),
    (LEAST + "[[events]]\nat = '2:00'\ndeploy = 'b'", "no content is named 'b'"),
    ("[contents.'a/b']\n[models.m]", "'a/b' is no name"),
    ("[contents.a]\nshare = 0\n[models.m]", "nobody asks for anything"),
    ("[contents.a]\nttl_s = 1\nheaders = { cache-control = 'x' }\n[models.m]", "the same thing"),
    ("[contents.a]\n[models]", "there is no model"),
    (LEAST + "[functions.f]\ntrigger = 'origin-request'\nkind = 'cloudfront-function'",
     "x.toml:4: functions.f.trigger: a CloudFront Function does not run at origin-request"),
    (LEAST + "[functions.f]\ntrigger = 'viewer-request'\n[functions.g]\n"
     "trigger = 'viewer-request'", "f and g both run at viewer-request"),
    ("[contents.a\n", "x.toml:1:"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_mistakes(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "x.toml")
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_scenario(tmp_path / "x.toml")
    (tmp_path / "y.toml").write_text(LEAST)
    assert load_scenario(tmp_path / "y.toml").name == "scenario"
