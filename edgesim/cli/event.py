"""An event in a file, for a function to be tried on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..cloudfront.distribution import Distribution
from ..cloudfront.function import Trigger
from ..cloudfront.moment import Moment, moment_of
from ..errors import ConfigError


def from_file(path: Path, distribution: Distribution, trigger: Trigger | None) -> Moment:
    """The moment that an event in a file is of; `trigger` where the event does not say it.

    Raises `ConfigError`.
    """
    event = _read(path)
    try:
        return moment_of(event, distribution, trigger)
    except ConfigError as error:
        error.where = str(path)
        raise


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise ConfigError(f"it is no JSON: {error}", where=str(path)) from None
