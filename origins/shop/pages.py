"""The shop's HTML. What moves on the pages is in static/app.js."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from edge_cards import EDGE_CARDS
from products import PRODUCTS, Product


@dataclass(frozen=True, slots=True)
class Welcome:
    """What differs between the two variants of the front page."""

    headline: str
    line: str
    button: str


WELCOMES = {
    "a": Welcome(
        "Good things, close by.",
        "Six objects for the desk and the window sill, delivered from the edge nearest to you.",
        "See the shelf",
    ),
    "b": Welcome(
        "The short way home.",
        "You are looking at variant B. Half of all visitors do, and each of them keeps it.",
        "Show me everything",
    ),
}


def front_page(variant: str, rendered_at: str) -> str:
    welcome = WELCOMES[variant]
    cards = "".join(map(_card, PRODUCTS.values()))
    return _page(
        "Tidewater Goods",
        f"""
<section class="hero">
  <div>
    <h1>{welcome.headline}</h1>
    <p class="lead">{welcome.line}</p>
    <p><a class="button" href="#shelf">{welcome.button}</a>
       <a class="button quiet" href="#tour">Take the edge tour</a></p>
  </div>
  <div class="card verdict" id="page-verdict" aria-live="polite">
    <h2>This page</h2>
    <p class="big">Asking…</p>
    <p class="detail">Rendered by the origin at {rendered_at}.</p>
  </div>
</section>

<section id="shelf" aria-labelledby="shelf-title">
  <h2 id="shelf-title">The shelf</h2>
  <ul class="shelf">{cards}</ul>
</section>

<section id="tour" aria-labelledby="tour-title">
  <h2 id="tour-title">The edge tour</h2>
  <p class="lead">Each line asks for one address and shows where the answer came from. Load a line
    twice and watch the caches fill.</p>
  <form class="bar" id="tour-form">
    <label><input type="checkbox" name="random"> add a random query string</label>
    <button class="button" type="submit">Load all again</button>
  </form>
  <div class="scroll" tabindex="0" role="region" aria-label="Answers">
    <table>
      <thead><tr><th scope="col">Address</th><th scope="col">Answer</th><th scope="col">Age</th>
        <th scope="col">POP</th><th scope="col">Time</th><th scope="col">Cache-Status, and where
        the time went</th><th><span class="hidden">Action</span></th></tr></thead>
      <tbody id="probes"></tbody>
    </table>
  </div>
</section>

{EDGE_CARDS}
<section class="cards" aria-label="More to try">
  <article class="card">
    <h3>A/B variant</h3>
    <p>You see variant <strong class="variant">{variant.upper()}</strong>. The function
      <code>ab_testing</code> chose it from your address and wrote it into a cookie that is in the
      cache key, so each variant is cached once.</p>
    <p><button class="button quiet" id="switch-variant">Switch</button>
       <button class="button quiet" id="forget-variant">Forget</button></p>
  </article>
  <article class="card">
    <h3>Members only</h3>
    <p>The function <code>auth</code> sends you to an identity provider and believes what it
      signs. Sign in as ada or grace; only ada may enter the staff room.</p>
    <p><a class="button quiet" href="/members">Sign in</a></p>
  </article>
  <article class="card">
    <h3>No bots</h3>
    <p>The function <code>bot_mitigation</code> lets your browser work for a second before it shows
      the deals. It asks once in twelve hours.</p>
    <p><a class="button quiet" href="/deals">See the deals</a></p>
  </article>
  <article class="card">
    <h3>Server-sent events</h3>
    <p>The origin says the time once a second; the edge passes it on as it comes.</p>
    <p class="big" id="ticker" role="timer">–</p>
  </article>
  <article class="card">
    <h3>WebSocket</h3>
    <form id="echo-form" class="bar">
      <label class="grow"><span class="hidden">Message</span>
        <input name="message" value="hello, edge" autocomplete="off"></label>
      <button class="button quiet">Send</button>
    </form>
    <p class="log" id="echo-log" role="log">Nothing sent yet.</p>
  </article>
  <article class="card">
    <h3>A body in ten pieces</h3>
    <p>Chunked, without a length: a piece every 0.2 s.</p>
    <p class="pieces" id="pieces" role="img" aria-label="No piece yet">{"<i></i>" * 10}</p>
    <p><button class="button quiet" id="start-stream">Start</button></p>
  </article>
</section>
""",
    )


def product_page(product: Product) -> str:
    return _page(
        f"{product.name} · Tidewater Goods",
        f"""
<article class="product">
  <picture>
    <source srcset="/images/{product.number}.jpg?w=800&amp;format=webp" type="image/webp">
    <img src="/images/{product.number}.jpg" width="1200" height="800" alt="{escape(product.name)}">
  </picture>
  <div>
    <h1>{escape(product.name)}</h1>
    <p class="lead">{escape(product.line)}</p>
    <p>{escape(product.about)}</p>
    <p class="price">{product.price}</p>
    <p class="stock" data-product="{product.number}" aria-live="polite">Counting the stock…</p>
    <p><a href="/">Back to the shelf</a></p>
  </div>
