from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from edgesim.bench.workload import (
    Fields,
    Target,
    crossed,
    numbered,
    parse_url,
    workload,
)
from edgesim.errors import ConfigError
from edgesim.sim.popularity import zipf_weights

HERE = Target("http", "127.0.0.1", 8080)


@pytest.mark.parametrize(
    ("text", "target", "path"),
    [
        ("http://a.test", Target("http", "a.test", 80), "/"),
        ("https://a.test/b?c=d", Target("https", "a.test", 443), "/b?c=d"),
        ("127.0.0.1:8080/x", HERE, "/x"),
        ("http://[::1]:81/", Target("http", "::1", 81), "/"),
    ],
)
def test_a_url(text: str, target: Target, path: str) -> None:
    assert parse_url(text) == (target, path)


@pytest.mark.parametrize("text", ["ftp://a.test/", "http:///x", "http://a:99999/", ""])
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(ConfigError, match="no URL"):
        parse_url(text)


def test_authorities_are_written_as_in_a_url() -> None:
    assert Target("https", "a.test", 443).url == "https://a.test"
    assert Target("http", "::1", 8080).url == "http://[::1]:8080"


def test_a_request_as_it_goes_over_the_wire() -> None:
    fields = Fields([("X-A", "1")], body=b"up")
    get, post = workload(HERE, crossed({"/x?y": 1}, {"GET": 1, "POST": 1}), fields).requests
    assert get.data == b"GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-A: 1\r\n\r\n"
    assert post.data.endswith(b"X-A: 1\r\nContent-Length: 2\r\n\r\nup")


def test_a_host_of_ones_own_takes_the_place_of_the_usual() -> None:
    (one,) = workload(HERE, {("GET", "/"): 1}, Fields([("host", "shop.test")])).requests
    assert one.data == b"GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n"


def test_every_combination_is_there_with_its_weight() -> None:
    varied = [("Cookie", {"a=1": 1.0, "a=2": 3.0}), ("X-B", {"x": 1.0, "y": 1.0})]
    made = workload(HERE, crossed({"/": 1, "/b": 2}, {"GET": 1}), Fields(varied=varied))
    assert len(made.requests) == 8
    assert max(asked.weight for asked in made.requests) == 6
    assert len({asked.data for asked in made.requests}) == 8


def test_too_many_combinations_are_refused() -> None:
    varied = [(name, dict.fromkeys(map(str, range(2000)), 1.0)) for name in "ab"]
    with pytest.raises(ConfigError, match="4,000,000 distinct requests"):
        workload(HERE, {("GET", "/"): 1}, Fields(varied=varied))


def test_only_head_is_answered_without_a_body() -> None:
    made = workload(HERE, crossed({"/": 1}, {"GET": 1, "HEAD": 1}))
    assert [asked.bodiless for asked in made.requests] == [False, True]


def test_numbers_stand_for_objects() -> None:
    assert list(numbered("/o/{n}.bin", 3)) == ["/o/1.bin", "/o/2.bin", "/o/3.bin"]
    assert list(numbered("/o", 3)) == ["/o"]


def test_the_order_follows_the_weights_and_repeats_with_its_seed() -> None:
    paths = [f"/{number}" for number in range(100)]
    lines = {
        ("GET", path): weight for path, weight in zip(paths, zipf_weights(100, 1.0), strict=True)
    }
    made = workload(HERE, lines)
    order = made.order(Random(7))
    assert order == made.order(Random(7))
    counts = Counter(order)
    harmonic = sum(1 / rank for rank in range(1, 101))
    for rank in (1, 2, 10):
        assert counts[rank - 1] / len(order) == pytest.approx(1 / rank / harmonic, rel=0.1)
