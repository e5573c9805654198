from __future__ import annotations

import re

from edgesim.report.page import Section, figure, page, paragraph, table, tiles

PAGE = page(
    "A <title>",
    "beneath & below",
    [tiles([("requests", "1,000")]), paragraph("So it is.", "answer")],
    [
        Section("Tables", [table(["name", "value"], [["<x>", "1"]])]),
        Section("Charts", [figure("<svg></svg>", "what it shows"), paragraph("said")]),
    ],
)


def test_a_page_needs_no_network() -> None:
    assert not re.search(r"https?://|//[a-z]|<script|<link|@import|url\(", PAGE)


def test_texts_are_escaped_and_html_is_not() -> None:
    assert "A &lt;title&gt;" in PAGE
    assert "beneath &amp; below" in PAGE
    assert "<td>&lt;x&gt;</td>" in PAGE
    assert "<figure><svg></svg><figcaption>what it shows</figcaption></figure>" in PAGE


def test_what_is_opened_is_closed() -> None:
    for tag in ("html", "head", "body", "section", "div", "table", "thead", "tbody", "tr", "td"):
        assert len(re.findall(f"<{tag}[ >]", PAGE)) == PAGE.count(f"</{tag}>"), tag
