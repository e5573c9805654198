"""Bots and people: who is let in, who has to prove what, and how often people are troubled.

What the CloudFront Function does too, which remembers nothing, has its tests in both languages.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import runpy
import shutil
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Function
from edgesim.config.resolve import load
from edgesim.http.message import Response
from edgesim.runtimes.inline_code import load_inline
from edgesim.testing.alone import EdgeFunction, FunctionAlone, Outcome
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.soundness import assert_sound

from .examples import loaded
from .stored import ROOT, guarding, refilled

EXAMPLE = bundled("edge_functions") / "python/bot_mitigation"
KEY = "a key of thirty-two bytes for us"
BROWSERS = [
    line
    for line in (Path(__file__).parent / "browsers.txt").read_text().splitlines()
    if not line.startswith("#")
]
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/152.0.0.0 Safari/537.36"
)
BROWSER = {"User-Agent": CHROME, "Sec-Fetch-Mode": "navigate"}
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def copied(folder: Path) -> Path:
    """The example with a key of the test's own."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    key = base64.b64encode(KEY.encode()).decode()
    (folder / "settings.json").write_text(json.dumps({"keys": {"test": key}}))
    return folder


module = partial(loaded, "bot_mitigation")
"""One of the example's modules."""


VISITORS = module("visitors")


def in_javascript(folder: Path) -> Path:
    """The CloudFront Function with the same key."""
    return refilled("bot_mitigation", folder, {"keys": {"test": KEY}})


