"""The JSON Schema of edgesim.toml, from the very models that read it."""

from __future__ import annotations

from typing import Any

from .draft import Draft

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHORT_FORMS = {"AssociationDraft": "string", "PolicyHeaderDraft": "string"}
"""Tables in whose place a text may stand."""


def json_schema() -> dict[str, Any]:
    """For editors to complete keys from and to check values with."""
    schema = Draft.model_json_schema(by_alias=True)
    for name, short in SHORT_FORMS.items():
        whole = dict(schema["$defs"][name])
        schema["$defs"][name] = {"anyOf": [{"type": short}, whole], "title": whole["title"]}
    return {"$schema": DIALECT, **schema, "title": "edgesim.toml"}
