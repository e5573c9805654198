"""The image example beside sharp, on the same pictures in the same run.

    npm install --prefix /tmp/beside sharp
    python -m bench.bench_images --sharp /tmp/beside

Both decode, resize and encode in memory, one picture at a time on one thread; what is compared
is processor time, which a busy machine disturbs less than the clock on the wall.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageFilter, __version__

FUNCTION = Path(__file__).parents[1] / "edge_functions/python/image_resize"
ROUNDS = 7
SIZES = ((1200, 800), (4000, 3000))
TASKS = [
    (size, kind, width)
    for size in SIZES
    for kind, width in (("jpeg", 480), ("webp", 480), ("avif", 480), ("webp", 1200))
]
QUALITY = {"jpeg": 80, "webp": 78, "avif": 55}

SHARP = """
const sharp = require(require("node:path").join(process.argv[2], "node_modules/sharp"));
const { readFileSync } = require("node:fs");
sharp.concurrency(1);
sharp.cache(false);
const options = {
  jpeg: { quality: 80, progressive: true, optimiseCoding: true },
  webp: { quality: 78, effort: 4 },
  avif: { quality: 55, effort: 2 },
};
async function run() {
  const { rounds, tasks } = JSON.parse(readFileSync(0, "utf8"));
  const results = [];
  for (const { path, kind, width } of tasks) {
    const source = readFileSync(path);
    const times = [];
    let bytes = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const began = process.cpuUsage();
      const out = await sharp(source).rotate().resize({ width, withoutEnlargement: true })
        .toFormat(kind, options[kind]).toBuffer();
      const took = process.cpuUsage(began);
      if (round) times.push((took.user + took.system) / 1e6);
      bytes = out.length;
    }
    results.push({ times, bytes });
  }
  console.log(JSON.stringify({ version: sharp.versions.sharp, results }));
}
run();
"""


def photograph(size: tuple[int, int]) -> bytes:
    """A JPEG with soft and hard parts, as a camera's."""
    noise = Image.effect_noise(size, 60).filter(ImageFilter.GaussianBlur(2))
    sky = Image.linear_gradient("L").resize(size)
    waves = Image.radial_gradient("L").resize(size)
    out = io.BytesIO()
    Image.merge("RGB", (Image.blend(noise, sky, 0.6), sky, waves)).save(out, "JPEG", quality=90)
    return out.getvalue()


def ours(sources: dict[tuple[int, int], bytes]) -> list[tuple[float, int]]:
    """Seconds of processor time and bytes, task by task."""
    sys.path.insert(0, str(FUNCTION))
    from transform import transformed  # type: ignore[import-not-found]  # noqa: PLC0415
    from wish import Wish  # type: ignore[import-not-found]  # noqa: PLC0415

    measured = []
    for size, kind, width in TASKS:
        wish = Wish(width=width, quality=QUALITY[kind], format=kind.upper())
        times = []
        for count in range(ROUNDS + 1):
            began = time.process_time()
            body, _ = transformed(sources[size], wish, 1_000_000)
            if count:
                times.append(time.process_time() - began)
        measured.append((statistics.median(times), len(body)))
    return measured


def theirs(folder: Path, sources: dict[tuple[int, int], bytes]) -> list[tuple[float, int]]:
    with tempfile.TemporaryDirectory() as temporary:
        paths = {}
        for size, source in sources.items():
            paths[size] = Path(temporary) / f"{size[0]}.jpg"
            paths[size].write_bytes(source)
        tasks = [{"path": str(paths[size]), "kind": k, "width": w} for size, k, w in TASKS]
        script = Path(temporary) / "sharp.cjs"
        script.write_text(SHARP)
        done = subprocess.run(
            ["node", str(script), str(folder.resolve())],
            input=json.dumps({"rounds": ROUNDS, "tasks": tasks}),
            capture_output=True,
            text=True,
            check=True,
        )
    said = json.loads(done.stdout)
    print(f"sharp {said['version']}, Pillow {__version__}, median of {ROUNDS}")
    return [(statistics.median(one["times"]), one["bytes"]) for one in said["results"]]


def main() -> None:
    parser = argparse.ArgumentParser(description="The image example beside sharp.")
    parser.add_argument("--sharp", type=Path, required=True, help="where npm installed it")
    folder = parser.parse_args().sharp
    sources = {size: photograph(size) for size in SIZES}
    rows = zip(TASKS, theirs(folder, sources), ours(sources), strict=True)
    print("| original | asked | ours, CPU ms | sharp, CPU ms | ours / sharp | bytes ours, sharp |")
    print("|---|---|--:|--:|--:|--:|")
    for (size, kind, width), (their_s, their_bytes), (our_s, our_bytes) in rows:
        print(
            f"| {size[0]} by {size[1]} | {width} {kind} | {our_s * 1000:.1f} "
            f"| {their_s * 1000:.1f} | {our_s / their_s:.2f} | {our_bytes:,}, {their_bytes:,} |"
        )


if __name__ == "__main__":
    main()
