"""A tenant of a multi-tenant distribution: domains and values of its own, all else is shared.

CloudFront: "Distribution tenant customizations", "Helper methods for CloudFront SaaS Manager
properties".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tenant:
    """What a CloudFront Function knows as `cf.distributionTenant`."""

    id: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values by the names that the distribution defines."""
