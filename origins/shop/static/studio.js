// Pictures made to measure, and beacons: what the examples at the edge do, to be felt.

const by = (id) => document.getElementById(id);

function addressOf({ number, w, shape, format, q }) {
  const query = new URLSearchParams({ w: w.value, q: q.value });
  if (shape.value) {
    query.set("h", w.value);
    query.set("fit", shape.value);
  }
  if (format.value) query.set("format", format.value);
  return `/images/${number.value}.jpg?${query}`;
}

// The picture by fetch, so that the answer's head can be shown beside it.
async function show(form, picture, said) {
  const address = addressOf(form);
  const started = performance.now();
  // What <img> would send; fetch sends */*, which names no format.
  const accept = "image/avif,image/webp,image/*,*/*;q=0.8";
  const response = await fetch(address, { cache: "no-store", headers: { accept } });
  const blob = await response.blob();
  const milliseconds = performance.now() - started;
  const before = picture.src;
  picture.src = URL.createObjectURL(blob);
  await picture.decode();
  if (before) URL.revokeObjectURL(before);
  const kind = blob.type.replace("image/", "").toUpperCase();
  const size = `${picture.naturalWidth} × ${picture.naturalHeight}`;
  const result = (response.headers.get("x-cache") ?? "from the origin").replace(/ from cloudfront/i, "");
  const pill = document.createElement("span");
  pill.className = `pill ${/hit/i.test(result) ? "hit" : "miss"}`;
  pill.textContent = result;
  const asked = document.createElement("code");
  asked.textContent = address;
  const kilobytes = (blob.size / 1024).toFixed(1);
  said.replaceChildren(pill, ` ${kind}, ${size}, ${kilobytes} KB in ${milliseconds.toFixed(0)} ms`, asked);
}

function startPictures() {
  const form = by("studio-form");
  if (!form) return;
  const [picture, said] = [by("studio-picture"), by("studio-said")];
  let [running, wanted] = [false, false];
  // One at a time: who drags a slider asks for the last place, not for each on the way.
  const update = async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      try {
        await show(form, picture, said);
      } catch {
        said.textContent = "No picture came.";
      }
    }
    running = false;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    by("studio-width").textContent = form.w.value;
    by("studio-quality").textContent = form.q.value;
    update();
  });
  update();
}

function startBeacons() {
  const form = by("beacon-form");
  if (!form) return;
  form.consent.checked = /(^|; )consent=yes/.test(document.cookie);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const consent = form.consent.checked;
    document.cookie = `consent=${consent ? "yes" : ""}; path=/; max-age=${consent ? 2592000 : 0}; samesite=lax`;
    const response = await fetch("/beacon?event=hello", { cache: "no-store" });
    const where = response.headers.get("x-cache") ?? "the origin";
    const known = consent ? "with an id for today" : "without an id";
    by("beacon-log").textContent = `${response.status} (${where}), logged ${known}: see the terminal.`;
  });
}

export function startStudio() {
  startPictures();
  startBeacons();
}
