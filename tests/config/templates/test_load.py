"""What a command line says besides a template, and what is said about the rest of it."""

from __future__ import annotations

import pytest

from edgesim.config.deployment import NoteKind
from edgesim.config.elsewhere import check_placed
from edgesim.config.templates.given import Given
from edgesim.errors import ConfigError

from .conftest import CDN, Loaded, Refused

TEMPLATE = f"Resources:\n{CDN}"
ACL = TEMPLATE.replace("Enabled: true", "Enabled: true\n        WebACLId: arn:acl")


def test_an_origin_is_elsewhere_until_somebody_says_where(loaded: Loaded) -> None:
    with pytest.raises(ConfigError, match=r"app \(app.example.com\)") as caught:
        check_placed(loaded(TEMPLATE))
    assert caught.value.hint == "--set-origin app=http://127.0.0.1:PORT"
    here = loaded(TEMPLATE, Given(origins={"app": "http://127.0.0.1:3000"}))
    check_placed(here)
    assert [origin.url for origin in here.origins] == ["http://127.0.0.1:3000"]


def test_an_origin_on_this_machine_needs_no_word(loaded: Loaded) -> None:
    check_placed(loaded(TEMPLATE.replace("app.example.com", "localhost")))


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000/v1"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("http://127.0.0.1:3000/v2", "http://127.0.0.1:3000/v2"),
    ],
)
def test_an_origin_keeps_its_path_unless_the_url_has_one(
    loaded: Loaded, place: str, url: str
) -> None:
    text = TEMPLATE.replace("- Id: app", "- OriginPath: /v1\n            Id: app")
    assert [one.url for one in loaded(text, Given(origins={"app": place})).origins] == [url]


def test_what_is_refused_may_be_left_out(loaded: Loaded, refused: Refused) -> None:
    assert "edgesim has no WebACLId" in refused(ACL)
    notes = loaded(ACL, Given(without=frozenset({"WebACLId"}))).notes
    left = [note for note in notes if "WebACLId" in note.where]
    assert [note.kind for note in left] == [NoteKind.IGNORED]
    assert left[0].text.startswith("left out as you asked")


FITTING_NOTHING = [
    (Given(without=frozenset({"WebACLId"})), "--without: nothing in"),
    (Given(origins={"ap": "http://127.0.0.1"}), "--set-origin: no origin is named 'ap'"),
    (Given(functions={"f": "f.py"}), "--set-function: no function of its behaviors"),
    (Given(stores={"s": "s.json"}), "--set-store: no store of its functions"),
    (Given(parameters={"P": "1"}), "--parameter: no parameter is named 'P'"),
    (Given(distribution="Cd"), "--distribution: no distribution is named 'Cd'"),
]


@pytest.mark.parametrize(("given", "said"), FITTING_NOTHING)
def test_what_was_said_and_fits_nothing(refused: Refused, given: Given, said: str) -> None:
    assert refused(TEMPLATE, given).startswith(said)


def test_every_kind_of_resource_is_mentioned(loaded: Loaded) -> None:
    rest = "  A: {Type: AWS::SQS::Queue}\n  B: {Type: AWS::SQS::Queue}\n"
    notes = loaded(TEMPLATE + rest).notes
    assert [n.text for n in notes if "SQS" in n.text] == [
        "AWS::SQS::Queue: 2 of these are beyond the edge"
    ]


def test_a_distribution_among_several_is_named(loaded: Loaded, refused: Refused) -> None:
    both = TEMPLATE + CDN.replace("Cdn:", "Other:").replace("app", "other")
    assert "there are several distributions: Cdn, Other\n  hint: say which" in refused(both)
    assert [o.name for o in loaded(both, Given(distribution="Other")).origins] == ["other"]


def test_a_staging_distribution_is_not_the_one_that_is_meant(loaded: Loaded) -> None:
    staging = CDN.replace("Cdn:", "Next:").replace(
        "Enabled: true", "Enabled: true\n        Staging: true"
    )
    assert [origin.name for origin in loaded(TEMPLATE + staging).origins] == ["app"]


def test_a_resource_whose_condition_is_false_is_not_there(refused: Refused) -> None:
    never = "Conditions: {Never: !Equals [a, b]}\n"
    text = never + TEMPLATE.replace("Properties:", "Condition: Never\n    Properties:", 1)
    assert "there is no distribution in it" in refused(text)


SHAPES = [
    ("Enabled: true", "Enabled: [true]", "a text is needed here"),
    ("Enabled: true", "Enabled: true\n        Restrictions: none", "a mapping is needed here"),
    ("Enabled: true", "Enabled: true\n        CacheBehaviors: {a: b}", "a list is needed here"),
    ("TargetOriginId: app", "TrustedKeyGroups: group", "a list is needed here"),
    ("TargetOriginId: app", "LambdaFunctionAssociations: !Ref Cdn", "a list is needed here"),
    ("TargetOriginId: app", "FunctionAssociations: {a: b}", "a list is needed here"),
    ("TargetOriginId: app", "AllowedMethods: GET", "a list is needed here"),
    ("TargetOriginId: app", "AllowedMethods: {a: b}", "no mapping but a value or a list"),
]


@pytest.mark.parametrize(("old", "new", "said"), SHAPES)
def test_a_wrong_shape_does_not_look_like_nothing(
    refused: Refused, old: str, new: str, said: str
) -> None:
    assert said in refused(TEMPLATE.replace(old, new))
