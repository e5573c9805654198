from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.errors import FunctionError
from edgesim.runtimes.frames import LENGTH_BYTES, MAX_FRAME_BYTES, FrameReader, frame

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(values, max_size=6), st.lists(st.integers(min_value=1, max_value=40)))
def test_messages_arrive_whole_however_the_bytes_are_cut(
    messages: list[Any], cuts: list[int]
) -> None:
    wire = b"".join(map(frame, messages))
    reader, received = FrameReader(), []
    for size in cuts:
        received += reader.feed(wire[:size])
        wire = wire[size:]
    received += reader.feed(memoryview(wire))
    assert received == messages


def test_a_runaway_is_refused_before_it_has_arrived() -> None:
    with pytest.raises(FunctionError, match="at most 16,777,216"):
        FrameReader().feed((MAX_FRAME_BYTES + 1).to_bytes(LENGTH_BYTES, "big"))


def test_what_is_no_json_is_not_framed() -> None:
    with pytest.raises(TypeError):
        frame({"a set": {1}})
