from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgesim.testing.alone import EdgeFunction
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.soundness import assert_sound

from .behind import behind, logged
from .examples import example

Edges = Callable[..., VirtualEdge]

VIEWERS = 2000
CRITICAL = 13.8
"""Chi-squared of two degrees of freedom: one fair deal in a thousand is above it."""
WEIGHED = {"python": '{"a": 50, "b": 50}', "node": "{ a: 50, b: 50 }"}


@pytest.fixture(params=["python", "node", "cloudfront"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(language: str) -> Iterator[Edges]:
    """Makes edges with the example in front of an origin that says which variant it renders."""
    made = []

    def one(*args: object) -> VirtualEdge:
        edge = behind(language, "ab_testing", *args)  # type: ignore[arg-type]
        made.append(edge)
        kind = {"Content-Type": "text/html", "Cache-Control": "s-maxage=60"}
        edge.origin().respond(headers=kind, text="a page")
        return edge

    yield one
    for edge in made:
        edge.close()


def given(response: object) -> str:
    """The variant of the cookie that a new visitor gets."""
    headers = getattr(response, "headers", {})
    return str(headers.get("set-cookie", "")).partition(";")[0].partition("=")[2]


def test_a_visitor_keeps_the_variant_on_hits_and_misses(make: Edges) -> None:
    edge = make()
    first = edge.get("/")
    variant = given(first)
    assert variant in ("a", "b")
    assert (
        first.headers["set-cookie"] == f"variant={variant}; Path=/; Max-Age=2592000; SameSite=Lax"
    )
    with edge.client(cookies={"variant": variant}) as visitor:
        for page in ("/", "/other", "/", "/other"):
            response = visitor.get(page)
            assert "set-cookie" not in response.headers
    seen = {request.headers.get("cookie") for request in edge.origin().requests}
    assert seen == {f"variant={variant}"}, "no page flickers"
    assert [response.edge.result_type for response in edge.responses[-2:]] == ["Hit", "Hit"]


def test_each_variant_is_cached_once_and_no_cookie_with_it(make: Edges) -> None:
    edge = make()
    dealt = Counter(given(edge.get("/")) for _ in range(60))
    assert set(dealt) == {"a", "b"}, "every visitor without a cookie gets one, on a hit too"
    assert edge.origin().calls == 2
    assert Counter(one.edge.result_type for one in edge.responses) == {"Miss": 2, "Hit": 58}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a=1; b=2", {"a=1", "b=2"}),
        ("variant=zebra", set()),
        ("a=1; variant=; b=2", {"a=1", "b=2"}),
        ("variant=constructor", set()),
        ("subvariant=a", {"subvariant=a"}),
    ],
)
def test_other_cookies_stay_and_unknown_variants_go(make: Edges, sent: str, kept: set[str]) -> None:
    response = make().get("/", headers={"Cookie": sent})
    run = response.edge.functions[-1]
    assert run.trigger == "viewer-response"
    assert given(response) in ("a", "b")
    assert cookies_in(run.event) == kept | {f"variant={given(response)}"}


def cookies_in(event: dict[str, object]) -> set[str]:
    """Of the request of an event of either kind."""
    if "Records" not in event:
        request = event["request"]
        assert isinstance(request, dict)
        return {f"{name}={field['value']}" for name, field in request["cookies"].items()}
    records = event["Records"]
    assert isinstance(records, list)
    lines = records[0]["cf"]["request"]["headers"]["cookie"]
    return {pair.strip() for line in lines for pair in line["value"].split(";")}


def test_a_viewer_cannot_send_the_internal_header(make: Edges) -> None:
    forged = {"X-Variant-Assigned": "b; Domain=evil", "Cookie": "variant=a"}
    assert "set-cookie" not in make().get("/", headers=forged).headers


