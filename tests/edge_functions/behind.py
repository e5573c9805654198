"""The examples behind a virtual edge, in each language, in their own configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from edgesim.bundled import bundled
from edgesim.config.resolve import load
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.story import EdgeResponse
from tests.needed import node_or_skip

SOURCES = {"python": ("*.py",), "node": ("*.js", "*.mjs"), "cloudfront": ("*.js",)}


def behind(
    language: str, name: str, folder: Path | None = None, edits: Mapping[str, str] | None = None
) -> VirtualEdge:
    """The example, or a copy of it in `folder` with what its user would change at its top.

    Raises AssertionError for an edit that finds nothing.
    """
    if language == "node":
        node_or_skip()
    source = bundled("edge_functions") / language / name
    if folder is not None:
        source = shutil.copytree(source, folder / name)
        texts = [path for pattern in SOURCES[language] for path in source.glob(pattern)]
        for old, new in (edits or {}).items():
            found = [path for path in texts if old in path.read_text()]
            assert found, f"{old!r} is nowhere in {language}/{name}"
            for path in found:
                path.write_text(path.read_text().replace(old, new))
    return VirtualEdge(load(source / "edgesim.toml"))


def logged(response: EdgeResponse) -> Iterator[dict[str, object]]:
    """The lines of JSON that its functions wrote, without what Node.js puts before them."""
    for run in response.edge.functions:
        for line in run.log.splitlines():
            start = line.find("{")
            if start >= 0:
                yield json.loads(line[start:])
