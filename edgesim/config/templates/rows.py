"""How the tables of properties are written down."""

from __future__ import annotations

from .report import Property, Status


def understood(*paths: str) -> dict[str, Property]:
    return {path: Property() for path in paths}


def without_effect(why: str, *paths: str) -> dict[str, Property]:
    """Of which no request and no response depends on AWS either: to know that is to understand."""
    return {path: Property(why=why) for path in paths}


def ignored(why: str, *paths: str) -> dict[str, Property]:
    return {path: Property(Status.IGNORED, why) for path in paths}


def refused(why: str, *paths: str) -> dict[str, Property]:
    return {path: Property(Status.REFUSED, why) for path in paths}


def below(prefix: str, rows: dict[str, Property]) -> dict[str, Property]:
    """`rows` with their paths continued from `prefix`."""
    return {f"{prefix}{path}": row for path, row in rows.items()}