@pytest.fixture(params=["python", "cloudfront"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bots(edge_function: EdgeFunction, tmp_path: Path, language: str) -> FunctionAlone:
    if language == "cloudfront":
        return guarding(in_javascript(tmp_path / "bots"), "bot_mitigation")
    return edge_function(copied(tmp_path / "bots"), "viewer-request", runtime="python3.12")


remembering = pytest.mark.parametrize("language", ["python"], indirect=True)
"""A CloudFront Function has no memory: what takes one is Lambda@Edge's alone."""


def kind(outcome: Outcome) -> str:
    """What the origin is told, or the status that the visitor gets instead."""
    if isinstance(outcome.meant, Response):
        return str(outcome.meant.status)
    return outcome.request.headers.get("x-visitor-kind") or ""


# Who is who

WHO = [
    # User-Agent, address, what becomes of it, why
    (CHROME, "192.0.2.1", "browser", "a person"),
    (GOOGLEBOT, "66.249.66.1", "good", "from an address that Google publishes"),
    (GOOGLEBOT, "2001:4860:4801:10::1", "good", "of both kinds"),
    (GOOGLEBOT, "192.0.2.1", "403", "pretended"),
    (GOOGLEBOT, "66.249.96.1", "403", "pretended, one address beyond"),
    (GOOGLEBOT.replace("Googlebot", "GOOGLEBOT"), "192.0.2.1", "403", "pretended, louder"),
    (f"{CHROME} Googlebot-Image/1.0", "192.0.2.1", "403", "pretended, behind a browser"),
    ("Mozilla/5.0 (compatible; bingbot/2.0)", "157.55.39.9", "good", "Bing's"),
    ("Mozilla/5.0 (compatible; bingbot/2.0)", "66.249.66.1", "403", "Google's are not Bing's"),
    ("Twitterbot/1.0", "192.0.2.1", "tolerated", "a bot, no ranges known"),
    ("WhatsApp/2.23.20.0", "192.0.2.1", "tolerated", "a bot, no ranges known"),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0)", "192.0.2.1", "tolerated", "a bot"),
    ("sqlmap/1.8#stable (https://sqlmap.org)", "192.0.2.1", "403", "a scanner"),
    ("Mozilla/5.0 (compatible; Nmap Scripting Engine)", "192.0.2.1", "403", "a scanner"),
    ("curl/8.14.1", "192.0.2.1", "challenged", "a library"),
    ("python-requests/2.32", "192.0.2.1", "challenged", "a library"),
    (CHROME.replace("Chrome", "HeadlessChrome"), "192.0.2.1", "challenged", "automation"),
    ("", "192.0.2.1", "challenged", "nothing said"),
    ("   ", "192.0.2.1", "challenged", "nothing said"),
    ("Netscape/4", "192.0.2.1", "browser", "what we have never heard of is let in"),
]


@pytest.mark.parametrize(("agent", "ip", "becomes", "why"), WHO)
def test_who_is_who(bots: FunctionAlone, agent: str, ip: str, becomes: str, why: str) -> None:
    outcome = bots("/", headers={"User-Agent": agent, "Sec-Fetch-Mode": "navigate"}, ip=ip)
    if becomes == "challenged":
        assert "data-token" in body(outcome), why
        assert outcome.response.status == 403
    else:
        assert kind(outcome) == becomes, why


def body(outcome: Outcome) -> str:
    data = outcome.response.body
    assert isinstance(data, bytes)
    return data.decode()


PRETENDING = [
    (CHROME, "data-token", "Chrome says Sec-Fetch-Mode since 76"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_5) GSA/434.2 Mobile/15E148", "", "no engine is named"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "data-token", ""),
    ("Mozilla/5.0 (Windows NT 6.1; rv:52.0) Gecko/20100101 Firefox/52.0", "", "too old for it"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) Version/15.0 Safari/604.1", "", ""),
]


@pytest.mark.parametrize(("agent", "shown", "why"), PRETENDING)
def test_a_new_browser_that_does_not_talk_like_one_is_challenged(
    bots: FunctionAlone, agent: str, shown: str, why: str
) -> None:
    outcome = bots("/", headers={"User-Agent": agent})
    if shown:
        assert shown in body(outcome), why
    else:
        assert kind(outcome) == "browser", why


def test_no_real_browser_is_taken_for_a_bot() -> None:
    """What the README says of false positives, counted anew."""
    taken = [agent for agent in BROWSERS if VISITORS.known_as(agent)]
    said = f"{len(taken)} of {len(BROWSERS)} ({len(taken) / len(BROWSERS):.2%})"
    assert len(BROWSERS) == len(set(BROWSERS)) >= 200
    assert said in (EXAMPLE / "README.md").read_text(), said
    assert taken == []


def test_the_function_in_javascript_takes_no_real_browser_for_a_bot(tmp_path: Path) -> None:
    bots = guarding(in_javascript(tmp_path / "bots"), "bot_mitigation")
    kinds = [bots("/", headers={**BROWSER, "User-Agent": agent}) for agent in BROWSERS]
    assert [one.event for one in kinds if kind(one) != "browser"] == []
    readme = " ".join((ROOT / "bot_mitigation/README.md").read_text().split())
    assert f"0 of {len(BROWSERS)}" in readme


def test_the_store_is_made_of_the_same_lists() -> None:
    folder = ROOT / "bot_mitigation"
    program = runpy.run_path(str(folder / "make_store.py"))
    kept = json.loads((folder / "store.json").read_text())["data"]
    assert {one["key"]: one["value"] for one in kept} == program["made"]()
    notice = (folder / "crawlers.LICENSE").read_text()
    assert notice == (EXAMPLE / "crawlers.LICENSE").read_text()


def test_the_list_names_its_source_and_licence() -> None:
    listed = json.loads((EXAMPLE / "crawlers.json").read_text())
    assert "crawler-user-agents" in listed["source"]
    assert "MIT" in listed["licence"]
    assert "Permission is hereby granted" in (EXAMPLE / "crawlers.LICENSE").read_text()
    patterns = [pattern for tagged in listed["patterns"].values() for pattern in tagged]
    assert len(patterns) > 1000
    assert all(re.compile(pattern) for pattern in patterns)
    assert set(VISITORS.POLICY) <= set(listed["patterns"]), "a policy for a tag that is not there"


# Paths


@remembering
def test_a_trap_makes_an_address_prove_itself_for_ten_minutes(bots: FunctionAlone) -> None:
    assert kind(bots("/", headers=BROWSER, ip="192.0.2.9")) == "browser"
    fallen = bots("/trap/prices", headers=BROWSER, ip="192.0.2.9")
    assert (fallen.response.status, "trapped: 192.0.2.9" in fallen.log) == (404, True)
    assert "data-token" in body(bots("/", headers=BROWSER, ip="192.0.2.9"))
    assert kind(bots("/", headers=BROWSER, ip="192.0.2.10")) == "browser", "nobody else"


@pytest.mark.parametrize("path", ["/.env", "/.git/config", "/WP-login.php", "/%2eenv"])
def test_traps(bots: FunctionAlone, path: str) -> None:
    assert bots(path, headers=BROWSER).response.status == 404


def test_a_trap_does_not_outlast_a_proof(bots: FunctionAlone) -> None:
    """Whoever shares an address with a bot has work to do once, and no more."""
    bots("/.env", headers=BROWSER)
    assert kind(bots("/", headers={**BROWSER, "Cookie": proof(bots)})) == "proven"


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico", "/.well-known/security.txt"])
def test_what_is_open_to_all(bots: FunctionAlone, path: str) -> None:
    assert bots(path, headers={"User-Agent": "sqlmap/1"}).request.path == path


def test_some_pages_take_a_proof_of_everybody_but_good_bots(bots: FunctionAlone) -> None:
    for path in ("/deals", "/deals/1", "/%64eals"):
        assert "data-token" in body(bots(path, headers=BROWSER)), path
    assert "data-token" in body(bots("/deals", headers={"User-Agent": "Twitterbot/1.0"}))
    assert kind(bots("/deals", headers={"User-Agent": GOOGLEBOT}, ip="66.249.66.1")) == "good"
    assert kind(bots("/dealspace", headers=BROWSER)) == "browser"


# Rates


def test_a_bucket_empties_and_fills() -> None:
    buckets = module("buckets").Buckets()
    assert [buckets.wait_s("a", 3, 0.5, 100.0) for _ in range(4)] == [0, 0, 0, 2.0]
    assert buckets.wait_s("b", 3, 0.5, 100.0) == 0, "another address"
    assert buckets.wait_s("a", 3, 0.5, 101.0) == 1.0
    assert buckets.wait_s("a", 3, 0.5, 102.0) == 0
    assert buckets.wait_s("a", 3, 0.5, 90.0) > 0, "a clock that is put back gives nothing"
    assert [buckets.wait_s("a", 3, 0.5, 9e9) for _ in range(4)] == [0, 0, 0, 2.0], "and no more"


def test_memory_has_an_end() -> None:
    library = module("buckets")
    buckets = library.Buckets()
    for number in range(library.MAX_REMEMBERED + 5):
        buckets.wait_s(number, 1, 0.001, 0.0)
    assert len(buckets._buckets) == library.MAX_REMEMBERED
    assert buckets.wait_s(0, 1, 0.001, 0.0) == 0, "the oldest is forgotten"


def asked_until_refused(bots: FunctionAlone, agent: str, ips: Callable[[int], str]) -> Outcome:
    for number in range(1000):
        headers = {"User-Agent": agent, "Sec-Fetch-Mode": "navigate"}
        outcome = bots("/", headers=headers, ip=ips(number))
        if isinstance(outcome.meant, Response):
            assert number >= 20, "too soon"
            return outcome
    raise AssertionError("never")


@remembering
def test_a_bot_that_is_too_fast_has_to_wait(bots: FunctionAlone) -> None:
    outcome = asked_until_refused(bots, "Twitterbot/1.0", lambda _: "192.0.2.1")
    assert outcome.response.status == 429
    assert 1 <= int(outcome.response.headers.get("retry-after") or 0) <= 3


@remembering
def test_a_browser_that_is_too_fast_may_prove_itself(bots: FunctionAlone) -> None:
    outcome = asked_until_refused(bots, CHROME, lambda _: "192.0.2.1")
    assert outcome.response.status == 429
    assert "data-token" in body(outcome)
    assert kind(bots("/", headers={**BROWSER, "Cookie": proof(bots)})) == "proven"


@remembering
def test_a_network_of_ipv6_is_one_visitor(bots: FunctionAlone) -> None:
    """A household has a /64: 2^64 addresses to go through."""
    asked_until_refused(bots, CHROME, lambda number: f"2001:db8::{number:x}")
    assert kind(bots("/", headers=BROWSER, ip="2001:db8:0:1::1")) == "browser"


# Proofs


def solved(outcome: Outcome, bits: int = 14) -> str:
    """What the page's script would send."""
    shown = re.search(r'data-token="([^"]+)" data-bits="(\d+)"', body(outcome))
    assert shown is not None
    assert int(shown[2]) == 14
    for counter in itertools.count():
        answer = f"{shown[1]}.{counter}"
        if int.from_bytes(sha256(answer.encode()).digest(), "big") >> (256 - bits) == 0:
            return answer
    raise AssertionError


def challenged(bots: FunctionAlone, **where: Any) -> Outcome:
    return bots("/deals", headers=BROWSER, **where)


def answered(bots: FunctionAlone, answer: str, headers: Any = None, **where: Any) -> Response:
    given = {**(headers or BROWSER), "X-Challenge-Answer": answer}
    return bots("/deals", headers=given, **where).response


def proof(bots: FunctionAlone) -> str:
    set_cookie = answered(bots, solved(challenged(bots))).headers.get("set-cookie") or ""
    return set_cookie.partition(";")[0]


def test_an_answer_is_worth_a_cookie_and_the_cookie_the_page(bots: FunctionAlone) -> None:
    response = answered(bots, solved(challenged(bots)))
    assert (response.status, response.headers.get("cache-control")) == (204, "no-store")
    set_cookie = response.headers.get("set-cookie") or ""
    assert set_cookie.startswith("__Host-proof=")
    for attribute in ("Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Lax", "Secure"):
        assert f"; {attribute}" in set_cookie
    cookies = f"theme=dark; {set_cookie.partition(';')[0]}; a=b"
    request = bots("/deals", headers={**BROWSER, "Cookie": cookies}).request
    assert request.headers.get("x-visitor-kind") == "proven"
    assert request.headers.all("cookie") == ["theme=dark; a=b"], "not in the cache key"


@remembering
def test_an_answer_is_good_once(bots: FunctionAlone) -> None:
    answer = solved(challenged(bots))
    assert [answered(bots, answer).status for _ in range(2)] == [204, 403]


@pytest.mark.parametrize("language", ["cloudfront"], indirect=True)
def test_an_answer_that_nobody_remembers_is_worth_no_more_than_the_first_time(
    bots: FunctionAlone,
) -> None:
    answer = solved(challenged(bots))
    assert [answered(bots, answer).status for _ in range(2)] == [204, 204]
    assert answered(bots, answer, ip="192.0.2.2").status == 403


def test_a_proof_is_good_in_a_whole_network_of_ipv6(bots: FunctionAlone) -> None:
    """A household has a /64, and its devices change their addresses."""
    answer = solved(challenged(bots, ip="2001:db8::1"))
    cookie = answered(bots, answer, ip="2001:db8::2").headers.get("set-cookie") or ""
    mine = {**BROWSER, "Cookie": cookie.partition(";")[0]}
    assert kind(bots("/deals", headers=mine, ip="2001:db8:0:0:ffff::3")) == "proven"
    assert kind(bots("/deals", headers=mine, ip="2001:db8:0:1::1")) == "403"


def test_an_answer_is_good_for_its_visitor_alone(bots: FunctionAlone) -> None:
    answer = solved(challenged(bots))
    assert answered(bots, answer, ip="192.0.2.2").status == 403
    assert answered(bots, answer, {**BROWSER, "User-Agent": "curl/8"}).status == 403
    assert answered(bots, answer).status == 204


def test_a_proof_is_good_for_its_visitor_alone(bots: FunctionAlone) -> None:
    mine = {**BROWSER, "Cookie": proof(bots)}
    assert kind(bots("/deals", headers=mine)) == "proven"
    assert kind(bots("/deals", headers=mine, ip="192.0.2.2")) == "403"
    assert kind(bots("/deals", headers={**mine, "User-Agent": CHROME + " x"})) == "403"


def test_no_answer_without_the_work(bots: FunctionAlone) -> None:
    answer = solved(challenged(bots))
    token, _, counter = answer.rpartition(".")
    lazy = next(
        f"{token}.{number}"
        for number in itertools.count()
        if sha256(f"{token}.{number}".encode()).digest()[0]
    )
    end, nonce, mac = token.split(".")
    longer = f"{int(end) + 9999}.{nonce}.{mac}.{counter}"
    for wrong in (lazy, longer, f"{token}.x", f"{token}.", token, "", ".", "é.1", f"{answer}²"):
        assert answered(bots, wrong).status == 403, wrong


def test_a_challenge_is_no_proof_and_a_proof_no_challenge(bots: FunctionAlone) -> None:
    token = solved(challenged(bots)).rpartition(".")[0]
    assert kind(bots("/deals", headers={**BROWSER, "Cookie": f"__Host-proof={token}"})) == "403"
    assert kind(bots("/deals", headers={**BROWSER, "Cookie": f"proof={proof(bots)}"})) == "403"


def test_time_ends_an_answer_and_a_proof() -> None:
    library = module("challenge")
    key = "YSBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyBmb3IgdXM="
    signer = library.Challenge({"keys": {"a": key}})
    raw = {"clientIp": "192.0.2.1", "headers": {"host": [{"value": "www.example.test"}]}}
    visitor = VISITORS.Visitor(raw)
    token = signer._signed("proof", visitor, 100)
    assert signer._is_ours("proof", visitor, token, 99.9)
    assert not signer._is_ours("proof", visitor, token, 100)
    other = library.Challenge(
        {"keys": {"b": "b3RoZXIga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMgLi4=", "a": key}}
    )
    assert other._is_ours("proof", visitor, token, 0), "the old key is still believed"
    with pytest.raises(ValueError, match="32 bytes"):
        library.Challenge({"keys": {"a": "c2hvcnQ="}})


def test_the_page_runs_its_own_script_and_no_other(bots: FunctionAlone) -> None:
    response = challenged(bots).response
    policy = response.headers.get("content-security-policy") or ""
    allowed = re.search(r"default-src 'none'; script-src '(sha256|nonce)-([^']+)'", policy)
    assert allowed is not None
    if allowed[1] == "nonce":
        assert body(challenged(bots)).count("<script") == 1
        again = challenged(bots).response.headers.get("content-security-policy")
        assert again != policy, "never the same twice"
    assert "unsafe-inline' " not in policy.partition("style-src")[0]
    assert response.headers.get("cache-control") == "no-store"
    assert len(response.body) < 4000 if isinstance(response.body, bytes) else False


def test_the_key_that_everybody_knows_works_on_this_machine_alone(
    edge_function: EdgeFunction, language: str
) -> None:
    if language == "cloudfront":
        bots = guarding(ROOT / "bot_mitigation", "bot_mitigation")
    else:
        bots = edge_function(EXAMPLE, "viewer-request", runtime="python3.12")
    assert bots("/", headers=BROWSER).response.status == 500
    assert kind(bots("/", headers={**BROWSER, "Host": "localhost:8080"})) == "browser"


def test_a_viewer_cannot_say_what_it_is(bots: FunctionAlone) -> None:
    request = bots("/", headers={**BROWSER, "X-Visitor-Kind": "good"}).request
    assert request.headers.all("x-visitor-kind") == ["browser"]
    assert (
        "x-visitor-kind"
        not in bots("/robots.txt", headers={"X-Visitor-Kind": "good"}).request.headers
    )


def test_it_is_sound(bots: FunctionAlone) -> None:
    assert_sound(bots)


# Behind an edge


def test_it_stands_before_the_cache_and_leaves_one_copy(
    edge: VirtualEdge, tmp_path: Path, language: str
) -> None:
    folder = tmp_path / "bots"
    if language == "cloudfront":
        edge = VirtualEdge(load(in_javascript(folder) / "edgesim.toml"))
    else:
        there = str(copied(folder))
        call = load_inline(Function("bots", "python3.12", there, "index.handler")).call
        assert call is not None
        edge.attach(call, "viewer-request")
    edge.origin("app").respond("/", text="hello", headers={"Cache-Control": "max-age=60"})
    assert edge.get("/", headers=BROWSER).edge.result_type == "Miss"
    other = {**BROWSER, "User-Agent": BROWSERS[0]}
    assert edge.get("/", headers=other).edge.result_type == "Hit"
    refused = edge.get("/", headers={"User-Agent": "sqlmap/1.8"})
    assert (refused.status_code, edge.origin("app").calls) == (403, 1)
