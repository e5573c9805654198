"""Code that a template carries in itself, or in an archive, as files that a runtime can start.

The files live in a folder of this process and go with it. Their folder's name comes from what is
in them, so that an edit is a new place and everything else stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

MAX_UNPACKED_BYTES = 250 * 1024 * 1024
"""Of a function's package (Lambda: "Lambda quotas")."""


@cache
def _home() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="edgesim-code-")


def written(files: Mapping[str, bytes]) -> Path:
    """A folder with `files` in it."""
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    folder = Path(_home().name, digest.hexdigest()[:16])
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


def unzipped(archive: Path) -> Path:
    """What is in `archive`, in a folder. Raises `ValueError` for what is none, or one too large."""
    try:
        with ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            if sum(one.file_size for one in members) > MAX_UNPACKED_BYTES:
                raise ValueError("unpacked it is larger than 250 MB, which is Lambda's limit")
            files = {one.filename: opened.read(one) for one in members}
    except (BadZipFile, OSError, RuntimeError) as error:
        raise ValueError(str(error)) from None
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
        raise ValueError("it has files that would lie outside of it")
    return written(files)
