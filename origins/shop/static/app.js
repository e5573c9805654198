import { startStudio } from "./studio.js";

// What moves in the shop. Every part looks for its own element and does nothing without it.

const PROBES = [
  ["/", "this page: 30 s at the edge, a copy for each variant"],
  ["/static/style.css", "an asset: five minutes"],
  ["/images/1.jpg?w=480&format=webp", "a picture made smaller by a function, kept for a day"],
  ["/offers", "a page that the origin does not have: the edge makes it of the origin's data"],
  ["/sale", "a waiting room: 503 and a ticket, or a way in"],
  ["/beacon?event=tour", "answered and logged at the edge; the origin never hears of it"],
  ["/api/time", "five seconds, then asked for again"],
  ["/api/stock", "no-store: the origin every time"],
  ["/about", "no such page at the origin: a function completes the address"],
  ["/slow", "the origin takes two seconds; the edge need not"],
  ["/flaky", "fails every third time"],
  ["/broken", "always a 500"],
];

const by = (id) => document.getElementById(id);

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

// One answer, reduced to what the tour shows. The browser's own cache must not answer.
async function probe(address, random = false) {
  const url = new URL(address, location.href);
  if (random) url.searchParams.set("random", Math.random().toString(36).slice(2, 8));
  const started = performance.now();
  const response = await fetch(url, { cache: "no-store" });
  await response.arrayBuffer();
  return {
    status: response.status,
    milliseconds: performance.now() - started,
    result: response.headers.get("x-cache") ?? "",
    age: response.headers.get("age"),
    pop: response.headers.get("x-amz-cf-pop") ?? "",
    cacheStatus: response.headers.get("cache-status") ?? "",
    timing: response.headers.get("server-timing") ?? "",
  };
}

function kindOf({ status, result }) {
  if (status >= 400 || /error/i.test(result)) return "error";
  return /hit/i.test(result) ? "hit" : result ? "miss" : "";
}

// "Hit from cloudfront" is one word to a visitor.
function wordFor({ status, result }) {
  return result.replace(/ from cloudfront$/i, "") || `from the origin, ${status}`;
}

// `edge;dur=0.2, origin;desc="the origin";dur=12` as "edge 0.2 ms, the origin 12 ms". What the
// shop says of itself is stored with its answer: on a hit that time went by long ago.
function spokenTiming({ timing, result }) {
  const stored = /^hit/i.test(result);
  return timing
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((step) => {
      const [name, ...parts] = step.split(";").map((part) => part.trim());
      if (stored && name === "shop") return "";
      const values = Object.fromEntries(parts.map((part) => part.split(/=(.*)/)));
      const said = values.desc?.replaceAll('"', "") || name;
      return values.dur ? `${said} ${Number(values.dur).toLocaleString("en")} ms` : said;
    })
    .filter(Boolean)
    .join(", ");
}

function rowFor(address, about, random) {
  const row = document.createElement("tr");
  const [name, answer, age, pop, time, story, action] = Array.from({ length: 7 }, () => row.insertCell());
  name.append(element("code", address), element("small", about));
  for (const cell of [age, pop, time]) cell.className = "number";
  const button = element("button", "Load again", "button quiet");
  button.type = "button";
  button.setAttribute("aria-label", `Load ${address} again`);
  action.append(button);

  async function load() {
    button.disabled = true;
    try {
      const got = await probe(address, random());
      answer.replaceChildren(element("span", wordFor(got), `pill ${kindOf(got)}`));
      if (got.result) answer.append(element("small", `status ${got.status}`, "whole"));
      age.textContent = got.age === null ? "–" : `${got.age} s`;
      pop.textContent = got.pop || "–";
      time.textContent = `${got.milliseconds.toFixed(got.milliseconds < 10 ? 1 : 0)} ms`;
      story.replaceChildren(element("code", got.cacheStatus || "–"), element("small", spokenTiming(got)));
    } catch {
      answer.replaceChildren(element("span", "no answer", "pill error"));
    }
    button.disabled = false;
  }
  button.addEventListener("click", load);
  return { row, load };
}

function startTour() {
  const form = by("tour-form");
  if (!form) return;
  const random = () => form.random.checked;
  const rows = PROBES.map(([address, about]) => rowFor(address, about, random));
  by("probes").append(...rows.map(({ row }) => row));
  // One after another: a line must not wait behind the slow ones, nor hurry them.
  const loadAll = async () => {
    for (const { load } of rows) await load();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    loadAll();
  });
  loadAll();
}

async function showEdge() {
  const got = await probe(location.pathname);
  const edge = by("edge");
  edge.textContent = got.pop ? `served by ${got.pop}` : "not behind the edge";
  edge.classList.toggle("hit", Boolean(got.pop));
  const card = by("page-verdict");
  if (!card) return;
  const age = got.age === null ? "" : `, ${got.age} s old`;
  card.querySelector(".big").textContent = got.pop ? wordFor(got) + age : "Straight from the origin";
  const detail = card.querySelector(".detail");
  detail.textContent += got.pop
    ? ` Answered at ${got.pop} in ${got.milliseconds.toFixed(0)} ms.`
    : " You opened the origin itself; make demo puts the edge in front of it.";
}

function startVariant() {
  const current = document.querySelector(".variant")?.textContent.toLowerCase();
  if (!current) return;
  const set = (cookie) => () => {
    document.cookie = `variant=${cookie}; path=/; samesite=lax`;
    location.reload();
  };
  by("switch-variant").addEventListener("click", set(`${current === "a" ? "b" : "a"}; max-age=2592000`));
  by("forget-variant").addEventListener("click", set("; max-age=0"));
}

function startTicker() {
  const ticker = by("ticker");
  if (!ticker) return;
  const source = new EventSource("/events");
  source.onmessage = ({ data }) => (ticker.textContent = data);
  source.onerror = () => (ticker.textContent = "connecting…");
  addEventListener("pagehide", () => source.close());
}

function startEcho() {
  const form = by("echo-form");
  if (!form) return;
  const log = by("echo-log");
  let socket = null;
  const connected = () =>
    new Promise((resolve, reject) => {
      if (socket?.readyState === WebSocket.OPEN) return resolve();
      socket = new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")));
      socket.onopen = resolve;
      socket.onerror = reject;
      socket.onclose = () => (socket = null);
    });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await connected();
    } catch {
      log.textContent = "The connection was refused.";
      return;
    }
    const sent = performance.now();
    socket.onmessage = ({ data }) => {
      log.textContent = `← ${data}   after ${(performance.now() - sent).toFixed(1)} ms`;
    };
    socket.send(form.message.value);
  });
}

function startStream() {
  const button = by("start-stream");
  if (!button) return;
  const row = by("pieces");
  button.addEventListener("click", async () => {
    button.disabled = true;
    for (const piece of row.children) piece.classList.remove("here");
    const reader = (await fetch("/stream", { cache: "no-store" })).body.getReader();
    const decoder = new TextDecoder();
    let received = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      received += decoder.decode(part.value, { stream: true }).split("\n").length - 1;
      for (let i = 0; i < received; i += 1) row.children[i].classList.add("here");
      row.setAttribute("aria-label", `${received} of 10 pieces`);
    }
    button.disabled = false;
  });
}

async function showStock() {
  const line = document.querySelector(".stock");
  if (!line) return;
  const { left } = await (await fetch("/api/stock")).json();
  const count = left[line.dataset.product];
  line.textContent = count ? `${count} left, as of now.` : "Sold out, for the moment.";
}

startTour();
startStudio();
startVariant();
startTicker();
startEcho();
startStream();
showStock();
showEdge();
