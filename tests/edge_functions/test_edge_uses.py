"""Six of the classic uses of the edge, each in Python and as a CloudFront Function.

What a function answers does not depend on the language, so the tests do not know it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgesim.testing.edge import VirtualEdge
from edgesim.testing.story import EdgeResponse

from .behind import behind, logged

Make = Callable[..., VirtualEdge]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture(params=["python", "cloudfront"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(language: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes the edge of an example; in Python too, the time is the edge's."""
    made = []

    def one(name: str, *args: Any, **headers: str) -> VirtualEdge:
        edge = behind(language, name, *args)
        monkeypatch.setattr(time, "time", lambda: edge.clock.now)
        edge.origin().respond(headers=headers, text="from the origin")
        made.append(edge)
        return edge

    yield one
    for edge in made:
        edge.close()


def at_origin(edge: VirtualEdge, response: EdgeResponse, name: str = "app") -> Any:
    assert response.status_code == 200, response.edge
    return edge.origin(name).requests[-1]


# Website security and privacy


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/a/.env",
        "/%2egit/config",
        "/%252Egit/config",
        "/dump.SQL",
        "/app.env",
        "/wp-admin/setup.php",
        "/.well-known/../.git/config",
    ],
)
def test_what_nobody_should_ask_for_is_not_there(make: Make, path: str) -> None:
    edge = make("site_security")
    assert edge.get("https://www.example.test" + path).status_code == 404
    assert edge.origin().calls == 0


@pytest.mark.parametrize("path", ["/", "/.well-known/security.txt", "/log/in", "/envelope", "/%"])
def test_what_people_ask_for_is(make: Make, path: str) -> None:
    assert make("site_security").get(path).text == "from the origin"


def test_protecting_headers_come_and_leaks_go(make: Make) -> None:
    edge = make("site_security", **{"X-Powered-By": "PHP/5.3", "Referrer-Policy": "no-referrer"})
    headers = edge.get("/").headers
    assert "x-powered-by" not in headers
    assert headers.get_list("referrer-policy") == ["no-referrer"], "the origin knows better"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "report-to csp" in headers["content-security-policy"]
    assert headers["reporting-endpoints"] == 'csp="/csp-reports"'
    assert headers["x-content-type-options"] == "nosniff"


def test_reports_are_answered_and_logged(make: Make) -> None:
    edge = make("site_security")
    response = edge.get("/csp-reports", headers={"User-Agent": BROWSER})
    assert (response.status_code, response.content) == (204, b"")
    assert list(logged(response)) == [{"csp-report": BROWSER}]
    assert edge.origin().calls == 0


# Search engine optimization


@pytest.mark.parametrize(
    ("asked", "better"),
    [
        ("https://www.example.test/about", "/about/"),
        ("https://www.example.test/about/index.html", "/about/"),
        ("https://www.example.test//about///us?b=1&a=%20", "/about/us/?b=1&a=%20"),
        ("https://example.test/", "/"),
        ("https://example.test/style.css", "/style.css"),
    ],
)
def test_a_page_has_one_address(make: Make, asked: str, better: str) -> None:
    edge = make("seo")
    response = edge.get(asked)
    assert response.status_code == 301
    assert response.headers["location"] == f"https://www.example.test{better}"
    assert edge.get(response.headers["location"]).status_code == 200, "in one step"


@pytest.mark.parametrize("path", ["/", "/about/", "/style.css", "/about/?a=1"])
def test_the_one_address_is_served(make: Make, path: str) -> None:
    edge = make("seo")
    assert at_origin(edge, edge.get(path)).target == path


def test_forms_are_not_redirected(make: Make) -> None:
    edge = make("seo")
    assert edge.request("OPTIONS", "/about").status_code != 301


