"""What a change of the configuration has to do with what is stored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.managed_policies import ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import ResponseHeadersPolicy
from edgesim.http.headers import Headers
from edgesim.live.fingerprint import Makers, canonical

API = Behavior("/api/*", Origin("app", host="a.example.test"))
REST = Behavior("*", Origin("app", host="a.example.test", custom_headers=Headers([("a", "b")])))
CODES = {"f": frozenset({("index.py", 1, 2)})}


def with_function(behavior: Behavior, trigger: Trigger, **changes: Any) -> Behavior:
    return replace(behavior, functions={trigger: Association(Function("f"), **changes)})


CHANGES: list[tuple[Callable[[Behavior], Behavior], bool, str]] = [
    (replace, True, "nothing"),
    (lambda one: replace(one, origin=Origin("app", host="b")), False, "it comes from elsewhere"),
    (
        lambda one: replace(one, origin_request_policy=ORIGIN_REQUEST_POLICIES["AllViewer"]),
        False,
        "the origin is asked otherwise",
    ),
    (lambda one: replace(one, compress=True), False, "what is compressed is stored so"),
    (lambda one: replace(one, path_pattern="/ap?/*"), True, "the same, for other paths"),
    (
        lambda one: replace(one, response_headers_policy=ResponseHeadersPolicy(name="x")),
        True,
        "it is put on after the cache",
    ),
    (lambda one: replace(one, viewer_protocol_policy="https-only"), True, "viewers' business"),
    (lambda one: with_function(one, Trigger.VIEWER_RESPONSE), True, "it runs on hits too"),
    (lambda one: with_function(one, Trigger.ORIGIN_RESPONSE), False, "its work is stored"),
]


@pytest.mark.parametrize(("change", "same", "why"), CHANGES, ids=[why for *_, why in CHANGES])
def test_a_change_of_a_behavior(
    change: Callable[[Behavior], Behavior], same: bool, why: str
) -> None:
    before = Makers(Distribution((API, REST)), CODES)
    after = Makers(Distribution((change(API), REST)), CODES)
    assert (before.of("/api/x?q=1") == after.of("/api/x?q=1")) is same, why
    assert before.of("/x") == after.of("/x"), "the other behavior is as it was"
    assert after.all == {after.of("/api/x"), after.of("/x")}


@pytest.mark.parametrize(
    ("trigger", "same"), [(Trigger.ORIGIN_REQUEST, False), (Trigger.VIEWER_RESPONSE, True)]
)
def test_an_edit_of_a_function(trigger: Trigger, same: bool) -> None:
    distribution = Distribution((with_function(API, trigger), REST))
    edited = {"f": frozenset({("index.py", 3, 2)})}
    before, after = Makers(distribution, CODES), Makers(distribution, edited)
    assert (before.of("/api/x") == after.of("/api/x")) is same


def test_a_viewer_request_function_makes_one_of_all_behaviors() -> None:
    """It may rewrite /api/x to /x, which is stored as that, and was made by the first behavior."""
    rewriting = with_function(API, Trigger.VIEWER_REQUEST)
    before = Makers(Distribution((rewriting, REST)), CODES)
    after = Makers(Distribution((replace(rewriting, compress=True), REST)), CODES)
    assert before.of("/x") == before.of("/api/x")
    assert before.of("/x") != after.of("/x")


def test_it_is_the_same_in_every_process() -> None:
    """Sets of text have another order in each."""
    program = (
        "from edgesim.cloudfront.distribution import *\n"
        "from edgesim.live.fingerprint import canonical\n"
        "print(canonical(Behavior('*', Origin('app', host='a'), allowed_methods=ALL_METHODS)))"
    )
    root = str(Path(__file__).parents[2])
    said = {
        subprocess.check_output(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": root}
        )
        for seed in ("1", "2", "3")
    }
    here = canonical(Behavior("*", Origin("app", host="a"), allowed_methods=ALL_METHODS))
    assert said == {f"{here}\n".encode()}
    assert " at 0x" not in here