def test_the_origins_own_cookies_stay(make: Edges) -> None:
    edge = make()
    edge.origin().respond("/own", headers={"Set-Cookie": "a=1"})
    lines = edge.get("/own").headers.get_list("set-cookie")
    assert sorted(line.partition("=")[0] for line in lines) == ["a", "variant"]


def test_what_a_page_showed_is_logged(make: Edges) -> None:
    edge = make()
    edge.origin().respond("/style.css", headers={"Content-Type": "text/css"}, text="x")
    response = edge.get("/")
    shown = {"experiment": "front-page-1", "variant": given(response), "new": True, "uri": "/"}
    assert list(logged(response)) == [shown]
    again = edge.get("/", headers={"Cookie": "variant=b"})
    assert list(logged(again)) == [{**shown, "variant": "b", "new": False}]
    assert list(logged(edge.get("/style.css"))) == [], "only pages are exposures"


@pytest.mark.parametrize("sticky", ["cookie", "hash"])
def test_the_weights_are_kept(make: Edges, language: str, sticky: str, tmp_path: Path) -> None:
    weights = {"a": 50, "b": 30, "c": 20}
    old = WEIGHED.get(language, WEIGHED["node"])
    quote = '"' if language != "cloudfront" else "'"
    edits = {
        old: '{"a": 50, "b": 30, "c": 20}',
        f"STICKY = {quote}cookie{quote}": f"STICKY = {quote}{sticky}{quote}",
    }
    edge = make(tmp_path, edits)
    dealt: Counter[str] = Counter()
    for number in range(VIEWERS):
        response = edge.get("/", headers={"User-Agent": f"browser {number}"})
        shown = next(logged(response))
        dealt[str(shown["variant"])] += 1
        assert ("set-cookie" in response.headers) is (sticky == "cookie")
    expected = {name: VIEWERS * weight / 100 for name, weight in weights.items()}
    off = sum((dealt[name] - count) ** 2 / count for name, count in expected.items())
    assert off < CRITICAL, dealt
    assert edge.origin().calls <= 3 * 2 * 100, "three copies, whoever comes"


def test_a_hash_needs_no_cookie_and_ignores_one(make: Edges, language: str, tmp_path: Path) -> None:
    quote = '"' if language != "cloudfront" else "'"
    edits = {f"STICKY = {quote}cookie{quote}": f"STICKY = {quote}hash{quote}"}
    edge = make(tmp_path, edits)
    browsers = [f"browser {number}" for number in range(20)]

    def shown(browser: str, cookie: str) -> object:
        asked = {"User-Agent": browser, "Cookie": f"variant={cookie}"}
        return next(logged(edge.get("/", headers=asked)))["variant"]

    assert [shown(one, "a") for one in browsers] == [shown(one, "b") for one in browsers]


def test_two_experiments_deal_independently() -> None:
    module: Any = example("ab_testing")
    first = [module.variant_for(f"visitor {number}") for number in range(4000)]
    module.EXPERIMENT = "basket-2"
    both = Counter(
        zip(first, (module.variant_for(f"visitor {n}") for n in range(4000)), strict=True)
    )
    assert sum((count - 1000) ** 2 / 1000 for count in both.values()) < 16.3, "three degrees"


def test_all_languages_deal_alike(tmp_path: Path) -> None:
    dealt = {}
    for language in ("python", "node", "cloudfront"):
        edge = behind(language, "ab_testing")
        edge.origin().respond(text="x")
        dealt[language] = [given(edge.get("/")) for _ in range(40)]
        edge.close()
    assert dealt["python"] == dealt["node"] == dealt["cloudfront"]


@pytest.mark.parametrize("trigger", ["viewer-request", "viewer-response"])
def test_it_is_sound(edge_function: EdgeFunction, language: str, trigger: str) -> None:
    file = "index.py" if language == "python" else "index.js"
    runtime = "cloudfront-js-2.0" if language == "cloudfront" else ""
    path = f"edge_functions/{language}/ab_testing/{file}"
    assert_sound(edge_function(path, trigger, runtime=runtime), max_examples=60)
