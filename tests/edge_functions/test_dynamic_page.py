from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgesim.bundled import bundled
from edgesim.testing.edge import VirtualEdge

from .pictures import PictureOrigin, edge_before

FOLDER = bundled("edge_functions") / "python/dynamic_page"


@pytest.fixture
def edge(server: PictureOrigin, tmp_path: Path) -> VirtualEdge:
    virtual = edge_before(server, FOLDER, tmp_path)
    virtual.origin().respond(text="the origin's own page")
    return virtual


def test_a_page_is_made_of_data_once_a_minute(edge: VirtualEdge, server: PictureOrigin) -> None:
    products = [{"name": "Lamp", "price": "39"}, {"name": "<script>", "price": 5}]
    server.pictures["/api/products"] = json.dumps(products).encode()
    page = edge.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<li>Lamp <b>39</b></li>" in page.text
    assert "<li>&lt;script&gt; <b>5</b></li>" in page.text
    edge.clock.advance(59)
    assert edge.get("/").edge.result_type == "Hit"
    assert len(server.asked) == 1
    german = edge.get("/de/")
    assert (german.headers["content-language"], "Unser Angebot" in german.text) == ("de", True)


@pytest.mark.parametrize(
    "data", [None, b"no json", b"{}x", b'[{"name": 1}]', b"[1]", b"5", b" " * 300_000]
)
def test_without_data_the_origin_has_its_own_page(
    edge: VirtualEdge, server: PictureOrigin, data: bytes | None
) -> None:
    if data is not None:
        server.pictures["/api/products"] = data
    response = edge.get("/")
    assert response.text == "the origin's own page"
    assert "left / to the origin" in response.edge.functions[0].log
