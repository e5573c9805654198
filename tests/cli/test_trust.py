from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cli.trust import WAYS, trust


def test_it_says_how_and_does_nothing_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "my data"
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    monkeypatch.setenv("HOME", str(data))
    trust()
    said = capsys.readouterr().out
    (certificate,) = data.rglob("certificate.pem")
    assert str(certificate) in said
    wanted = sum(way.count("{file}") for _, way in WAYS)
    assert said.count(f"'{certificate}'") == wanted, "each way as it can be pasted"
    trust()
    assert capsys.readouterr().out == said, "the same authority every time"
