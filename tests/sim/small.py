"""A scenario that runs in a second."""

from __future__ import annotations

from edgesim.config.scenario import parse_scenario
from edgesim.sim.scenario import Scenario

SMALL = """\
name = "small"
region = "us-east-1"
[traffic]
requests = 1_000
hours = 2
[viewers]
Tokyo = 3
Osaka = 1
Berlin = 2
"New York" = 4
[contents.static]
share = 3
objects = 40
size_kb = { p0 = 1, p50 = 20, p100 = 900 }
ttl_s = 600
hashed_names = true
[contents.api]
objects = 5
cached = false
[functions.auth]
trigger = "viewer-request"
duration_ms = { p0 = 1, p100 = 5 }
contents = ["api"]
[functions.headers]
trigger = "viewer-response"
kind = "cloudfront-function"
contents = ["static"]
[models.edge]
functions = ["auth"]
[models.shield]
origin_shield = "us-east-1"
pop_cache_mb = 1
[models.regional]
routing = "regional"
functions = []
[[events]]
at = "00:40"
until = "01:10"
outage = "NRT"
[[events]]
at = "00:50"
invalidate = "/static/*"
[[events]]
at = "01:20"
deploy = "static"
"""


def small() -> Scenario:
    return parse_scenario(SMALL, "small.toml")
