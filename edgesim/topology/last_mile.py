"""From a viewer's home or phone to the network: round-trip times by the kind of access.

Fibre, cable, DSL: FCC, Measuring Broadband America, average idle round trip from the home gateway
to the nearest test server (percentiles as in UCBoulder/bclear, TMA 2024). Mobile, satellite:
planning values, a log-normal with sigma 0.6 around 20, 40 and 100 ms, written out as percentiles.
"""

from __future__ import annotations

from .quantiles import Quantiles

_PERCENTS = (0, 10, 25, 50, 75, 90, 95, 99, 100)


def _access(*ms: float) -> Quantiles:
    return Quantiles.of_ms(zip(_PERCENTS, ms, strict=True))


ACCESS = {
    "fibre": _access(2.4, 3.7, 5.5, 9.7, 14.0, 18.7, 27.7, 62.5, 100.0),
    "cable": _access(6.8, 10.6, 12.8, 16.8, 23.2, 31.1, 37.1, 66.5, 100.0),
    "dsl": _access(11.0, 12.6, 18.6, 26.8, 37.9, 50.8, 60.4, 98.3, 150.0),
    "5g": _access(6.0, 9.3, 13.3, 20.0, 30.0, 43.1, 53.7, 80.7, 150.0),
    "4g": _access(12.0, 18.5, 26.7, 40.0, 60.0, 86.3, 107.3, 161.5, 300.0),
    "3g": _access(30.0, 46.3, 66.7, 100.0, 149.9, 215.8, 268.3, 403.8, 800.0),
    "satellite-leo": _access(20.0, 25.0, 28.0, 35.0, 40.0, 45.0, 55.0, 100.0, 150.0),
    "satellite-geo": _access(560.0, 570.0, 580.0, 600.0, 620.0, 650.0, 680.0, 750.0, 900.0),
    "none": _access(*[0.0] * len(_PERCENTS)),
}
"""By the names that `data/viewer-cities.csv` uses; `none` is a machine in a data centre."""


def access_s(access: str, share: float = 0.5) -> float:
    """One round trip, at `share` of the cases: 0.5 is the median, `Random.random()` a draw."""
    return ACCESS[access].at(share)
