"""Writes store.json anew, from page.html and the lists of python/bot_mitigation beside it.

    python make_store.py

A value of a key-value store has at most 1 KB, so that the patterns are in several.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
LISTS = HERE.parents[1] / "python" / "bot_mitigation"
MAX_BYTES = 1000

POLICY = {"refused": ["scanner"], "doubtful": ["browser-automation", "http-library"]}
"""What is done with which crawlers, the strictest first. The others are let in."""


def made():
    patterns = json.loads((LISTS / "crawlers.json").read_text())["patterns"]
    bots = json.loads((LISTS / "good_bots.json").read_text())["bots"]
    parts = {
        f"{policy}.{number}": part
        for policy, tags in POLICY.items()
        for number, part in enumerate(joined([one for tag in tags for one in patterns[tag]]))
    }
    claims = {bot["name"]: bot["claims"].lower() for bot in bots}
    return {
        "keys": json.dumps({"example": "everybody knows this key of bots"}),
        "page": (HERE / "page.html").read_text(),
        "lists": json.dumps({"claims": claims, "patterns": list(parts)}),
        **{f"ranges.{bot['name']}": " ".join(bot["ranges"]) for bot in bots},
        **parts,
    }


def joined(patterns):
    """The patterns side by side, in as many expressions as it takes."""
    found = [""]
    for pattern in patterns:
        longer = f"{found[-1]}|{pattern}" if found[-1] else pattern
        if len(longer.encode()) <= MAX_BYTES:
            found[-1] = longer
        else:
            found.append(pattern)
    return found


if __name__ == "__main__":
    data = [{"key": key, "value": value} for key, value in made().items()]
    (HERE / "store.json").write_text(json.dumps({"data": data}, indent=1) + "\n")
