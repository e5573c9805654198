"""Edits become live: watch the configuration and the functions, build anew, swap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from ..config.deployment import Deployment
from ..errors import EdgesimError
from ..runtimes.code import NODE_FILES, PYTHON_FILES

if TYPE_CHECKING:
    from watchfiles import Change

STEP_MS = 10
DEBOUNCE_MS = 40
"""An editor writes a file in several steps; what comes within this time is one edit."""

IGNORED = frozenset({"__pycache__", ".git", "node_modules", ".venv"})


class Current(Protocol):
    """What is kept current: a server, in one process or in several."""

    @property
    def deployment(self) -> Deployment: ...

    async def deploy(self, deployment: Deployment) -> frozenset[str]:
        """As `LiveServer.deploy`."""
        ...


class ReloadObserver(Protocol):
    """Somebody who wants to know how edits fared."""

    def reloaded(self, deployment: Deployment, changed: frozenset[str], seconds: float) -> None:
        """An edit is live."""

    def not_reloaded(self, error: EdgesimError) -> None:
        """An edit is broken; what served before goes on serving."""


async def keep_current(
    server: Current, build: Callable[[], Deployment], observer: ReloadObserver
) -> None:
    """Deploy what `build` returns whenever a file that the deployment watches has changed."""
    broken = False
    while True:
        watched = server.deployment.watched
        async for _ in changes(watched):
            began, before = perf_counter(), server.deployment
            try:
                deployment = build()
                changed = await server.deploy(deployment)
            except EdgesimError as error:
                broken = True
                observer.not_reloaded(error)
                continue
            if broken or changed or deployment != before:
                broken = False
                observer.reloaded(deployment, changed, perf_counter() - began)
            if deployment.watched != watched:
                break  # other files from now on


async def changes(watched: Iterable[Path]) -> AsyncIterator[None]:
    """One item for each edit of a watched file, or of anything in a watched folder.

    And one at the beginning, for what was edited before the watching began. A file is watched
    through its folder, because editors replace files by renaming; with a module go those beside
    it, which it may import.
    """
    resolved = {path.resolve() for path in watched}
    folders = {path for path in resolved if path.is_dir()}
    files = resolved - folders
    modules_in = {
        (path.parent, kind)
        for path in files
        for kind in (PYTHON_FILES, NODE_FILES)
        if path.suffix in kind - {".json"}
    }
    news = asyncio.Event()

    def concerns(_: Change, name: str) -> bool:
        path = Path(name)
        if IGNORED & set(path.parts[-3:-1]) or path.suffix in (".pyc", ".swp", ".tmp"):
            return False
        if any(path.parent == folder and path.suffix in kind for folder, kind in modules_in):
            return True
        return path in files or any(path.is_relative_to(folder) for folder in folders)

    # nobody waits for it before the first answer, nor does that answer wait for it
    watchfiles = await asyncio.to_thread(import_module, "watchfiles")

    async def watch(paths: set[Path], *, recursive: bool) -> None:
        async for _ in watchfiles.awatch(
            *paths,
            watch_filter=concerns,
            recursive=recursive,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
        ):
            news.set()

    parents = {path.parent for path in files}
    watchers = [
        asyncio.ensure_future(watch(paths, recursive=recursive))
        for paths, recursive in ((parents, False), (folders, True))
        if paths
    ]
    try:
        await asyncio.sleep(0)  # the first step of each watcher: they see every edit from here on
        while True:
            yield
            await news.wait()
            news.clear()
    finally:
        for watcher in watchers:
            watcher.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*watchers, return_exceptions=True)
