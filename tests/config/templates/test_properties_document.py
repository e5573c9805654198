"""PROPERTIES.md is printed from the tables; `EDGESIM_GOLDEN=write` prints it anew."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import edgesim.config.templates
from edgesim.config.templates.distribution_properties import DISTRIBUTION
from edgesim.config.templates.other_properties import RESOURCES
from edgesim.config.templates.report import Table

DOCUMENT = Path(edgesim.config.templates.__file__).parent / "PROPERTIES.md"
HEAD = """\
# Properties of templates

What edgesim does with every property that a template may set. *Understood*: it changes what is
served, or is checked, or no request and no response depends on it on AWS either, and then it says
so. *Ignored*: it does something on AWS that edgesim does not do, and no viewer and no origin could
tell.
*Refused*: it bears on access, functions or answers, and edgesim has it not; it is refused where it
is switched on, unless `--without NAME` says to go on without it. What is below an ignored or
refused property goes with it. Anything that is not listed is no property, and refused.

This file is printed from the tables in `distribution_properties.py` and `other_properties.py`.
"""


def document() -> str:
    tables = {"AWS::CloudFront::Distribution": DISTRIBUTION, **RESOURCES}
    sections = ("\n".join(section(kind, table)) for kind, table in tables.items())
    joined = "\n\n".join(sections)
    return f"{HEAD}\n{joined}\n"


def section(kind: str, table: Table) -> Iterator[str]:
    counts = Counter(row.status for row in table.values())
    said = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    yield f"## {kind}\n\n{said}.\n"
    yield "| Property | | Why |\n|---|---|---|"
    for path, row in sorted(table.items()):
        yield f"| `{path}` | {row.status} | {row.why} |"


def test_the_document_says_what_the_tables_say() -> None:
    if os.environ.get("EDGESIM_GOLDEN") == "write":
        DOCUMENT.write_text(document())
    assert DOCUMENT.read_text() == document()
