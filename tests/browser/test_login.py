"""The demo's guarded pages in a real browser: signing in, signing out, proving to be no bot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect, sync_playwright

from edgesim.testing.server import EdgeServer
from tests.edge_functions import test_auth, test_bot_mitigation
from tests.needed import needed
from tests.origins.programs import CHECKOUT, running

from .test_vite import CHROMIUM, CHROMIUM_FLAGS, INSTALL

SHOP = str(CHECKOUT / "origins/shop/server.py")
CONFIG = CHECKOUT / "origins/shop/edgesim.toml"


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    """Of the shop and of the identity provider."""
    with running(SHOP) as shop, running(test_auth.IDENTITY_PROVIDER) as provider:
        yield shop, provider


@pytest.fixture
def site(
    addresses: tuple[str, str], edge_server: Callable[..., EdgeServer], tmp_path: Path
) -> EdgeServer:
    """The demo on free ports, with the functions and the behaviors that it has."""
    shop, provider = addresses
    test_auth.copied(tmp_path / "auth", issuer=provider)
    test_bot_mitigation.copied(tmp_path / "bots")
    config = CONFIG.read_text().replace("http://127.0.0.1:8090", shop)
    functions = CHECKOUT / "edge_functions/python"
    config = config.replace("../../edge_functions/python/auth", str(tmp_path / "auth"))
    config = config.replace("../../edge_functions/python/bot_mitigation", str(tmp_path / "bots"))
    config = config.replace("../../edge_functions/python", str(functions))
    (tmp_path / "edgesim.toml").write_text(config)
    return edge_server(config=str(tmp_path / "edgesim.toml"))


@pytest.fixture(params=["python", "cloudfront"])
def challenging(
    request: pytest.FixtureRequest,
    addresses: tuple[str, str],
    edge_server: Callable[..., EdgeServer],
    tmp_path: Path,
) -> EdgeServer:
    """The demo, or the shop behind the CloudFront Function."""
    if request.param == "python":
        demo: EdgeServer = request.getfixturevalue("site")
        return demo
    config = test_bot_mitigation.in_javascript(tmp_path / "bots") / "edgesim.toml"
    config.write_text(config.read_text().replace("http://127.0.0.1:3000", addresses[0]))
    return edge_server(config=str(config))


@pytest.fixture
def browser() -> Iterator[BrowserContext]:
    chromium = needed("chromium", CHROMIUM, INSTALL["chromium"])
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        # What a headless browser says of itself is a bot's word, and rightly so.
        yield started.new_context(user_agent=test_bot_mitigation.CHROME)
        started.close()


@pytest.fixture
def page(browser: BrowserContext) -> Page:
    return browser.new_page()


def sign_in(page: Page, name: str, password: str | None = None) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password or name)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_first_page_to_the_login_to_the_members(
    page: Page, site: EdgeServer, addresses: tuple[str, str]
) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="Members").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith(f"{addresses[1]}/authorize?")
    sign_in(page, "grace", "wrong")
    expect(page.get_by_role("alert")).to_have_text("That is not right.")
    sign_in(page, "grace")
    expect(page.get_by_role("heading", name="Welcome, Grace Hopper.")).to_be_visible()
    assert page.url == f"{site.url}/members"

    names = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert "session" in names
    assert (names["session"]["httpOnly"], names["session"]["sameSite"]) == (True, "Lax")
    assert not any(name.startswith("login") for name in names)
    assert "session" not in page.evaluate("document.cookie")

    page.get_by_role("link", name="The staff room").click()
    expect(page.get_by_role("heading")).to_have_text("You are signed in, but this is not for you.")
    page.go_back()

    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{site.url}/")
    page.goto(f"{site.url}/members/staff")
    sign_in(page, "ada")
    expect(page).to_have_url(f"{site.url}/members/staff")
    expect(page.locator("#groups")).to_have_text("in the group staff")


def test_who_cancels_is_not_signed_in(page: Page, site: EdgeServer) -> None:
    page.goto(f"{site.url}/members")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading")).to_have_text("The provider did not sign you in.")
    assert urlsplit(page.url).path == "/auth/callback"
    page.goto(f"{site.url}/members")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_browser_proves_itself_once(page: Page, challenging: EdgeServer) -> None:
    with page.expect_response(lambda response: response.status == 403) as challenge:
        page.goto(f"{challenging.url}/deals")
    assert challenge.value.headers["cache-control"] == "no-store"
    expect(page.get_by_role("heading", name="Today's deals")).to_be_visible()
    expect(page.locator("#kind")).to_have_text("proven")
    with page.expect_response(f"{challenging.url}/deals/again") as second:
        page.get_by_role("link", name="the page behind it").click()
    assert second.value.status == 200, "the proof still holds"


def test_a_browser_without_cookies_is_told_so_and_does_not_go_round(
    browser: BrowserContext, challenging: EdgeServer
) -> None:
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'cookieEnabled', { value: false })")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{challenging.url}/deals")
    expect(page.locator("#status")).to_contain_text("This takes cookies")
    assert asked == [f"{challenging.url}/deals"]


def test_a_lost_proof_does_not_make_a_loop(
    browser: BrowserContext, challenging: EdgeServer
) -> None:
    page = browser.new_page()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))

    def forgetful(route: Route) -> None:
        browser.clear_cookies()
        route.continue_()

    page.goto(challenging.url)
    page.route(lambda url: urlsplit(url).path == "/deals", forgetful)
    page.goto(f"{challenging.url}/deals")
    expect(page.locator("#status")).to_contain_text("did not last")
    assert loads.count(f"{challenging.url}/deals") == 2


def test_the_settings_of_the_demo_fit_together() -> None:
    settings = json.loads((test_auth.EXAMPLE / "settings.json").read_text())
    assert settings["issuer"] == "http://127.0.0.1:8091"
    assert "PROVIDER_PORT = 8091" in (CHECKOUT / "origins/shop/demo.py").read_text()
