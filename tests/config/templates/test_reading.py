from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.config.templates.reading import parsed, read
from edgesim.errors import ConfigError

YAML = """\
Resources:
  CDN:
    Name: !Sub "${A}-x"
    List:
      - one
      - !GetAtt B.Arn
    Account: 012345678901
    On: yes
    Empty:
"""


def test_every_value_knows_its_line_and_its_path() -> None:
    root = parsed(YAML, "t.yaml")
    name = root.get("Resources", "CDN", "Name")
    assert name is not None
    assert (name.line, name.path) == (3, ("Resources", "CDN", "Name"))
    listed = root.get("Resources", "CDN", "List")
    assert listed is not None
    assert [one.line for one in listed.members] == [5, 6]
    assert listed.members[1].plain() == {"Fn::GetAtt": "B.Arn"}


def test_a_scalar_keeps_its_text() -> None:
    cdn = parsed(YAML, "t.yaml").get("Resources", "CDN")
    assert cdn is not None
    assert cdn.text_at("Account") == "012345678901", "no octal number"
    assert cdn.text_at("On") == "true", "YAML 1.1, which CloudFormation reads"
    assert cdn.fields["Empty"].value is None


def test_json_may_have_tabs_and_characters_of_two_halves() -> None:
    root = parsed('{\n\t"A": "\\ud83d\\ude00",\n\t"B": [1, true, null]\n}', "t.json")
    assert root.plain() == {"A": "\U0001f600", "B": [1, True, None]}
    assert root.fields["B"].line == 3


def test_what_is_merged_in_gives_way_to_own_keys() -> None:
    root = parsed("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n", "t.yaml")
    assert root.fields["b"].plain() == {"x": 1, "y": 3}


REFUSED = [
    ("a: [", "t.yaml:2:1: this is neither YAML nor JSON"),
    ("- a\n", "t.yaml: this is no template"),
    ("", "t.yaml: this is no template"),
    ("a: 1\nb: 2\na: 3\n", "t.yaml:3: the key 'a' stands here twice, and on line 1 first"),
    ("a: !Reff B\n", "t.yaml:1: no function is !Reff [config]\n  hint: did you mean 'Ref'?"),
    ("a: &a\n  b: *a\n", "t.yaml:2: this contains itself"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text, "t.yaml")
    assert str(caught.value).startswith(said)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read(tmp_path / "t.yaml")
    (tmp_path / "t.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="it is not UTF-8 text"):
        read(tmp_path / "t.yaml")
    with pytest.raises(ConfigError, match="it is a folder"):
        read(tmp_path)
