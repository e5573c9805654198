"""Writes crawlers.json anew: pip install crawler-user-agents && python update_crawlers.py

Keeps the patterns under the first tag that each has, and nothing else of the list.
"""

import importlib.metadata
import importlib.resources
import json
from pathlib import Path

PACKAGE = "crawler-user-agents"


def main():
    data = importlib.resources.files("crawleruseragents") / "crawler-user-agents.json"
    by_tag = {}
    for entry in json.loads(data.read_text()):
        by_tag.setdefault(entry["tags"][0], []).append(entry["pattern"])
    version = importlib.metadata.version(PACKAGE)
    made = {
        "source": f"https://github.com/monperrus/crawler-user-agents, PyPI {PACKAGE} {version}",
        "licence": "MIT, Copyright (c) 2017 Martin Monperrus; see crawlers.LICENSE",
        "patterns": by_tag,
    }
    target = Path(__file__).with_name("crawlers.json")
    target.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{sum(map(len, by_tag.values())):,} patterns of {version}")


if __name__ == "__main__":
    main()
