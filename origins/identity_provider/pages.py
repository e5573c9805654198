"""What the provider shows to people."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 10vh auto; padding: 0 1rem;
       color-scheme: light dark }
label { display: block; margin: .8rem 0 }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .6rem 1.2rem; font: inherit }
.wrong { color: #c0392b }
"""


def login_page(request: str, client: str, people: Iterable[str], *, wrong: bool) -> str:
    """The form; `request` is the id of the authorization request that it continues."""
    known = ", ".join(f"<b>{escape(name)}</b>" for name in people)
    said = '<p class="wrong" role="alert">That is not right.</p>' if wrong else ""
    return _page(
        "Sign in",
        f"""<h1>Sign in</h1>
<p>to go on to <b>{escape(client)}</b>. This provider is part of a demo on this machine: it knows
{known}, and each one's password is the name.</p>{said}
<form method="post" action="login">
<input type="hidden" name="request" value="{escape(request)}">
<label>Name <input name="name" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required>
</label>
<button>Sign in</button> <button name="refuse" value="1" formnovalidate>Cancel</button>
</form>""",
    )


def error_page(what: str) -> str:
    return _page("That is not possible", f"<h1>That is not possible</h1><p>{escape(what)}</p>")


def _page(title: str, body: str) -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · identity provider</title><style>{STYLE}</style></head>
<body>{body}</body></html>"""
