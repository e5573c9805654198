"""Where the example functions and origins are that come with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """The folder `edge_functions` or `origins`: in the wheel, or at the top of the checkout."""
    installed = PACKAGE / "_bundled" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def examples() -> dict[str, Path]:
    """Name to folder of every example function, by name."""
    folders = (code.parent for code in bundled("edge_functions").glob("*/index.*"))
    return {folder.name: folder for folder in sorted(folders)}
