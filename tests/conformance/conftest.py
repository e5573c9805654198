from __future__ import annotations

from ..live.conftest import serve

__all__ = ["serve"]
