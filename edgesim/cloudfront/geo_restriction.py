"""Which countries a distribution serves.

CloudFront: "Restrict the geographic distribution of your content".
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ViewerError
from ..http.message import Viewer


@dataclass(frozen=True, slots=True)
class GeoRestriction:
    """The countries that are let in, or those that are not, as two capital letters."""

    countries: frozenset[str]
    allows: bool
    """Whether `countries` are the only ones served, and not the only ones that are not."""


def check_country(restriction: GeoRestriction | None, viewer: Viewer) -> None:
    """Raises `ViewerError` if the viewer's country is not served; who is nowhere is."""
    if restriction is None or viewer.place is None or not viewer.place.country:
        return
    country = viewer.place.country
    if (country in restriction.countries) is restriction.allows:
        return
    raise ViewerError(
        f"viewers from {country} are not served",
        code="ClientGeoBlocked",
        hint="see distribution.geo_restriction",
    )
