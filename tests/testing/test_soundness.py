from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from edgesim.testing.alone import EdgeFunction
from edgesim.testing.soundness import assert_sound


def careful(event: Any, context: Any) -> Any:
    request = event["Records"][0]["cf"]["request"]
    if request["uri"].endswith("/"):
        request["uri"] += "index.html"
    return request


def sure_of_a_cookie(event: Any, context: Any) -> Any:
    request = event["Records"][0]["cf"]["request"]
    _ = request["headers"]["cookie"][0]["value"].split("=")[1]
    return request


def decoding(event: Any, context: Any) -> Any:
    """A classic: the decoded path has characters that no request line may have."""
    request = event["Records"][0]["cf"]["request"]
    request["uri"] = unquote(request["uri"])
    return request


def stamping(event: Any, context: Any) -> Any:
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["via"] = [{"key": "Via", "value": "me"}]
    return response


def test_a_careful_function_is_sound(edge_function: EdgeFunction) -> None:
    assert_sound(edge_function(careful, "viewer-request"))
    assert_sound(edge_function(careful, "origin-request"))


@pytest.mark.parametrize(
    ("handler", "trigger", "said"),
    [
        (sure_of_a_cookie, "viewer-request", "KeyError: 'cookie'"),
        (decoding, "viewer-request", "a space, a control character, '?' or '#'"),
        (stamping, "viewer-response", "it added the header via, which is read-only"),
        (stamping, "origin-response", "it added the header via, which is read-only"),
    ],
)
def test_a_weakness_is_found_and_told(
    edge_function: EdgeFunction, handler: Any, trigger: str, said: str
) -> None:
    with pytest.raises(AssertionError) as found:
        assert_sound(edge_function(handler, trigger))
    assert said in str(found.value)
    assert "'eventType'" in str(found.value), "the event is shown"


def test_the_smallest_event_is_shown(edge_function: EdgeFunction) -> None:
    with pytest.raises(AssertionError) as found:
        assert_sound(edge_function(sure_of_a_cookie, "viewer-request"))
    assert "'uri': '/'" in str(found.value)
