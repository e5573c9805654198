"""`edgesim init [DIR]`: something to start from."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..bundled import bundled
from ..errors import ConfigError
from .starter import FILES


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write.")] = Path(),
    example: Annotated[
        str | None, typer.Option(help="Copy a bundled example of this name.", metavar="NAME")
    ] = None,
) -> None:
    try:
        written = (
            start_in(folder)
            if example is None
            else copy_example(example, folder, bundled("edge_functions"))
        )
    except OSError as error:
        where = str(error.filename or folder)
        raise ConfigError(f"it cannot be written: {error.strerror}", where=where) from None
    for path in written:
        typer.echo(f"wrote {path}")
    configured = next((path.parent for path in written if path.name == "edgesim.toml"), None)
    if configured is None:
        typer.echo("next: name its folder under [functions] of edgesim.toml")
    else:
        there = f"cd {configured} && " if configured != Path() else ""
        typer.echo(f"next: {there}edgesim dev")


def start_in(folder: Path, files: Mapping[str, str] = FILES) -> list[Path]:
    """Write the starting files. Raises `ConfigError` rather than overwrite one."""
    paths = {folder / name: text for name, text in files.items()}
    _refuse_existing(paths)
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(paths)


def examples(root: Path) -> dict[str, Path]:
    """The bundled examples by name: `python/ab_test`, and `ab_test` where that says which."""
    folders = [path for path in sorted(root.glob("*/*")) if path.is_dir() and _is_example(path)]
    short = [path.name for path in folders]
    found = {f"{path.parent.name}/{path.name}": path for path in folders}
    found.update({path.name: path for path in folders if short.count(path.name) == 1})
    return found


def _is_example(folder: Path) -> bool:
    return not folder.name.startswith((".", "_"))


def copy_example(name: str, folder: Path, root: Path) -> list[Path]:
    """Copy one. Raises `ConfigError` if there is none of that name, or files are in the way."""
    known = examples(root)
    if name not in known:
        if several := [one for one in known if one.endswith(f"/{name}")]:
            what = f"{name!r} is the name of {len(several)} examples"
            raise ConfigError(what, where="--example", hint=f"write {' or '.join(several)}")
        full = [one for one in known if "/" in one]
        hint = f"there are: {', '.join(full)}" if full else f"none are bundled at {root}"
        raise ConfigError(f"no example is named {name!r}", where="--example", hint=hint)
    source = known[name]
    files = [path for path in sorted(source.rglob("*")) if path.is_file()]
    files = [path for path in files if "__pycache__" not in path.parts]
    target = {path: folder / source.name / path.relative_to(source) for path in files}
    _refuse_existing(target.values())
    for path, copy in target.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return list(target.values())


def _refuse_existing(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists():
            hint = "name another folder, or move it away"
            raise ConfigError("it exists already", where=str(path), hint=hint)
