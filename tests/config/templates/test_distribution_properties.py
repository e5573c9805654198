"""The tables of properties against the schema that AWS publishes, as cfn-lint ships it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from edgesim.config.templates.distribution_properties import DISTRIBUTION
from edgesim.config.templates.other_properties import RESOURCES
from edgesim.config.templates.report import Status, Table

ALL: Mapping[str, Table] = {"AWS::CloudFront::Distribution": DISTRIBUTION, **RESOURCES}
REGION = "us-east-1"


def schema_of(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return found


def paths(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every property that a template may set, lists as `[]`."""
    read_only = {path.removeprefix("/properties/") for path in schema["readOnlyProperties"]}

    def below(node: Mapping[str, Any], path: str) -> Iterator[str]:
        if "$ref" in node:
            node = schema["definitions"][node["$ref"].rpartition("/")[2]]
        for name, inside in node.get("properties", {}).items():
            here = f"{path}.{name}" if path else name
            if here not in read_only:
                yield here
                yield from below(inside, here)
        if "items" in node:
            yield from below(node["items"], f"{path}[]")

    yield from below({"properties": schema["properties"]}, "")


def covered(path: str, table: Table) -> bool:
    """A row of its own, or below one that is ignored or refused as a whole."""
    if path in table:
        return True
    around = (one for one in table if path.startswith((f"{one}.", f"{one}[]")))
    return any(table[one].status is not Status.UNDERSTOOD for one in around)


@pytest.mark.parametrize("kind", ALL)
def test_no_property_goes_without_a_row(kind: str) -> None:
    assert [path for path in paths(schema_of(kind)) if not covered(path, ALL[kind])] == []


@pytest.mark.parametrize("kind", ALL)
def test_no_row_is_about_something_that_there_is_not(kind: str) -> None:
    read_only = {"FunctionMetadata.FunctionARN"}
    assert set(ALL[kind]) - set(paths(schema_of(kind))) - read_only == set()


@pytest.mark.parametrize("kind", ALL)
def test_what_is_not_understood_says_why(kind: str) -> None:
    silent = [
        path
        for path, row in ALL[kind].items()
        if row.status is not Status.UNDERSTOOD and not row.why
    ]
    assert silent == []


def test_what_bears_on_access_and_functions_is_never_ignored() -> None:
    words = ("Function", "Trusted", "WebACL", "Mtls", "Restriction", "AccessControl", "Signer")
    ignored = [path for path, row in DISTRIBUTION.items() if row.status is Status.IGNORED]
    assert [path for path in ignored if any(word in path for word in words)] == []


def test_how_much_of_a_distribution_is_understood() -> None:
    """The rest: viewers' certificates, gRPC, web ACLs, field-level encryption, Smooth Streaming."""
    every = list(paths(schema_of("AWS::CloudFront::Distribution")))
    counts = Counter(DISTRIBUTION[path].status for path in every)
    assert counts[Status.UNDERSTOOD] / len(every) >= 0.9
    assert sum(counts.values()) == len(every)
