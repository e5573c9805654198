"""What a value has in common with a frozen dataclass, and what it has not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from edgesim.http.message import Request, Response
from edgesim.values import value


@value(frozen=True, slots=True)
class Quick:
    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    size: int = 0


def test_it_is_made_compared_and_copied_as_a_frozen_dataclass_is() -> None:
    assert Quick("a") == Quick("a", 0) != Quick("a", 1)
    assert replace(Quick("a"), size=3) == Quick("a", 3)
    assert repr(Quick("a")) == repr(Frozen("a")).replace("Frozen", "Quick")
    assert [one.name for one in fields(Quick)] == ["name", "size"]
    assert pickle.loads(pickle.dumps(Quick("a", 2))) == Quick("a", 2)


def test_equal_ones_are_one_key() -> None:
    assert hash(Quick("a", 1)) == hash(Quick("a", 1)) == hash(Frozen("a", 1))
    assert {Quick("a", 1): "found"}[Quick("a", 1)] == "found"


def test_it_has_its_fields_and_no_others() -> None:
    with pytest.raises(AttributeError):
        Quick("a").other = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        Quick()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("kind", "copied", "changed"),
    [
        (Request, lambda one: one.with_headers(3), {"headers": 3}),
        (Response, lambda one: one.with_headers(3), {"headers": 3}),
        (Response, lambda one: one.with_body(3), {"body": 3}),
    ],
)
def test_quick_copies_lack_no_field(
    kind: type[Any], copied: Callable[[Any], Any], changed: dict[str, Any]
) -> None:
    """They name each field, and a new one might be forgotten."""
    one = kind(**{field.name: object() for field in fields(kind)})
    assert copied(one) == replace(one, **changed)