</article>
""",
    )


def about_page() -> str:
    return _page(
        "About · Tidewater Goods",
        """
<article class="text">
  <h1>About this shop</h1>
  <p class="lead">Nothing here is for sale. The shop is the origin of a demo.</p>
  <p>The origin knows this page as <code>/about/index.html</code> only. If you came by
    <code>/about</code>, the function <code>url_rewrite</code> completed the address at the edge,
    before the cache was asked.</p>
  <p>The pictures are drawn by the origin in 1200 by 800. Behind the edge
    <code>/images/1.jpg?w=400</code> is a smaller one: <code>image_resize</code>
    makes it when it is first asked for, and the cache keeps it.</p>
  <p><a href="/">Back to the shelf</a></p>
</article>
""",
    )


def sale_page(let_in_at: str) -> str:
    return _page(
        "The sale · Tidewater Goods",
        f"""
<article class="text">
  <h1>You are in.</h1>
  <p class="lead">The origin made this page for you at {let_in_at}. Your pass is a signed cookie
    that holds for ten minutes; until you had it, the origin never heard of you.</p>
  <p>Delete the cookies of this site and load the page again: <code>waiting_room</code> draws a
    tenth of those who wait every fifteen seconds, and who has waited longer has better chances.</p>
  <p><a href="/#edge-uses">Back to the edge</a></p>
</article>
""",
    )


def login_page(user: str) -> str:
    if user:
        body = f"""
  <h1>Hello, {escape(user)}.</h1>
  <p>This page is yours alone: it says <code>no-store</code>, and the edge does not cache it.</p>
  <form method="post" action="/logout"><button class="button">Sign out</button></form>"""
    else:
        body = """
  <h1>Sign in</h1>
  <p>Any name will do. The origin answers with a cookie.</p>
  <form method="post" action="/login" class="bar">
    <label class="grow">Name <input name="user" required maxlength="40" autocomplete="username">
    </label>
    <button class="button">Sign in</button>
  </form>"""
    return _page("Sign in · Tidewater Goods", f'<article class="text">{body}</article>')


def members_page(user: str, name: str, groups: str) -> str:
    """What the edge lets somebody see whom it says it knows."""
    if not user:
        body = """
  <h1>Who are you?</h1>
  <p>You opened the origin itself, and nobody asked you to sign in. Behind the edge the function
    <code>auth</code> does, and tells the origin who you are.</p>"""
    else:
        in_groups = f"in the group {escape(groups)}" if groups else "in no group"
        body = f"""
  <h1>Welcome, {escape(name)}.</h1>
  <p class="lead">The identity provider vouched for <b id="user">{escape(user)}</b>,
    <span id="groups">{in_groups}</span>. The function <code>auth</code> checked its signature at
    the edge and told the origin.</p>
  <p><a href="/members/staff">The staff room</a> is open to the group staff: ada may, grace may
    not.</p>
  <form method="post" action="/auth/logout"><button class="button">Sign out</button></form>"""
    return _page("Members · Tidewater Goods", f'<article class="text">{body}</article>')


def deals_page(visitor: str) -> str:
    said = f'It took you for: <b id="kind">{escape(visitor)}</b>.' if visitor else "Nobody asked."
    return _page(
        "Deals · Tidewater Goods",
        f"""
<article class="text">
  <h1>Today's deals</h1>
  <p class="lead">Bots love pages like this one. The function <code>bot_mitigation</code> made your
    browser work out a small sum first, and will not ask again for twelve hours. {said}</p>
  <p>Try <code>curl</code> on this address, or <a href="/deals/again">the page behind it</a>.</p>
</article>
""",
    )


def error_page(status: int, what: str) -> str:
    body = f"<h1>{status}</h1><p class='lead'>{escape(what)}</p><p><a href='/'>To the shelf</a></p>"
    return _page(f"{status} · Tidewater Goods", f'<article class="text">{body}</article>')


def _card(product: Product) -> str:
    image = f"/images/{product.number}.jpg"
    return f"""
<li><a class="card item" href="/product/{product.number}">
  <img src="{image}?w=480" width="480" height="320" alt="" loading="lazy">
  <h3>{escape(product.name)}</h3>
  <p>{escape(product.line)}</p>
  <p class="price">{product.price}</p>
</a></li>"""


def _page(title: str, main: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/style.css">
<script src="/static/app.js" type="module"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
  <a class="brand" href="/"><img src="/static/icon.svg" width="30" height="30" alt="">
    Tidewater Goods</a>
  <nav aria-label="Main"><a href="/#shelf">Shelf</a> <a href="/#tour">Tour</a>
    <a href="/about">About</a> <a href="/deals">Deals</a> <a href="/members">Members</a>
    <a href="/login">Sign in</a></nav>
  <span class="pill" id="edge">…</span>
</header>
<main id="main">{main}</main>
<footer><p>A demo origin of edgesim. Everything you see is made by code on this machine.</p>
</footer>
</body>
</html>
"""
