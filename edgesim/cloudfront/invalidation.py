"""Which paths an invalidation may name (CloudFront: "Invalidate files to remove content")."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ..cache.bans import TAG
from ..errors import ConfigError
from .cache_tags import check_tag

MAX_PATH_CHARACTERS = 4_000
MAX_PATHS = 3_000
"""Without a wildcard, at once."""
MAX_WILDCARDS = 15
_SAFE = "/%?#[]@!$&'()*+,;=:~"


def check_paths(paths: Sequence[str]) -> None:
    """Raises `ConfigError` for the first that CloudFront would refuse, or for too many.

    They are paths and cache tags, `#tag`.
    """
    for path in paths:
        if path.startswith(TAG):
            check_tag(path)
        else:
            _check(path)
    wildcards = sum(path.endswith("*") for path in paths)
    if not paths:
        raise ConfigError("there is no path to invalidate", hint='everything is "/*"')
    if wildcards > MAX_WILDCARDS:
        what = f"{wildcards} paths end with *, at most {MAX_WILDCARDS} may at once"
        raise ConfigError(what, hint='a shorter path with * covers more, "/*" everything')
    if len(paths) - wildcards > MAX_PATHS:
        what = f"{len(paths) - wildcards:,} paths, at most {MAX_PATHS:,} at once"
        raise ConfigError(what, hint='use *, as in "/images/*"')


def _check(path: str) -> None:
    shown = repr(path if len(path) <= 80 else f"{path[:79]}…")
    if not path.startswith("/"):
        hint = f"did you mean {'/' + path!r}?" if "://" not in path else "a path without the host"
        raise ConfigError(f"{shown} does not begin with a slash", hint=hint)
    if len(path) > MAX_PATH_CHARACTERS:
        what = f"{shown} has {len(path):,} characters"
        raise ConfigError(what, hint=f"{MAX_PATH_CHARACTERS:,} are allowed")
    if "*" in path[:-1]:
        hint = f"did you mean {path[: path.index('*') + 1]!r}?"
        raise ConfigError(f"{shown} has a * that is not at its end", hint=hint)
    encoded = quote(path, safe=_SAFE)
    if encoded != path:
        hint = f"percent-encoded it is {encoded!r}"
        raise ConfigError(f"{shown} has a character that no URL has as it is", hint=hint)
    if "~" in path or "%7e" in path.lower():
        hint = "put * in its place and leave out the rest"
        raise ConfigError(f"{shown} has a ~, which no invalidation matches", hint=hint)


def covered(paths: Sequence[str], default_root_object: str) -> list[str]:
    """`paths`, and the default root object where they name `/`, under which nobody finds it."""
    extra = [f"/{default_root_object}"] if default_root_object and "/" in paths else []
    return list(dict.fromkeys([*paths, *extra]))
