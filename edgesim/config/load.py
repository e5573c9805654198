"""A TOML text to a `Draft`, or every mistake in its shape, in plain words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ..errors import ConfigError, suggestion
from .draft import PLAIN, Draft
from .positions import KeyPath, Positions
from .source import Findings, Source

Shape = TypeVar("Shape", bound=BaseModel)

_AT = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)")
"""How `tomllib` words a syntax error."""

_KINDS: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def load_draft(path: Path) -> tuple[Draft, Source]:
    """The file at `path`. Raises `ConfigError` if it cannot be read, `ConfigErrors` as `draft`."""
    text = read_toml(path, "`edgesim init` writes one to start from")
    return parse_draft(text, str(path), path.resolve().parent)


def read_toml(path: Path, hint: str) -> str:
    """The text of a file; `hint` is for where there is none. Raises `ConfigError`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file", where=str(path), hint=hint) from None
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8 text", where=str(path), hint="TOML is UTF-8") from None
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None


def parse_draft(text: str, name: str, folder: Path) -> tuple[Draft, Source]:
    """`text`, called `name` in messages, its paths relative to `folder`."""
    data, source = parse_toml(text, name, folder)
    return draft(data, source), source


def parse_toml(text: str, name: str, folder: Path) -> tuple[dict[str, Any], Source]:
    """`text` as tables, and where everything stands in it. Raises `ConfigError`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text, name) from None
    return data, Source(name, folder, Positions(text))


def draft(data: Mapping[str, Any], source: Source) -> Draft:
    """`data` in the shape of a configuration. Raises `ConfigErrors`."""
    return shaped(Draft, data, source)


def shaped(model: type[Shape], data: Mapping[str, Any], source: Source) -> Shape:
    """`data` in the shape of `model`.

    Raises `ConfigErrors` with all that is wrong with the shape. What the names mean is
    looked at afterwards, because a table without its keys would give misleading answers.
    """
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        findings = Findings(source)
        errors = invalid.errors(include_url=False)
        said = [(error["loc"], *_said(error, model)) for error in errors]
        for error, (path, what, hint) in zip(errors, said, strict=True):
            if not _is_misspelt(path, what, said):
                findings.refuse(path, what, hint, str(error.get("ctx", {}).get("rule", "")))
        findings.raise_mistakes()
        raise


def _syntax(said: str, text: str, name: str) -> ConfigError:
    match = _AT.fullmatch(said)
    if match is None:
        return ConfigError(f"this is no TOML: {said}", where=name)
    line = int(match["line"] or text.rstrip().count("\n") + 1)
    column = f":{match['column']}" if match["column"] else ""
    what = match["what"][0].lower() + match["what"][1:]
    return ConfigError(
        f"this is no TOML: {what}",
        where=f"{name}:{line}{column}",
        hint="it may begin a line earlier; texts stand in quotes, lists in brackets",
    )


def _is_misspelt(path: KeyPath, what: str, said: list[tuple[KeyPath, str, str]]) -> bool:
    """Whether the key missing at `path` is there under a name that was told already."""
    hint = f"did you mean {path[-1]!r}?"
    return "missing" in what and any(
        other[:-1] == path[:-1] and given == hint for other, _, given in said
    )


def _said(error: ErrorDetails, root: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and a hint."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    path = error["loc"]
    model, field = _schema(path, root)
    name = path[-1]
    if kind == PLAIN:
        return error["msg"], str(context.get("hint", ""))
    if kind == "extra_forbidden":
        known = [field.alias or key for key, field in model.model_fields.items()]
        return f"unknown key {name!r}", suggestion(str(name), known)
    if kind == "missing":
        return _missing(path)
    if kind == "literal_error" and field is not None and isinstance(value, str):
        return f"{value!r} is none of its values", suggestion(value, _literals(field))
    if kind in ("greater_than_equal", "less_than_equal", "finite_number") and field is not None:
        return f"{value:,} is out of range", f"{name} is {_range(field)}"
    member = isinstance(name, int) or field is not _field(model, name)
    return f"{_shown(value)} stands where {_wanted(field, member=member)} is needed", ""


def _missing(path: KeyPath) -> tuple[str, str]:
    match path:
        case ("default_behavior",):
            hint = '[default_behavior] needs at least origin = "the name of an origin"'
            return "there is no [default_behavior]", hint
        case (*_, "code"):
            return "the key 'code' is missing", "the function's file or folder"
        case (*_, "path_pattern"):
            hint = 'the paths it is for: path_pattern = "/api/*"'
            return "the key 'path_pattern' is missing", hint
        case (*_, "origin"):
            return "the key 'origin' is missing", "the name of one of your [origins.NAME]"
        case _:
            return f"the key {path[-1]!r} is missing", ""


def _schema(path: KeyPath, root: type[BaseModel]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The table that the last part of `path` stands in, and what is known of that key."""
    model = root
    field: FieldInfo | None = None
    inside: type[BaseModel] | None = root
    named = False  # whether the part that comes is a name of the user's
    for part in path:
        if named or isinstance(part, int):
            named = False
            continue
        if inside is None:
            break
        model = inside
        field = _field(model, part)
        if field is None:
            break
        named = get_origin(field.annotation) is dict
        inside = _model_in(field.annotation)
    return model, field


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    fields = model.model_fields
    return fields.get(key) or next((f for f in fields.values() if f.alias == key), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model is not None), None)


def _literals(field: FieldInfo) -> list[str]:
    return [value for value in get_args(field.annotation) if isinstance(value, str)]


def _range(field: FieldInfo) -> str:
    lowest = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    highest = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    return f"{lowest:,} or more" if highest is None else f"from {lowest:,} to {highest:,}"


def _wanted(field: FieldInfo | None, *, member: bool) -> str:
    """What `field` takes, or what each member of it is."""
    if field is None:
        return "a table"
    if member:
        return "a table" if _model_in(field.annotation) else _KINDS[str]
    kinds = (get_origin(field.annotation) or field.annotation, *get_args(field.annotation))
    return next((_KINDS[kind] for kind in kinds if kind in _KINDS), "a table")


def _shown(value: object) -> str:
    """`value` as it stands in the file, or what it is if that is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return repr(value)
    return _KINDS.get(type(value), "this")
