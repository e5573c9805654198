from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.policies import EVERYTHING, NOTHING, Choice, Selection, listed
from edgesim.config.deployment import Deployment
from edgesim.config.resolve import load

from .conftest import GOOD

Resolve = Callable[[str], Deployment]
FULL = """\
forwarded_values = { query_string = true, query_string_cache_keys = ["page"], \
cookies = { forward = "whitelist", names = ["ab_*"] }, headers = ["Accept", "X-Variant"] }
min_ttl_s = 1
default_ttl_s = 2
max_ttl_s = 3
compress = true
"""


def test_everything_arrives_in_two_policies(resolved: Resolve) -> None:
    deployment = resolved(GOOD + FULL)
    behavior = deployment.distribution.behaviors[-1]
    policy, orp = behavior.cache_policy, behavior.origin_request_policy
    assert policy is not None
    assert orp is not None
    assert (policy.min_ttl_s, policy.default_ttl_s, policy.max_ttl_s) == (1, 2, 3)
    assert policy.headers == listed("accept", "x-variant")
    assert policy.query == listed("page")
    assert policy.cookies == Selection(Choice.MATCHING, frozenset({"ab_*"}))
    assert (policy.gzip, policy.brotli, policy.name) == (True, False, "ForwardedValues")
    assert orp.query == EVERYTHING
    assert not [note for note in deployment.notes if "compress" in note.where]
    assert not behavior.rules.collapses(), "cookies are forwarded"


DEFAULTS = [
    # what is said             min, default, max       why
    ("", (0, 86_400, 31_536_000), "CloudFront's own"),
    ("min_ttl_s = 100000", (100_000, 100_000, 31_536_000), "the default is lifted"),
    ("default_ttl_s = 40000000", (0, 40_000_000, 40_000_000), "the maximum is lifted"),
    ("min_ttl_s = 40000000", (40_000_000,) * 3, "both are"),
]


@pytest.mark.parametrize(("ttls", "expected", "why"), DEFAULTS)
def test_ttls(resolved: Resolve, ttls: str, expected: tuple[int, int, int], why: str) -> None:
    policy = (
        resolved(GOOD + f"forwarded_values = {{}}\n{ttls}\n")
        .distribution.behaviors[-1]
        .cache_policy
    )
    assert policy is not None
    assert (policy.min_ttl_s, policy.default_ttl_s, policy.max_ttl_s) == expected, why
    assert (policy.headers, policy.cookies, policy.query) == (NOTHING,) * 3


def test_a_policy_of_the_command_line_comes_first(project: Path) -> None:
    (project / "edgesim.toml").write_text(GOOD + FULL)
    deployment = load(Path("edgesim.toml"), cache_policy="CachingDisabled")
    behavior = deployment.distribution.behaviors[-1]
    assert behavior.cache_policy_name == "CachingDisabled"
    assert behavior.origin_request_policy is not None, "what is sent stays the file's"


def test_it_may_stand_in_any_behavior(resolved: Resolve) -> None:
    added = '[[behaviors]]\norigin = "app"\npath_pattern = "/a"\nforwarded_values = {}\n'
    behaviors = resolved(GOOD + added).distribution.behaviors
    assert [one.cache_policy_name for one in behaviors] == ["ForwardedValues", "CachingOptimized"]


VALUES = "forwarded_values = {{ {} }}"
MISTAKES = [
    # what is added from line 13 on, where, what, hint
    (
        'cache_policy = "CachingOptimized"\nforwarded_values = {}',
        "13: default_behavior.cache_policy",
        "it does not go with forwarded_values",
        "take out one of the two; forwarded_values says what cache_policy would",
    ),
    (
        'forwarded_values = {}\norigin_request_policy = "AllViewer"',
        "14: default_behavior.origin_request_policy",
        "it does not go with forwarded_values",
        "take out one of the two; forwarded_values says what origin_request_policy would",
    ),
    (
        "max_ttl_s = 9",
        "13: default_behavior.max_ttl_s",
        "it goes with forwarded_values",
        "with a cache policy, the policy says how long",
    ),
    (
        VALUES.format('query_string_cache_keys = ["a"]'),
        "13: default_behavior.forwarded_values.query_string_cache_keys",
        "query strings are not forwarded",
        "query_string = true sends them all, and these are in the cache key",
    ),
    (
        VALUES.format('cookies = { forward = "whitelist" }'),
        "13: default_behavior.forwarded_values.cookies",
        "a whitelist of cookies has no names",
        'names = ["session", "ab_*"]',
    ),
    (
        VALUES.format('cookies = { forward = "all", names = ["a"] }'),
        "13: default_behavior.forwarded_values.cookies.names",
        "with 'all' nobody asks for names",
        'write forward = "whitelist"',
    ),
    (
        VALUES.format('cookies = { forward = "some" }'),
        "13: default_behavior.forwarded_values.cookies.forward",
        "'some' is none of its values",
        "known: all, none, whitelist",
    ),
    (
        VALUES.format('headers = ["Cookie"]'),
        "13: default_behavior.forwarded_values.headers",
        "cookie cannot be in a cache key",
        "cookies have a setting of their own",
    ),
    (
        VALUES.format('headers = ["a b"]'),
        "13: default_behavior.forwarded_values.headers",
        "'a b' is no header's name",
        "a name is one token",
    ),
    (
        VALUES.format('headers = ["*", "Accept"]'),
        "13: default_behavior.forwarded_values.headers",
        "the star stands for all headers",
        "leave out the others",
    ),
    (
        VALUES.format('headers = ["*"]') + "\nmin_ttl_s = 5",
        "14: default_behavior.min_ttl_s",
        "5 s is out of place",
        "nothing is cached where all headers are forwarded: leave it out",
    ),
    (
        "forwarded_values = {}\nmax_ttl_s = 60",
        "14: default_behavior.max_ttl_s",
        "TTLs are out of order: default 86,400 s, max 60 s",
        "CloudFront refuses it unless min <= default <= max",
    ),
    (
        "forwarded_values = {}\nmin_ttl_s = 9\ndefault_ttl_s = 8",
        "11: default_behavior",
        "TTLs are out of order: min 9 s, default 8 s",
        "a cache policy needs 0 <= min <= default",
    ),
]


@pytest.mark.parametrize(("added", "where", "what", "hint"), MISTAKES)
def test_mistakes(
    refused: Callable[[str], str], added: str, where: str, what: str, hint: str
) -> None:
    assert refused(GOOD + added) == f"edgesim.toml:{where}: {what}\n  hint: {hint}"
