"""A real Vite app in a real browser, through `edgesim dev`: the life of a front-end developer."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.needed import needed

APP = Path(__file__).parent / "vite_app"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NPM = shutil.which("npm")
INSTALL = {"chromium": "apt-get install chromium", "npm": "apt-get install nodejs npm"}

FUNCTION = """
def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["x-edited"] = [{"key": "X-Edited", "value": "VALUE"}]
    return response
"""
CONFIG = """
[origins.app]
url = "http://localhost:PORT"

[functions.stamp]
code = "stamp.py"
handler = "stamp.handler"

[default_behavior]
origin = "app"
cache_policy = "UseOriginCacheControlHeaders-QueryStrings"
origin_request_policy = "AllViewer"
allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
viewer_response = "stamp"
"""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running(*command: str, cwd: Path, ready: str) -> Iterator[subprocess.Popen[str]]:
    """A child process from the moment it has said `ready`."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(APP.parents[2])}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            pytest.fail(f"{command[0]} never said {ready!r}:\n{''.join(said)}")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app with its packages, in a folder that may be edited."""
    npm = needed("npm", NPM, INSTALL["npm"])
    folder = tmp_path_factory.mktemp("vite") / "app"
    shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("node_modules"))
    installed = APP / "node_modules"
    with (APP / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests that run side by side share the packages
        if not (installed / ".bin" / "vite").exists():
            install = [npm, "install", "--no-save", "--no-audit", "--no-fund"]
            subprocess.run(install, cwd=APP, check=True)
    (folder / "node_modules").symlink_to(installed)
    return folder


@pytest.fixture(scope="module")
def edge_url(app: Path) -> Iterator[str]:
    """Where the app is served by edgesim, which stands in front of a Vite dev server."""
    vite_port, edge_port = free_port(), free_port()
    (app / "stamp.py").write_text(FUNCTION.replace("VALUE", "first"))
    (app / "edgesim.toml").write_text(CONFIG.replace("PORT", str(vite_port)))
    vite = [str(app / "node_modules/.bin/vite"), "--port", str(vite_port), "--strictPort"]
    edge = [sys.executable, "-m", "edgesim", "dev", "--port", str(edge_port)]
    with (
        running(*vite, cwd=app, ready="Local"),
        running(*edge, cwd=app, ready="Listening on") as process,
    ):
        yield f"http://127.0.0.1:{edge_port}"
        assert process.poll() is None


@pytest.fixture
def page(edge_url: str) -> Iterator[Page]:
    chromium = needed("chromium", CHROMIUM, INSTALL["chromium"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.goto(edge_url)
        yield page
        browser.close()


def test_an_edit_appears_without_a_reload(page: Page, app: Path) -> None:
    expect(page.locator("#greeting")).to_have_text("first greeting")
    marker = page.locator("#marker").inner_text()
    page.wait_for_function("performance.getEntriesByType('resource').length > 2")
    (app / "src/greeting.js").write_text('export const greeting = "second greeting";\n')
    expect(page.locator("#greeting")).to_have_text("second greeting")
    assert page.locator("#marker").inner_text() == marker, "the page was reloaded"


def test_the_second_load_of_a_cacheable_asset_is_a_hit(page: Page, edge_url: str) -> None:
    loads = []
    browser = page.context.browser
    assert browser is not None
    for _ in range(2):
        visitor = browser.new_page()  # with an empty cache of its own
        with visitor.expect_response(lambda response: "/.vite/deps/" in response.url) as asset:
            visitor.goto(edge_url)
        loads.append(asset.value.headers["x-cache"])
        visitor.close()
    assert loads[-1] == "Hit from cloudfront", loads


def test_an_edit_of_a_function_changes_the_next_response(
    page: Page, app: Path, edge_url: str
) -> None:
    ask = "async url => (await fetch(url, {cache: 'no-store'})).headers.get('x-edited')"
    assert page.evaluate(ask, edge_url) == "first"
    (app / "stamp.py").write_text(FUNCTION.replace("VALUE", "second"))
    edited = time.monotonic()
    while page.evaluate(ask, edge_url) != "second":
        assert time.monotonic() - edited < 5, "the edit never became live"
