"""The part of the front page where the examples in edge_functions/ can be felt."""

from __future__ import annotations

from products import PRODUCTS

_PICTURES = "".join(
    f'<option value="{number}">{product.name}</option>' for number, product in PRODUCTS.items()
)

EDGE_CARDS = f"""
<section id="edge-uses" aria-labelledby="edge-uses-title">
  <h2 id="edge-uses-title">What functions do at the edge</h2>
  <div class="studio card">
    <form id="studio-form">
      <h3>Pictures, made to measure</h3>
      <p class="detail">The origin has 1200 by 800 JPEG and nothing else. <code>image_resize</code>
        makes the rest when it is first asked for, and the cache keeps it.</p>
      <label>Picture <select name="number">{_PICTURES}</select></label>
      <label>Width <output id="studio-width">480</output>
        <input type="range" name="w" min="96" max="1200" step="8" value="480"></label>
      <label>Shape <select name="shape"><option value="">as it is</option>
        <option value="cover">square, cut</option>
        <option value="fill">square, stretched</option></select></label>
      <label>Format <select name="format"><option value="">what this browser likes</option>
        <option>avif</option><option>webp</option><option>jpeg</option><option>png</option>
      </select></label>
      <label>Quality <output id="studio-quality">80</output>
        <input type="range" name="q" min="30" max="95" step="5" value="80"></label>
    </form>
    <figure>
      <div class="frame"><img id="studio-picture" alt="The picture as the edge makes it"></div>
      <figcaption id="studio-said" aria-live="polite">Asking…</figcaption>
    </figure>
  </div>
  <div class="cards" id="edge-use-cards">
    <article class="card">
      <h3>A waiting room</h3>
      <p>The sale takes few visitors at a time. <code>waiting_room</code> gives you a signed ticket,
        and every fifteen seconds some tickets are drawn.</p>
      <p><a class="button quiet" href="/sale">To the sale</a></p>
    </article>
    <article class="card">
      <h3>A page made at the edge</h3>
      <p>The origin has a list of products as JSON. <code>dynamic_page</code> makes a page of it,
        once a minute, however many ask.</p>
      <p><a class="button quiet" href="/offers">See the offers</a></p>
    </article>
    <article class="card">
      <h3>Counting without knowing</h3>
      <p>A beacon goes to <code>/beacon</code>; <code>analytics</code> logs it and answers. Whether
        you are recognised within the day is up to you.</p>
      <form class="bar" id="beacon-form">
        <label><input type="checkbox" name="consent"> I consent</label>
        <button class="button quiet">Send one</button>
      </form>
      <p class="log" id="beacon-log" role="log">Nothing sent yet.</p>
    </article>
  </div>
</section>
"""
