"""What `edgesim dev --workers` refuses, and what the first process does with functions' lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edgesim.cli.workers import MOST_PENDING, Pending, check_alone, with_pops
from edgesim.cloudfront.distribution import Routing
from edgesim.errors import ConfigError
from edgesim.runtimes import Conditions, LogLine
from tests.live.edge import deployment

from .conftest import Edgesim

REFUSED = [
    (["--debug"], "--workers: it does not go with --debug"),
    (["--inspect", "9229"], "--workers: it does not go with --inspect"),
    (["--concurrency", "3"], "--workers: it does not go with --concurrency"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_does_not_go_together(
    edgesim: Edgesim, project: Path, options: list[str], said: str
) -> None:
    ran = edgesim("dev", "--workers", "2", *options)
    assert ran.status == 2
    assert ran.err.count("\n") == 1, "one clear message"
    assert said in ran.err


@pytest.mark.parametrize("routing", ["regional", "private"])
def test_workers_are_cache_servers_of_a_pop(edgesim: Edgesim, project: Path, routing: str) -> None:
    file = project / "edgesim.toml"
    text = file.read_text().replace("[distribution]", f'[distribution]\nrouting = "{routing}"')
    file.write_text(text)
    ran = edgesim("dev", "--workers", "2")
    assert ran.status == 2
    assert f"routing is {routing}: there is no POP" in ran.err
    assert "hint: leave out --workers, or routing" in ran.err


@pytest.mark.parametrize("count", ["0", "-1", "two"])
def test_a_number_that_makes_no_sense(edgesim: Edgesim, count: str) -> None:
    assert edgesim("dev", "--workers", count).status == 2


def test_an_edit_that_leaves_no_pop_is_refused_too() -> None:
    good = deployment()
    assert with_pops(lambda: good)() is good
    regional = replace(good.distribution, routing=Routing.REGIONAL)
    with pytest.raises(ConfigError, match="there is no POP"):
        with_pops(lambda: replace(good, distribution=regional))()


def test_the_option_that_workers_are_started_with_is_not_shown(edgesim: Edgesim) -> None:
    out = edgesim("dev", "--help").out
    assert "--workers" in out
    assert "--worker-of" not in out


def test_lines_wait_for_the_next_request_but_not_any_number_of_them() -> None:
    said: list[LogLine] = []
    pending = Pending(said.append)
    lines = [LogLine("f", str(number)) for number in range(MOST_PENDING + 1)]
    for line in lines[:2]:
        pending.add(line)
    assert list(pending.take()) == lines[:2]
    assert not pending.take()
    for line in lines:
        pending.add(line)
    assert said == lines[:MOST_PENDING]
    assert list(pending.take()) == lines[MOST_PENDING:]


def test_conditions_that_go_with_workers() -> None:
    check_alone(Conditions(cold_starts=True, aws_sdk="sdk"))
