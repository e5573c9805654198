"""`[key_value_stores.NAME]`: what CloudFront Functions read with `cf.kvs()`."""

from __future__ import annotations

from ..cloudfront.function import KeyValueStore
from ..cloudfront.key_value_store import imported
from ..errors import ConfigError
from .draft import Draft
from .source import Findings

_ARN = ":key-value-store/"


def key_value_stores(draft: Draft, findings: Findings) -> dict[str, KeyValueStore]:
    """Those of the file; what is wrong with one, or with what it imports, goes to `findings`."""
    found = {}
    for name, one in draft.key_value_stores.items():
        path = ("key_value_stores", name)
        file = findings.source.path(one.file)
        if one.arn and _ARN not in one.arn:
            hint = "arn:aws:cloudfront::ACCOUNT:key-value-store/ID"
            findings.refuse((*path, "arn"), f"{one.arn!r} is no key-value store's", hint)
        try:
            imported(file.read_bytes(), one.file)
        except OSError as error:
            hint = "paths are relative to the file they stand in"
            what = f"{one.file!r} cannot be read: {error.strerror}"
            findings.refuse((*path, "file"), what, hint)
        except ConfigError as error:
            findings.refuse((*path, "file"), f"{error.where}: {error.what}", error.hint)
        found[name] = KeyValueStore(name, str(file), one.id or one.arn.rpartition("/")[2])
    return found
