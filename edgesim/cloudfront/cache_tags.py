"""Cache tags: what an origin calls a response, so that an invalidation may name it.

CloudFront: "Invalidating content by cache tags", "What you need to know when invalidating tags".
"""

from __future__ import annotations

import re

from ..cache.bans import TAG
from ..errors import ConfigError
from ..http.headers import Headers

MAX_TAGS = 50
"""Of one response; of those beyond, none counts."""
MAX_CHARACTERS = 256
_TAG = re.compile(rf"[!-+\--~]{{1,{MAX_CHARACTERS}}}")
"""ASCII 33 to 126; a comma would be the end of it."""


def tags_of(headers: Headers, name: str) -> tuple[str, ...]:
    """The tags in the field `name`, in lower case as that is; "" for no field at all."""
    value = headers.get(name) if name else None
    if value is None:
        return ()
    tags = (tag.strip().lower() for tag in value.split(","))
    return tuple(dict.fromkeys(tag for tag in tags if _TAG.fullmatch(tag)))[:MAX_TAGS]


def check_tag(text: str) -> None:
    """Raises `ConfigError` unless `text` is a `#tag` that a response may have."""
    tag = text.removeprefix(TAG)
    shown = repr(text if len(text) <= 80 else f"{text[:79]}…")
    if len(tag) > MAX_CHARACTERS:
        what = f"{shown} has {len(tag):,} characters behind the #"
        raise ConfigError(what, hint=f"a tag has at most {MAX_CHARACTERS}")
    if tag.endswith("*"):
        hint = f"name each tag, as in {text.rstrip('*')!r}"
        raise ConfigError(f"{shown} ends with *, which stands for nothing in a tag", hint=hint)
    if not _TAG.fullmatch(tag):
        hint = "a tag has visible ASCII characters only, and no comma"
        raise ConfigError(f"{shown} is no cache tag", hint=hint)
