"""How large a function's package would be, and whether Lambda@Edge would take it.

CloudFront: "Quotas" (Lambda@Edge); LG "Lambda quotas" (deployment package). A MB is 1,048,576
bytes.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..cloudfront.distribution import Behavior, Function
from ..errors import ConfigError
from .deployment import Deployment, Note, NoteKind
from .functions import NODE, PYTHON
from .source import kind_of

MB = 1024 * 1024
MAX_ZIPPED_MB = 50
MAX_UNZIPPED_MB = 250
CLASSIC_VIEWER_ZIPPED_MB = 1
"""The limit at viewer triggers until 2026, on which much tooling still insists."""

_CHUNK_BYTES = 256 * 1024


def package_mistake(function: Function) -> ConfigError | None:
    """What is too large; None if nothing is, or if it is no package but a single file."""
    unzipped = sum(size for _, size in _files(function))
    where, hint = function.code, "leave out what the handler does not need at run time"
    if unzipped > MAX_UNZIPPED_MB * MB:
        what = (
            f"function {function.name} has {_mb(unzipped)}; at most {MAX_UNZIPPED_MB} MB unzipped"
        )
        return ConfigError(what, where=where, hint=hint)
    if unzipped > MAX_ZIPPED_MB * MB and (zipped := zipped_bytes(function)) > MAX_ZIPPED_MB * MB:
        what = f"function {function.name} has {_mb(zipped)} zipped; at most {MAX_ZIPPED_MB} MB"
        return ConfigError(what, where=where, hint=hint)
    return None


def package_advice(deployment: Deployment) -> Iterator[Note]:
    """Functions at viewer triggers that were too large there until 2026."""
    for name in sorted(_at_viewers(deployment.distribution.behaviors)):
        function = deployment.function(name)
        limit = CLASSIC_VIEWER_ZIPPED_MB * MB
        if function is None or sum(size for _, size in _files(function)) <= limit:
            continue
        zipped = zipped_bytes(function)
        if zipped > limit:
            text = f"its package has {_mb(zipped)} zipped; until 2026 a viewer trigger took "
            text += f"{CLASSIC_VIEWER_ZIPPED_MB} MB, and some tools still say so"
            yield Note(NoteKind.WARNING, f"function {name}", text)


def zipped_bytes(function: Function) -> int:
    """What its files come to one by one compressed; an archive adds a hundred bytes to each."""
    total = 0
    for path, _ in _files(function):
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    total += len(packer.compress(chunk))
        except OSError:
            continue
        total += len(packer.flush())
    return total


def _files(function: Function) -> Iterator[tuple[Path, int]]:
    """What a package of the code folder holds, and its bytes."""
    code = Path(function.code)
    if function.runtime not in (*PYTHON, *NODE) or kind_of(code) != "folder":
        return
    for folder, folders, names in os.walk(code):
        folders[:] = [one for one in folders if one != "__pycache__" and not one.startswith(".")]
        for name in names:
            path = Path(folder, name)
            try:
                yield path, path.stat().st_size
            except OSError:
                continue


def _at_viewers(behaviors: tuple[Behavior, ...]) -> set[str]:
    return {
        association.function.name
        for behavior in behaviors
        for trigger, association in behavior.functions.items()
        if not trigger.faces_origin
    }


def _mb(size: int) -> str:
    return f"{size / MB:,.1f} MB"
