"""The files that `edgesim init` writes: a site, a function in front of it, and its test."""

from __future__ import annotations

import sys

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The Python at hand, so that the function runs as it will be deployed."""

CONFIGURATION = f"""\
# What edgesim serves. `edgesim check` explains it, `edgesim dev` runs it.

[origins.site]
folder = "site"                         # or url = "http://127.0.0.1:3000", your dev server

[functions.index_pages]
code = "functions/index_pages"
handler = "index.handler"               # the function `handler` in index.py
runtime = "{RUNTIME}"

[default_behavior]
origin = "site"
cache_policy = "UseOriginCacheControlHeaders-QueryStrings"
viewer_request = "index_pages"
"""

FUNCTION = '''\
"""Folders have a page: /docs/ becomes /docs/index.html."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["uri"].endswith("/"):
        request["uri"] += "index.html"
    return request
'''

TEST = """\
import importlib.util
from pathlib import Path

CODE = Path(__file__).parent.parent / "functions/index_pages/index.py"


def rewritten(uri):
    spec = importlib.util.spec_from_file_location("index_pages", CODE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    request = {"method": "GET", "uri": uri, "querystring": "", "headers": {}}
    return module.handler({"Records": [{"cf": {"request": request}}]}, None)["uri"]


def test_a_folder_is_its_page():
    assert rewritten("/") == "/index.html"
    assert rewritten("/docs/") == "/docs/index.html"


def test_a_file_is_itself():
    assert rewritten("/style.css") == "/style.css"
"""

PAGE = """\
<!doctype html>
<title>edgesim</title>
<h1>It works</h1>
<p>This page is <code>site/index.html</code>, behind a CDN on your own machine.</p>
"""

FILES = {
    "edgesim.toml": CONFIGURATION,
    "functions/index_pages/index.py": FUNCTION,
    "site/index.html": PAGE,
    "tests/test_index_pages.py": TEST,
}
"""By path."""
