"""What conversations say of themselves, as tests of their own; one that passes is beside this."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.errors import ConfigError
from edgesim.testing.conversation import Conversation, Unexpected
from tests.conftest import PLUGIN

pytest_plugins = ["pytester"]

ORIGINS = (
    "origins:\n  app:\n    - { path: /, text: hello, headers: { cache-control: max-age=60 } }\n"
)


def played(tmp_path: Path, text: str) -> None:
    file = tmp_path / "test_it.edge.yaml"
    file.write_text(text)
    conversation = Conversation(file)
    edge = conversation.edge(tmp_path)
    try:
        conversation.play(edge)
    finally:
        edge.close()


UNEXPECTED = [
    ("{ get: /, expect: { status: 404 } }", "test_it.edge.yaml:5: expected status 404, was 200"),
    ("{ get: /, expect: { text: hi } }", "expected text 'hi', was 'hello'"),
    ("{ get: /, expect: { contains: hi } }", "expected contains 'hi', was 'hello'"),
    ("{ get: /, expect: { pop: NRT } }", "expected pop 'NRT', was 'FRA56-P1'"),
    ("{ get: /, expect: { seconds_below: 0.01 } }", "expected seconds_below 0.01, was 0.05"),
    ("{ get: /, expect: { functions: [ab] } }", "expected functions ['ab'], was []"),
    ("{ get: /, expect: { failure: refused } }", "expected failure 'refused', was 'None'"),
    (
        "{ get: /, expect: { headers: { x-cache: Hit from cloudfront } } }",
        "expected header x-cache 'Hit from cloudfront', was 'Miss from cloudfront'",
    ),
    ("{ get: /, expect: { headers: { etag: null, via: null } } }", "expected header via None"),
    (
        "{ get: /, expect: { result_type: Hit } }",
        "expected result_type 'Hit', was 'Miss'\n  no request of this test came to this path",
    ),
    ("{ origin: app, calls: 2 }", "expected 2 calls: origin app was asked 0 times"),
]


@pytest.mark.parametrize(("step", "said"), UNEXPECTED)
def test_what_goes_otherwise_is_told_with_its_line_and_the_trace(
    tmp_path: Path, step: str, said: str
) -> None:
    with pytest.raises(Unexpected) as error:
        played(tmp_path, f"{ORIGINS}steps:\n  - {step}\n")
    assert said in str(error.value)
    if "get" in step:
        assert "GET /: 200 Miss" in str(error.value), "the trace"


MISTAKES = [
    ("steps: []\nstep: []\n", "test_it.edge.yaml:2: a conversation has no 'step'"),
    ("origins: {}\n", "it has no steps"),
    ("edge: { file: x }\nsteps:\n  - { get: / }\n", "unexpected keyword argument 'file'"),
    ("edge: { config: none.toml }\nsteps:\n  - { get: / }\n", "there is no such file"),
    ("steps:\n  - { fetch: / }\n", "this step says nothing to do"),
    ("steps:\n  - { get: /, expekt: {} }\n", "a step 'get' has no 'expekt'"),
    ("steps:\n  - { get: /, expect: { state: 200 } }\n", "a expectation has no 'state'"),
    ("steps:\n  - { together: [{ fetch: / }] }\n", "a request begins with its method"),
    ("steps:\n  - { origin: nobody, calls: 1 }\n", "no origin is named 'nobody'"),
    ("steps:\n  - { get: /, viewer: Tokio }\n", "did you mean 'Tokyo'?"),
    ("origins:\n  app:\n    - { reply: 1 }\nsteps:\n  - { get: / }\n", "keyword argument 'reply'"),
    ("steps: [\n", "neither YAML nor JSON"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_what_cannot_be_meant_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        played(tmp_path, text)
    assert said in str(error.value)


def test_a_file_is_a_test_of_pytest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    good = f"{ORIGINS}steps:\n  - {{ get: /, expect: {{ text: hello }} }}\n"
    bad = good.replace("expect: { text: hello", "expect: { text: bye")
    pytester.path.joinpath("test_good.edge.yaml").write_text(good)
    pytester.path.joinpath("test_bad.edge.yaml").write_text(bad)
    pytester.path.joinpath("other.edge.yaml").write_text(bad)
    pytester.makeini("[pytest]")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *PLUGIN, timeout=60)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["test_bad.edge.yaml:5: expected text 'bye', was 'hello'", "GET /:*"]
    )
