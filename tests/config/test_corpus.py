"""Templates of every make: what each resolves to, what is said about it, and what it answers.

A folder of `corpus/` has a template, `expected.toml` with what else a command line would say and
a few requests, and `resolved.txt`, which `EDGESIM_GOLDEN=write pytest tests/config/test_corpus.py`
writes anew.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.templates.given import Given
from edgesim.config.templates.load import load
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.testing.edge import VirtualEdge

CORPUS = Path(__file__).parent / "corpus"
NAMES = sorted(path.parent.name for path in CORPUS.glob("*/expected.toml"))
TEMPORARY = re.compile(r"/\S*/edgesim-code-[^/]+/")
NOT_SHOWN = frozenset({"rules", "call", "watched", "source", "fingerprint", "routes"})
"""What is not plain, or repeats the origins."""


def expected(name: str) -> dict[str, Any]:
    return tomllib.loads((CORPUS / name / "expected.toml").read_text())


def deployment(name: str) -> Deployment:
    said = expected(name)
    given = Given(
        said.get("parameters", {}),
        said.get("imports", {}),
        said.get("origins", {}),
        said.get("stores", {}),
        said.get("functions", {}),
        frozenset(said.get("without", ())),
        said.get("distribution", ""),
    ).below(CORPUS / name)
    return load(CORPUS / name / said["template"], given)


def rendered(made: Deployment, folder: Path) -> str:
    """What differs from the defaults, line by line, and every note."""
    lines = ["distribution", *_lines(made.distribution, 1)]
    lines += ["notes", *(f"  {note.kind} {note.where}: {note.text}" for note in made.notes)]
    text = TEMPORARY.sub("(inline)/", "\n".join(lines)).replace(f"{folder}/", "")
    text = text.replace(str(folder), ".")
    return f"{text}\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for one in fields(value):
        inside = getattr(value, one.name)
        default = one.default if one.default_factory is MISSING else one.default_factory()
        if one.name in NOT_SHOWN or inside == default:
            continue
        if is_dataclass(inside) and not isinstance(inside, type):
            yield f"{pad}{one.name}"
            yield from _lines(inside, depth + 1)
        elif isinstance(inside, tuple) and any(is_dataclass(member) for member in inside):
            for index, member in enumerate(inside):
                yield f"{pad}{one.name}[{index}]"
                yield from _lines(member, depth + 1)
        elif isinstance(inside, Mapping) and any(is_dataclass(v) for v in inside.values()):
            for key, member in inside.items():
                yield f"{pad}{one.name}[{key}]"
                yield from _lines(member, depth + 1)
        else:
            yield f"{pad}{one.name}: {_plain(inside)}"


def _plain(value: Any) -> str:
    if isinstance(value, frozenset):
        return " ".join(sorted(map(str, value)))
    if isinstance(value, Headers):
        return ", ".join(f"{name}: {text}" for name, text in value)
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return str(value)


@pytest.mark.parametrize("name", NAMES)
def test_it_resolves_to_its_golden_file(name: str) -> None:
    folder = CORPUS / name
    golden = folder / "resolved.txt"
    text = rendered(deployment(name), folder)
    if os.environ.get("EDGESIM_GOLDEN") == "write":
        golden.write_text(text)
    assert golden.read_text() == text


def echo(origin: str, extra: Mapping[str, Any]) -> Any:
    """An origin that says what it was asked; a path among `extra` has a status of its own."""

    def answer(request: Request) -> Response:
        status = extra.get(request.path, 200)
        asked = {
            "origin": origin,
            "method": request.method,
            "target": request.target,
            "headers": {name.lower(): value for name, value in request.headers},
        }
        headers = [("Content-Type", "application/json"), ("Cache-Control", "max-age=60")]
        return Response(status, Headers(headers), json.dumps(asked).encode())

    return answer


@pytest.mark.parametrize("name", NAMES)
def test_it_answers(name: str) -> None:
    said = expected(name)
    made = deployment(name)
    edge = VirtualEdge(made)
    try:
        for origin in made.origins:
            statuses = said.get("statuses", {}).get(origin.name, {})
            edge.origin(origin.name).answer("*", echo(origin.name, statuses))
        for asked in said["requests"]:
            check(edge, asked)
    finally:
        edge.close()


def check(edge: VirtualEdge, asked: Mapping[str, Any]) -> None:
    response = edge.request(
        asked.get("method", "GET"), asked["url"], headers=asked.get("headers", {})
    )
    assert response.status_code == asked.get("status", 200), (asked, response.text)
    for header, value in asked.get("response_headers", {}).items():
        assert response.headers.get(header, "") == value, (asked, dict(response.headers))
    wanted = {key: asked[key] for key in ("origin", "target") if key in asked}
    if wanted or "sent" in asked:
        got = response.json()
        assert {key: got[key] for key in wanted} == wanted, asked
        for header, value in asked.get("sent", {}).items():
            assert got["headers"].get(header, "") == value, (asked, got)
    if "result" in asked:
        assert response.edge.result_type.value == asked["result"], asked
