"""Conversations as tests of pytest: a file `test_*.edge.yaml` is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import ConfigError
from .conversation import Conversation, Unexpected


class ConversationFile(pytest.File):
    """Collected by `pytest_collect_file`."""

    def collect(self) -> Iterator[pytest.Item]:
        name = self.path.name.removesuffix(".edge.yaml")
        yield ConversationItem.from_parent(self, name=name)


class ConversationItem(pytest.Item):
    """One conversation, played against a virtual edge of its own."""

    def runtest(self) -> None:
        conversation = Conversation(self.path)
        edge = conversation.edge(Path(self.config.rootpath))
        try:
            conversation.play(edge)
        finally:
            edge.close()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What went otherwise, or what is wrong with the file: no traceback of ours helps."""
        if isinstance(excinfo.value, Unexpected | ConfigError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"conversation {self.name}"
