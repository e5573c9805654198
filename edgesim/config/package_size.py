"""How large the archive of a function's code would be, and what AWS says to that."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from ..cloudfront.association_rules import CLASSIC_PACKAGE_SIZE, PACKAGE_SIZE
from ..cloudfront.distribution import Distribution
from ..cloudfront.function import Function
from .functions import INLINE
from .source import Findings, kind_of

PACKAGE_BYTES = 50 * 1024 * 1024
UNPACKED_BYTES = 250 * 1024 * 1024
"""LG "Lambda quotas": the deployment package, unzipped."""
CLASSIC_VIEWER_PACKAGE_BYTES = 1024 * 1024
ENTRY_BYTES = 100
"""What an archive takes to name a file, roughly."""


def check_packages(distribution: Distribution, findings: Findings) -> None:
    """Whether the functions of `distribution` are small enough for where they stand."""
    facing = [
        (association.function, trigger.faces_origin)
        for behavior in distribution.behaviors
        for trigger, association in behavior.functions.items()
    ]
    for function in dict.fromkeys(function for function, _ in facing):
        if function.runtime == INLINE or function.is_cloudfront_function:
            continue
        at_viewers = (function, False) in facing
        where = ("functions", function.name)
        unpacked = sum(path.stat().st_size for path in _files(Path(function.code)))
        if unpacked > UNPACKED_BYTES:
            findings.weigh(where, PACKAGE_SIZE, f"its code is {_mb(unpacked)} unzipped")
            continue
        size = package_bytes(function)
        if size > PACKAGE_BYTES:
            findings.weigh(where, PACKAGE_SIZE, f"its code is {_mb(size)} compressed")
        elif size > CLASSIC_VIEWER_PACKAGE_BYTES and at_viewers:
            what = f"its code is {_mb(size)} compressed, and it stands at a viewer trigger"
            findings.weigh(where, CLASSIC_PACKAGE_SIZE, what)


def package_bytes(function: Function) -> int:
    """About what its code takes up in an archive; looked at no longer than it may matter."""
    code, size = Path(function.code), 0
    for path in _files(code):
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        size += ENTRY_BYTES
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                size += len(packer.compress(chunk))
                if size > 2 * PACKAGE_BYTES:
                    return size
        size += len(packer.flush())
    return size


def _files(code: Path) -> Iterator[Path]:
    if kind_of(code) != "folder":
        yield from [code] if kind_of(code) == "file" else []
        return
    for path in sorted(code.rglob("*")):
        inside = path.relative_to(code).parts
        packed = "__pycache__" not in inside and not any(part.startswith(".") for part in inside)
        if packed and kind_of(path) == "file":
            yield path


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1024 / 1024:.1f} MB"
