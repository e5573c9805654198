"""CloudFront: "Restrict the geographic distribution of your content"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.error_pages import error_page
from edgesim.cloudfront.geo_restriction import GeoRestriction, check_country
from edgesim.errors import ViewerError
from edgesim.http.message import Viewer, ViewerPlace

ALLOW = GeoRestriction(frozenset({"DE", "AT"}), allows=True)
BLOCK = GeoRestriction(frozenset({"DE", "AT"}), allows=False)

COUNTRIES = [
    (None, "DE", True, "no restriction"),
    (ALLOW, "DE", True, "on the list of those allowed"),
    (ALLOW, "FR", False, "not on it"),
    (BLOCK, "DE", False, "on the list of those blocked"),
    (BLOCK, "FR", True, "not on it"),
    (ALLOW, "", True, "a country that nobody knows is served"),
    (ALLOW, None, True, "and so is a viewer that is nowhere"),
]


@pytest.mark.parametrize(("restriction", "country", "served", "why"), COUNTRIES)
def test_countries(
    restriction: GeoRestriction | None, country: str | None, served: bool, why: str
) -> None:
    viewer = Viewer(place=None if country is None else ViewerPlace("", country))
    if served:
        check_country(restriction, viewer)
        return
    with pytest.raises(ViewerError) as caught:
        check_country(restriction, viewer)
    assert (caught.value.status, caught.value.code) == (403, "ClientGeoBlocked"), why
    page = error_page(caught.value, "id").body
    assert isinstance(page, bytes)
    assert b"configured to block access from your country." in page
