"""Whatever viewers and origins say and when: what is served is nobody else's, and not too old."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import EVERYTHING, CachePolicy, listed
from edgesim.edge import Served
from edgesim.effects import Steps
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.sim.driver import Timed
from tests.conftest import World

POLICY = CachePolicy(
    min_ttl_s=0,
    default_ttl_s=60,
    query=EVERYTHING,
    cookies=EVERYTHING,
    headers=listed("accept-language", "authorization"),
)
KEYLESS = CachePolicy(min_ttl_s=0, default_ttl_s=60)
"""As CachingOptimized: no cookie, no query, no header tells responses apart."""

lifetimes = st.sampled_from(
    ["max-age=30", "max-age=0", "s-maxage=10, max-age=99", "no-cache", "no-store", "private",
     "public, max-age=20", "max-age=5, stale-while-revalidate=20", "max-age=5, must-revalidate",
     "max-age=9, stale-if-error=60", ""]
)  # fmt: skip
waits = st.sampled_from([0.0, 0.01, 0.3, 1.0, 4.9, 5.0, 29.9, 30.0, 31.0, 90.0])
rules = pytest.mark.parametrize("policy", [None, POLICY], ids=["rfc9111", "cloudfront"])


@dataclass
class Echo:
    """An origin whose answers say who asked, and are told apart by their number."""

    sim: Any
    fields: dict[str, str] = field(default_factory=dict)
    answers: dict[bytes, tuple[float, Request]] = field(default_factory=dict)
    """By body: when it was given, and to what."""
    validated: int = 0

    def __call__(self, _: Origin, request: Request) -> Timed:
        lines = [*self.fields.items()]
        if "if-none-match" in request.headers and "ETag" in self.fields:
            self.validated += 1
            return Timed(Response(304, Headers(lines)), 0.05)
        body = str(len(self.answers)).encode()
        self.answers[body] = (self.sim.now, request)
        lines.append(("Set-Cookie", f"session={body.decode()}"))
        return Timed(Response(200, Headers(lines), body), 0.05)


def echoing(policy: CachePolicy | None, **behavior: Any) -> tuple[World, Echo]:
    world = World(policy=policy, **behavior)
    world.sim.origin = origin = Echo(world.sim)
    return world, origin


def asked_for(origin: Echo, served: Served) -> Request:
    """What the origin was asked when it gave this answer."""
    assert isinstance(served.response.body, bytes)
    return origin.answers[served.response.body][1]


visits = st.lists(st.tuples(waits, lifetimes, st.integers(0, 40)), min_size=1, max_size=12)


@rules
@given(visits, st.booleans())
@settings(max_examples=60, deadline=None)
def test_age_never_falls_between_two_validations(
    policy: CachePolicy | None, script: list[tuple[float, str, int]], etag: bool
) -> None:
    world, origin = echoing(policy)
    last: tuple[object, int] = ((), 0)
    for wait, directives, age in script:
        world.pass_time(wait)
        origin.fields = {"Cache-Control": directives, "Age": str(age)}
        if etag:
            origin.fields["ETag"] = '"1"'
        served = world.get("/a")
        version = (served.response.body, origin.validated)
        shown = int(served.response.headers.get("age") or 0)
        if served.result_type == "Hit" and version == last[0]:
            assert shown >= last[1]
        last = (version, shown)


@rules
@given(visits)
@settings(max_examples=60, deadline=None)
def test_nothing_is_served_as_fresh_beyond_its_lifetime(
    policy: CachePolicy | None, script: list[tuple[float, str, int]]
) -> None:
    world, origin = echoing(policy)
    lifetimes_s = {"": 60 if policy else 0, "max-age=30": 30, "public, max-age=20": 20}
    lifetimes_s |= {"s-maxage=10, max-age=99": 10, "max-age=5, must-revalidate": 5}
    lifetimes_s |= {"max-age=5, stale-while-revalidate=20": 25, "max-age=9, stale-if-error=60": 9}
    promised: dict[bytes, str] = {}

    def note() -> None:
        """What the answers since the last time promised: a refresh may come in between."""
        for number in range(len(promised), len(origin.answers)):
            promised[str(number).encode()] = origin.fields["Cache-Control"]

    for wait, directives, age in script:
        world.pass_time(wait)
        note()
        origin.fields = {"Cache-Control": directives, "Age": str(age)}
        served = world.get("/a")
        note()
        body = served.response.body
        assert isinstance(body, bytes)
        if served.result_type == "Hit":
            elapsed = world.sim.now - origin.answers[body][0]
            assert elapsed <= lifetimes_s.get(promised[body], 0)


VIEWERS = st.fixed_dictionaries(
    {
        "target": st.sampled_from(["/a", "/a?x=1", "/a?x=2", "/a?x=1&x=2", "/a?", "/b"]),
        "Accept-Language": st.sampled_from(["de", "fr", "de, fr", ""]),
        "Cookie": st.sampled_from(["session=1", "session=2", "theme=dark", ""]),
        "Authorization": st.sampled_from(["Basic YTph", "Basic Yjpi", "", ""]),
    }
)
crowds = st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.2, 20.0]), VIEWERS), max_size=12)


def attend(world: World, crowd: list[tuple[float, dict[str, str]]]) -> list[Served]:
    """What each of them got, some of them at the same time."""
    answers: dict[int, Served] = {}

    def noting(number: int, steps: Steps[Served]) -> Steps[None]:
        answers[number] = yield from steps

    moment = world.sim.now
    for number, (wait, viewer) in enumerate(crowd):
        moment += wait
        fields = {name.replace("-", "_"): value for name, value in viewer.items() if value}
        world.sim.at(moment, noting(number, world.steps(fields.pop("target"), **fields)))
    world.sim.run()
    return [answers[number] for number in range(len(crowd))]


@rules
@given(crowds, lifetimes)
@settings(max_examples=60, deadline=None)
def test_no_variant_reaches_who_asked_for_another(
    policy: CachePolicy | None, crowd: list[tuple[float, dict[str, str]]], directives: str
) -> None:
    world, origin = echoing(policy)
    origin.fields = {"Cache-Control": directives, "Vary": "Accept-Language, Cookie"}
    for (_, viewer), served in zip(crowd, attend(world, crowd), strict=True):
        asked = asked_for(origin, served)
        assert asked.target.removesuffix("?") == viewer["target"].removesuffix("?")
        for name in ("Accept-Language", "Cookie"):
            said = viewer[name].replace(" ", "")
            assert (asked.headers.get(name.lower()) or "").replace(" ", "") == said


@pytest.mark.parametrize("policy", [None, POLICY, KEYLESS], ids=["rfc9111", "keyed", "keyless"])
@given(crowds, lifetimes)
@settings(max_examples=60, deadline=None)
def test_what_was_got_by_authorization_stays_with_who_had_it(
    policy: CachePolicy | None, crowd: list[tuple[float, dict[str, str]]], directives: str
) -> None:
    """Unless the origin lets it be shared, RFC 9111 §3.5."""
    world, origin = echoing(policy)
    origin.fields = {"Cache-Control": directives}
    shared = any(word in directives for word in ("public", "s-maxage", "must-revalidate"))
    for (_, viewer), served in zip(crowd, attend(world, crowd), strict=True):
        by = asked_for(origin, served).headers.get("authorization")
        assert by is None or by == viewer["Authorization"] or (shared and policy is None)


PERSONAL = ["private", "no-store", 'max-age=60, no-cache="Set-Cookie"', "no-store, max-age=60"]


@pytest.mark.parametrize("policy", [None, POLICY, KEYLESS], ids=["rfc9111", "keyed", "keyless"])
@given(crowds, st.sampled_from(PERSONAL))
@settings(max_examples=60, deadline=None)
def test_a_cookie_that_the_origin_calls_personal_is_given_out_once(
    policy: CachePolicy | None, crowd: list[tuple[float, dict[str, str]]], directives: str
) -> None:
    """Without such a word RFC 9111 and CloudFront keep Set-Cookie as any other field."""
    world, origin = echoing(policy)
    origin.fields = {"Cache-Control": directives}
    given_out = [served.response.headers.get("set-cookie") for served in attend(world, crowd)]
    cookies = [cookie for cookie in given_out if cookie is not None]
    assert len(cookies) == len(set(cookies))


class Uncollapsed(RFC9111):
    def collapses(self) -> bool:
        return False


@given(crowds, lifetimes)
@settings(max_examples=60, deadline=None)
def test_collapsing_changes_no_byte(
    crowd: list[tuple[float, dict[str, str]]], directives: str
) -> None:
    def received(world: World) -> list[tuple[object, ...]]:
        world.origin.headers = {"Cache-Control": directives, "Vary": "Cookie", "ETag": '"1"'}
        told = {"x-cache", "cache-status", "age", "date"}
        return [
            (served.response.status, served.response.headers.without(*told), served.response.body)
            for served in attend(world, crowd)
        ]

    assert received(World()) == received(World(rules=Uncollapsed()))
