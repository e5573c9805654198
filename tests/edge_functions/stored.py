"""The examples for CloudFront Functions that keep keys and rules in a key-value store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Trigger
from edgesim.config.resolve import load
from edgesim.testing.alone import FunctionAlone, alone
from edgesim.testing.functions import InProcess

ROOT = bundled("edge_functions") / "cloudfront"


def refilled(name: str, folder: Path, values: Mapping[str, object | None]) -> Path:
    """A copy of the example, its store with other values; what is None is taken out."""
    shutil.copytree(ROOT / name, folder)
    file = folder / "store.json"
    kept = {one["key"]: one["value"] for one in json.loads(file.read_text())["data"]}
    for key, value in values.items():
        kept[key] = value if isinstance(value, str | None) else json.dumps(value)
    data = [{"key": key, "value": value} for key, value in kept.items() if value is not None]
    file.write_text(json.dumps({"data": data}))
    return folder


def guarding(folder: Path, function: str) -> FunctionAlone:
    """A function of the example in `folder`, at viewer-request."""
    deployment = load(folder / "edgesim.toml")
    trigger = Trigger.VIEWER_REQUEST
    return alone(function, trigger, deployment=deployment, folder=folder, run=InProcess())
