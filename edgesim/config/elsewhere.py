"""Origins that are on AWS, as far as a template says."""

from __future__ import annotations

import re

from ..cloudfront.origin import Origin
from ..errors import ConfigError
from .deployment import Deployment

BUCKET_HOST = re.compile(r"(.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
"""A bucket's REST endpoint; what stands before it is the bucket's name."""


def check_placed(deployment: Deployment) -> None:
    """Raises `ConfigError` if nobody has said where an origin is on this machine.

    What a template calls an origin is somebody's production; no request goes there unasked.
    """
    if not deployment.elsewhere:
        return
    missing = [one for one in deployment.origins if one.name in deployment.elsewhere]
    hosts = ", ".join(f"{one.name} ({one.host})" for one in missing)
    raise ConfigError(
        f"it does not say where its origins are on this machine: {hosts}",
        where=deployment.source,
        hint=" ".join(f"--set-origin {one.name}={_place(one)}" for one in missing),
    )


def _place(origin: Origin) -> str:
    return "FOLDER" if BUCKET_HOST.fullmatch(origin.host) else "http://127.0.0.1:PORT"
