from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from edgesim.cli.main import app
from tests.sim.small import SMALL

RUN = CliRunner()


def test_a_scenario_in_the_terminal_as_json_and_as_a_page(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    written = [str(tmp_path / name) for name in ("r.json", "r.html")]
    given = [str(tmp_path / "small.toml"), "-n", "200", "--seed", "7"]
    done = RUN.invoke(app, ["simulate", *given, "--json", written[0], "--html", written[1]])
    assert done.exit_code == 0, done.output
    assert "small  2 h, seed 7" in done.stdout
    assert "regional" in done.stdout
    figures = json.loads(Path(written[0]).read_text())
    assert [model["name"] for model in figures["models"]] == ["edge", "shield", "regional"]
    assert 140 < figures["models"][0]["requests"] < 260
    assert Path(written[1]).read_text().startswith("<!doctype html>")


def test_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('region = "mars"\n[contents.a]\n[models.m]\n')
    done = RUN.invoke(app, ["simulate", str(path)])
    assert done.exit_code == 2
    assert f"{path}:1: region: no region is named 'mars'" in done.stderr


def test_edgesims_own_scenario_is_shown() -> None:
    done = RUN.invoke(app, ["simulate", "--print-scenario"])
    assert done.exit_code == 0
    assert "[models.edge-optimized]" in done.stdout


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    given = [str(tmp_path / "small.toml"), "-n", "10", "--json", str(tmp_path)]
    done = RUN.invoke(app, ["simulate", *given])
    assert done.exit_code == 2
    assert "it cannot be written" in done.stderr
