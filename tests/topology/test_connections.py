from __future__ import annotations

from edgesim.topology.connections import MAX_IDLE, Connections

TO_APP, TO_API = ("FRA-eu", "app"), ("FRA-eu", "api")


def test_nothing_is_open_at_first() -> None:
    assert not Connections().take(TO_APP, now=0)


def test_what_was_given_back_is_open_for_one_until_its_time_is_over() -> None:
    connections = Connections()
    connections.give_back(TO_APP, until=5)
    assert not connections.take(TO_API, now=1), "another origin's"
    assert connections.take(TO_APP, now=4.9)
    assert not connections.take(TO_APP, now=4.9), "somebody uses it"
    connections.give_back(TO_APP, until=9)
    assert not connections.take(TO_APP, now=9), "closed for want of use"


def test_the_one_used_last_is_taken_first() -> None:
    connections = Connections()
    connections.give_back(TO_APP, until=5)
    connections.give_back(TO_APP, until=9)
    assert connections.take(TO_APP, now=6)


def test_no_more_are_remembered_than_a_pool_keeps() -> None:
    connections = Connections()
    for _ in range(MAX_IDLE + 10):
        connections.give_back(TO_APP, until=5)
    taken = [connections.take(TO_APP, now=0) for _ in range(MAX_IDLE + 10)]
    assert sum(taken) == MAX_IDLE