def test_only_the_site_itself_invites_crawlers(make: Make) -> None:
    edge = make("seo")
    invited = edge.get("/robots.txt")
    assert "Sitemap: https://www.example.test/sitemap.xml" in invited.text
    assert invited.headers["content-type"].startswith("text/plain")
    assert edge.get("https://d1.cloudfront.net/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert at_origin(edge, edge.get("/sitemap.xml")).target == "/sitemaps/www.example.test.xml"


def test_crawlers_get_rendered_pages_and_people_their_own(make: Make, language: str) -> None:
    edge = make("seo", **{"Cache-Control": "max-age=60"})
    prerender = edge.origin("prerender") if language == "cloudfront" else None
    if prerender is not None:
        prerender.respond(text="rendered", headers={"Cache-Control": "max-age=60"})
    crawler = {"User-Agent": GOOGLEBOT}
    for _ in range(2):
        response = edge.get("/about/", headers=crawler)
        if prerender is not None:
            assert response.text == "rendered"
        people = edge.get("/about/", headers={"User-Agent": BROWSER, "X-Prerender": "1"})
        assert people.text == "from the origin"
        assert not any(
            run.trigger == "origin-request" and went(run) for run in people.edge.functions
        )
    assert [one.edge.result_type for one in edge.responses] == ["Miss", "Miss", "Hit", "Hit"]
    if prerender is None:
        assert went(edge.responses[0].edge.functions[-1]) == "prerender.example.test"
    files = edge.get("/style.css", headers=crawler)
    assert files.text == "from the origin"


def went(run: Any) -> str:
    """The host that a function at origin-request chose; "" if it left the origin as it was."""
    domain = run.result["origin"]["custom"]["domainName"]
    return str(domain) if domain != "127.0.0.1" else ""


# Intelligent routing


def routed(response: EdgeResponse) -> str:
    """The host that a request went to, by what was noted of its functions."""
    for run in reversed(response.edge.functions):
        result: Any = run.result
        if run.trigger == "origin-request":
            assert result["headers"]["host"][0]["value"] == result["origin"]["custom"]["domainName"]
            return str(result["origin"]["custom"]["domainName"])
        return str(result["headers"]["x-route"]["value"])
    return ""


CITIES = {
    "AU": "Sydney",
    "BR": "Sao Paulo",
    "DE": "Berlin",
    "JP": "Tokyo",
    "MX": "Mexico City",
    "ZA": "Johannesburg",
}


def coming(country: str, canary: str) -> dict[str, Any]:
    """Options of a request from there; the edge itself tells the country where it tells one."""
    headers = {"CloudFront-Viewer-Country": country, "X-Canary": canary}
    return {"viewer": CITIES[country], "headers": headers}


ROUTES = [
    # country, canary asked for, data center
    ("DE", "0", "eu"),
    ("JP", "0", "ap"),
    ("BR", "0", "us"),
    ("ZA", "0", "eu"),
    ("MX", "0", "us"),
    ("DE", "1", "eu-next"),
    ("JP", "1", "us-next"),
    ("AU", "1", "us-next"),
    ("MX", "1", "us-next"),
]


@pytest.mark.parametrize(("country", "canary", "center"), ROUTES)
def test_the_nearest_data_center_answers(
    make: Make, country: str, canary: str, center: str
) -> None:
    edge = make("smart_routing")
    response = edge.get("/", **coming(country, canary))
    assert routed(response).removesuffix(".example.test") == center


def test_five_percent_are_canaries_and_always_the_same(make: Make) -> None:
    edge = make("smart_routing")

    def canaries() -> list[int]:
        asked = ({"User-Agent": f"browser {number}"} for number in range(600))
        hosts = [routed(edge.get(f"/{i}", headers=one)) for i, one in enumerate(asked)]
        return [i for i, host in enumerate(hosts) if "-next" in host]

    chosen = canaries()
    assert 30 - 22 < len(chosen) < 30 + 22, "four standard deviations"
    edge.invalidate("/*")
    assert canaries() == chosen


def test_routes_are_cached_apart(make: Make) -> None:
    edge = make("smart_routing", **{"Cache-Control": "max-age=60"})
    asked = [("DE", "0"), ("JP", "0"), ("DE", "1"), ("DE", "0"), ("JP", "0"), ("DE", "1")]
    for country, canary in asked:
        edge.get("/", **coming(country, canary))
    kinds = [one.edge.result_type for one in edge.responses]
    assert kinds == ["Miss"] * 3 + ["Hit"] * 3


# User prioritization: a waiting room

SECRET = b"change me, and keep me out of the repository"


def waiting(response: EdgeResponse) -> bool:
    if response.status_code == 503:
        assert response.headers["retry-after"] == "15"
        assert response.headers["cache-control"] == "no-store"
        assert "One moment, please" in response.text
    return response.status_code == 503


def cookie(response: EdgeResponse) -> str:
    return response.headers["set-cookie"].partition(";")[0]


def signed(kind: str, name: str, number: int) -> str:
    text = f"{name}.{number}"
    return f"{text}.{hmac.new(SECRET, f'{kind}:{text}'.encode(), hashlib.sha256).hexdigest()}"


def test_everybody_gets_in_after_a_while_and_a_pass_lasts(make: Make) -> None:
    edge = make("waiting_room")
    response, slots = edge.get("/basket?id=7"), 0
    while waiting(response):
        assert edge.origin().calls == 0
        edge.clock.advance(15)
        response = edge.get("/basket?id=7", headers={"Cookie": cookie(response)})
        slots += 1
        assert slots <= 10, "after ten slots the chance is one"
    assert (response.status_code, response.headers["location"]) == (307, "/basket?id=7")
    let_in = {"Cookie": cookie(response)}
    for wait_s in (0, 599):
        edge.clock.advance(wait_s)
        assert edge.get("/basket?id=7", headers=let_in).text == "from the origin"
    edge.clock.advance(2)
    assert edge.get("/basket", headers=let_in).status_code in (307, 503), "the pass has run out"


def test_a_tenth_is_let_in_and_more_of_those_who_wait(make: Make) -> None:
    edge = make("waiting_room")
    queue = [edge.get("/") for _ in range(400)]
    let_in = sum(not waiting(one) for one in queue)
    assert 40 - 24 < let_in < 40 + 24, "four standard deviations of a tenth of 400"
    edge.clock.advance(15)
    left = [one for one in queue if waiting(one)]
    second = [edge.get("/", headers={"Cookie": cookie(one)}) for one in left]
    share = sum(not waiting(one) for one in second) / len(left)
    assert 0.2 - 0.09 < share < 0.2 + 0.09, "twice the chance"


def test_asking_again_does_not_help(make: Make) -> None:
    edge = make("waiting_room")
    response = next(one for one in (edge.get("/") for _ in range(20)) if waiting(one))
    ticket = {"Cookie": cookie(response)}
    assert all(waiting(edge.get("/", headers=ticket)) for _ in range(10))


def test_members_and_what_the_page_needs_do_not_wait(make: Make) -> None:
    edge = make("waiting_room")
    later = int(edge.clock.now) + 60
    member = {"Cookie": f"a=1; member={signed('member', 'ada', later)}"}
    assert [edge.get("/", headers=member).status_code for _ in range(20)] == [200] * 20
    assert edge.get("/static/style.css").status_code == 200


def test_no_cookie_can_be_forged(make: Make) -> None:
    edge = make("waiting_room")
    later, now = int(edge.clock.now) + 60, int(edge.clock.now)
    forged = [
        f"member={signed('ticket', 'ada', later)}",
        f"wait-pass={signed('member', 'ada', later)}",
        f"member={signed('member', 'ada', now - 1)}",
        f"member={signed('member', 'ada', later)[:-1]}",
        f"member={signed('member', 'ada', later)}".replace("ada", "bob"),
        "member=ada.99999999999999999999.00",
        "member=..",
        "wait-pass=é.1.2",
        f"wait-ticket={signed('ticket', 'x', now + 9999)}",
    ]
    answers = [edge.get("/", headers={"Cookie": one.encode()}) for one in forged]
    assert all(one.status_code in (307, 503) for one in answers)
    assert edge.origin().calls == 0


def test_the_way_in_leads_to_no_other_host(make: Make) -> None:
    edge = make("waiting_room")
    answers = [edge.get("https://www.example.test//evil.test/") for _ in range(40)]
    locations = {one.headers["location"] for one in answers if not waiting(one)}
    assert locations == {"/evil.test/"}


# User tracking and analytics


def test_a_beacon_is_answered_at_the_edge(make: Make) -> None:
    edge = make("analytics")
    response = edge.get("/beacon?event=buy&value=3")
    assert (response.status_code, response.headers["cache-control"]) == (204, "no-store")
    assert list(logged(response)) == [
        {"uri": "/beacon", "beacon": {"event": "buy", "value": "3"}}
    ], "without consent nobody is known"
    assert edge.origin().calls == 0


@pytest.mark.parametrize("refused", [{"Cookie": "consent=no"}, {"DNT": "1"}, {"Sec-GPC": "1"}])
def test_who_refuses_is_not_counted(make: Make, refused: dict[str, str]) -> None:
    edge = make("analytics")
    assert list(logged(edge.get("/beacon?event=buy", headers=refused))) == []
    response = edge.get("/?utm_source=letter", headers=refused)
    assert list(logged(response)) == []
    assert at_origin(edge, response).target == "/", "and what follows goes all the same"


def test_an_id_is_of_one_day_and_one_browser(make: Make) -> None:
    edge = make("analytics")

    def visitor(browser: str) -> object:
        sent = {"Cookie": "a=1; consent=yes", "User-Agent": browser}
        return next(logged(edge.get("/beacon", headers=sent)))["visitor"]

    first = visitor(BROWSER)
    assert len(str(first)) == 16
    assert visitor(BROWSER) == first
    assert visitor("another") != first
    edge.clock.advance(24 * 3600)
    assert visitor(BROWSER) != first


def test_campaigns_are_counted_and_cached_together(make: Make) -> None:
    edge = make("analytics", **{"Cache-Control": "max-age=60"})
    first = edge.get("/a?utm_source=letter&id=7&gclid=x")
    assert list(logged(first)) == [{"uri": "/a", "campaign": {"utm_source": "letter"}}]
    assert edge.get("/a?id=7&utm_source=poster").edge.result_type == "Hit"
    assert edge.get("/b?id=7&x=%20+").edge.functions[0].log == ""
