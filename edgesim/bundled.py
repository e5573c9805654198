"""Where the example functions and origins are: beside the package in a checkout, in a wheel
inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(kind: str) -> Path:
    """The folder of `edge_functions` or `origins`. It need not exist."""
    inside = _PACKAGE / "_bundled" / kind
    return inside if inside.is_dir() else _PACKAGE.parent / kind
