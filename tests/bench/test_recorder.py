from __future__ import annotations

import pytest

from edgesim.bench.recorder import Recorder
from edgesim.bench.responses import Answer
from edgesim.bench.workload import Asked
from tests.bench.runs import recorded

PAGE = Asked("GET", "/page", b"")
IMAGE = Asked("GET", "/img/a.png", b"")


def answer(result: str = "Hit", status: int = 200, pop: str = "FRA56-P1") -> Answer:
    return Answer(status, result, pop, closes=False, size_bytes=100)


def test_answers_are_counted_by_everything_that_they_say() -> None:
    recorder = Recorder(lambda path: "/img/*" if path.startswith("/img/") else "*")
    recorder.note((PAGE, answer(), 0.5, 0.010))
    recorder.note((IMAGE, answer("Miss", pop="NRT12-P4"), 1.2, 0.020))
    recorder.note((IMAGE, answer("", status=404), 1.3, 0.030))
    recorder.sort()
    assert recorder.total.count == 3
    assert recorder.total.size_bytes == 300
    assert {name: group.count for name, group in recorder.by_result.items()} == {
        "Hit": 1,
        "Miss": 1,
        "4xx": 1,
    }
    assert recorder.by_status == {200: 2, 404: 1}
    assert {name: one.count for name, one in recorder.by_pop.items()} == {
        "FRA56-P1": 2,
        "NRT12-P4": 1,
    }
    assert {name: one.count for name, one in recorder.by_behavior.items()} == {"*": 1, "/img/*": 2}
    assert sorted(recorder.by_second) == [0, 1]
    assert recorder.hits == 1


def test_what_was_due_before_it_counts_is_warm_up() -> None:
    recorder = Recorder()
    recorder.began = 10.0
    recorder.note((PAGE, answer(), 9.99, 5.0))
    recorder.note((PAGE, answer(), 10.0, 0.1))
    recorder.fail("timeout", 9.0)
    recorder.fail("timeout", 11.0)
    recorder.sort()
    assert (recorder.warm_up, recorder.total.count, recorder.errors) == (1, 1, {"timeout": 1})


def test_what_an_open_loop_did_late_is_noted_without_the_warm_up() -> None:
    recorder = Recorder()
    recorder.began = 10.0
    for intended in (9.0, 10.0, 11.0):
        recorder.late(intended, 0.001)
        recorder.queue(intended)
    assert (recorder.lateness.count, recorder.queued) == (2, 2)
    assert recorder.lateness.max_s() == pytest.approx(0.001, rel=0.01)


def test_an_answer_belongs_to_the_step_in_which_it_was_due() -> None:
    recorder = Recorder(steps=[(5.0, "slow"), (10.0, "quick")])
    recorder.began = 100.0
    for intended in (99.0, 100.0, 104.9, 105.0, 111.0):
        recorder.note((PAGE, answer(), intended, 30.0))
    recorder.sort()
    assert {name: one.count for name, one in recorder.by_step.items()} == {"slow": 2, "quick": 2}


def test_answers_are_sorted_a_few_at_a_time() -> None:
    recorder = Recorder()
    for _ in range(5):
        recorder.note((PAGE, answer(), 0.0, 0.01))
    assert recorder.sort(3)
    assert recorder.total.count == 3
    assert not recorder.sort(3)
    assert recorder.total.count == 5


def test_sorting_again_counts_nothing_twice() -> None:
    recorder = recorded([0.01] * 10)
    recorder.sort()
    assert recorder.total.count == 10
