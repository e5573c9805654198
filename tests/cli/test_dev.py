from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from edgesim.cli import dev
from edgesim.errors import ConfigError
from edgesim.live.control import ControlPort


@pytest.fixture
def taken() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_the_usual_control_port_may_be_taken(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "DEFAULT_PORT", taken)
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    said = await dev._controlled(control, None)
    assert said == f"none: port {taken} on 127.0.0.1 is in use; --control-port N chooses another"


async def test_a_control_port_that_was_named_may_not(taken: int) -> None:
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="in use"):
        await dev._controlled(control, taken)


async def test_none_is_opened_where_none_is_wanted() -> None:
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    assert await dev._controlled(control, 0) == ""
