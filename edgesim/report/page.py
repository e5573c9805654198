"""One HTML file with everything in it: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d2129; --faint: #6d7480;
  --rule: #e3e1da; --card: #ffffff; --good: #0f7b4f; --bad: #b3261e;
  --c0: #2563a8; --c1: #d9822b; --c2: #2f8f5b; --c3: #8e4ec6; --c4: #c2410c; --c5: #0e8a9c;
  --c6: #b83280; --c7: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e8e6e1; --faint: #9aa1ac;
  --rule: #2b3038; --card: #1b1f26; --good: #4cc38a; --bad: #ff8a80;
  --c0: #6ea8e8; --c1: #f0a657; --c2: #5fc48c; --c3: #bb8bea; --c4: #f2845c; --c5: #4cc3d4;
  --c6: #ea7ab8; --c7: #9ca3af; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 980px; padding: 2.5rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; }
p { margin: .4rem 0 .8rem; max-width: 46rem; }
.faint, figcaption { color: var(--faint); font-size: .9rem; }
.answer { font-size: 1.15rem; border-left: 4px solid var(--c0); padding-left: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .8rem;
  margin: 1.4rem 0; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--faint); font-size: .85rem; }
figure { margin: .6rem 0 1rem; background: var(--card); border: 1px solid var(--rule);
  border-radius: 8px; padding: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; background: var(--card); }
.scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px; }
th, td { padding: .42rem .8rem; text-align: right; border-bottom: 1px solid var(--rule);
  font-variant-numeric: tabular-nums; white-space: nowrap; }
th { font-weight: 600; color: var(--faint); }
th:first-child, td:first-child { text-align: left; }
tr:last-child td { border-bottom: 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
.rule { stroke: var(--rule); } .tick { stroke: var(--faint); }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.area { fill: currentColor; } .dot { fill: transparent; stroke: none; }
.dot:hover { fill: currentColor; fill-opacity: .35; }
.land { fill: var(--rule); stroke: var(--paper); stroke-width: .6; stroke-linejoin: round; }
.spot { fill: currentColor; fill-opacity: .62; stroke: var(--card); stroke-width: .8; }
.spot:hover { fill-opacity: 1; } .mark { fill: var(--ink); }
svg text.name { fill: var(--ink); font-weight: 600; }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
.c3 { color: var(--c3); } .c4 { color: var(--c4); } .c5 { color: var(--c5); }
.c6 { color: var(--c6); } .c7 { color: var(--c7); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-top: .6rem; font-size: .88rem; }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  background: currentColor; margin-right: .4rem; vertical-align: -1px; }
.legend span { color: var(--ink); }
code { font-family: ui-monospace, monospace; font-size: .92em; }
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands beneath it: HTML of this package's making."""

    title: str
    parts: Sequence[str]


def page(title: str, beneath: str, opening: Sequence[str], sections: Sequence[Section]) -> str:
    """A whole HTML document. `title` and `beneath` are texts, all else is HTML."""
    body = "".join(
        f"<section><h2>{escape(section.title)}</h2>{''.join(section.parts)}</section>\n"
        for section in sections
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(title)}</h1>\n<p class="faint">{escape(beneath)}</p>\n'
        f"{''.join(opening)}\n{body}</body>\n</html>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of text; `kind` is `faint` or `answer`."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def tiles(values: Sequence[tuple[str, str]]) -> str:
    """The few figures that matter most: each its name and its value."""
    made = (
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value in values
    )
    return f'<div class="tiles">{"".join(made)}</div>'


def figure(chart: str, caption: str = "") -> str:
    """A chart in a frame."""
    beneath = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{chart}{beneath}</figure>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts; the first column names them."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
