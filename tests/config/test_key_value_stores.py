from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.function import KeyValueStore
from edgesim.config.deployment import Deployment

from .conftest import GOOD

ARN = "arn:aws:cloudfront::123456789012:key-value-store/aaaa-bbbb"
JS = 'runtime = "cloudfront-js-2.0"\n'


@pytest.fixture(autouse=True)
def words(project: Path) -> None:
    (project / "words.json").write_text('{"data": [{"key": "a", "value": "1"}]}')
    (project / "broken.json").write_text('{"data": [{"key": "a", "value": 1}]}')


def text(store: str, function: str = 'key_value_store = "words"\n', runtime: str = JS) -> str:
    tables = f'viewer_request = "js"\n[key_value_stores.words]\n{store}'
    return GOOD.replace(JS, f"{runtime}{function}") + tables


@pytest.mark.parametrize(
    ("named", "known_as"), [("", ""), ('id = "cc"', "cc"), (f'arn = "{ARN}"', "aaaa-bbbb")]
)
def test_a_function_has_its_store(
    resolved: Callable[[str], Deployment], project: Path, named: str, known_as: str
) -> None:
    deployment = resolved(text(f'file = "words.json"\n{named}'))
    (function,) = deployment.functions
    file = str(project / "words.json")
    assert function.key_value_store == KeyValueStore("words", file, known_as)
    assert project / "words.json" in deployment.watched


AT = "edgesim.toml:11: functions.js.key_value_store"

MISTAKES: list[tuple[str, str]] = [
    (
        text('file = "none.json"'),
        (
            "edgesim.toml:16: key_value_stores.words.file: 'none.json' cannot be read: "
            "No such file or directory\n  hint: paths are relative to the file they stand in"
        ),
    ),
    (
        text('file = "broken.json"'),
        (
            "edgesim.toml:16: key_value_stores.words.file: broken.json: data[0]: it is no object "
            "with a key and a value\n  hint: both are strings; put JSON into the value as text"
        ),
    ),
    (
        text('file = "words.json"\narn = "aaaa"'),
        (
            "edgesim.toml:17: key_value_stores.words.arn: 'aaaa' is no key-value store's\n"
            "  hint: arn:aws:cloudfront::ACCOUNT:key-value-store/ID"
        ),
    ),
    (
        text('file = "words.json"', 'key_value_store = "word"\n'),
        (f"{AT}: no key-value store is named 'word'\n  hint: did you mean 'words'?"),
    ),
    (
        text('file = "words.json"', runtime='runtime = "cloudfront-js-1.0"\n'),
        (
            f"{AT}: cloudfront-js-1.0 has no key-value stores\n"
            '  hint: use runtime = "cloudfront-js-2.0"'
        ),
    ),
    (
        text('file = "words.json"', runtime='runtime = "nodejs22.x"\n'),
        (f'{AT}: nodejs22.x has no key-value stores\n  hint: use runtime = "cloudfront-js-2.0"'),
    ),
]


@pytest.mark.parametrize(("given", "said"), MISTAKES)
def test_what_is_wrong_with_one(refused: Callable[[str], str], given: str, said: str) -> None:
    assert refused(given) == said
