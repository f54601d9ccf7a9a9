"""What a form asks for: the fields of a schema, each with the way in which it is edited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.core.registry import Registry
from engine.core.schema import Schema, describe_field

Way = Literal[
    "number", "switch", "choice", "numbers", "text", "lines", "table", "named", "several", "nested",
    "json",
]  # fmt: skip

NOTHING = "none"  # how null is called
FREE = "free"  # how it is called where it stands for a length

# Fields that few people touch; they wait under "More".
_RARE_ENDS = ("_initializer", "_regularizer", "_constraint")
_RARE = frozenset(
    {
        "seed", "unit_forget_bias", "reset_after", "go_backwards", "recurrent_dropout",
        "recurrent_activation", "noise_shape", "dilation_rate", "groups", "data_format", "epsilon",
        "amsgrad", "centered", "initial_accumulator_value", "clipnorm", "clipvalue",
        "global_clipnorm", "accumulate", "shuffle", "best", "checkpoint_every", "device",
        "precision", "threads", "reduction", "axis", "cooldown", "min_delta", "min_lr",
        "start_from_epoch", "interpolation", "fill_value",
    }
)  # fmt: skip
# What decides what a layer does is never hidden, whatever it is called.
_NEVER_RARE = frozenset({("Concatenate", "axis"), ("Softmax", "axis"), ("Recipe", "seed")})


@dataclass(frozen=True)
class Field:
    """One field of a schema, as far as a form needs to know it.

    Args:
        name: in the file.
        label: in words: "Kernel size".
        help: what it is for.
        says: what it takes: "a whole number of at least 1".
        way: how it is edited.
        required: it has no default.
        optional: null is a value.
        default: as plain JSON, None if required.
        default_text: in words, such as "on".
        whole: a number, or numbers, without fraction.
        minimum, maximum: bounds that belong to it, None where open.
        above, below: bounds that do not belong to it.
        choices: the words that it takes; a table, words that stand for a whole one.
        numbers: these words stand for numbers.
        family: what named things come from.
        schema: of its own fields.
        single, many: of "numbers": one alone will do; a list will do.
        free: null may stand in the list.
        rare: waits under "More".
    """

    name: str
    label: str
    help: str
    says: str
    way: Way
    required: bool
    optional: bool
    default: Any
    default_text: str
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    numbers: bool = False
    family: Registry[Any] | None = None
    schema: type[Schema] | None = None
    single: bool = False
    many: bool = False
    free: bool = False
    rare: bool = False


@cache
def fields_of(cls: type[Schema]) -> tuple[Field, ...]:
    """Return the fields of a schema in the order of their declaration."""
    properties = cls.model_json_schema()["properties"] if cls.model_fields else {}
    return tuple(
        _field(cls, name, info, properties[name]) for name, info in cls.model_fields.items()
    )


def words(name: str) -> str:
    """Return a field's name as words: "kernel size"."""
    return name.replace("_", " ")


def _help(text: str, free: bool) -> str:
    """Return a help in the words of the form, which has no null."""
    return re.sub(r"\bnull\b", FREE if free else NOTHING, text)


def _in_words(default: Any) -> str:
    """Return a default as the form shows it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, str):
        return default or "empty"
    return json.dumps(default) if default not in (None, [], {}) else NOTHING


def _field(cls: type[Schema], name: str, info: FieldInfo, schema: Mapping[str, Any]) -> Field:
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    family = next(_families(info), None)
    nested = next(_schemas(info.annotation), None)
    way = _way(options, family, nested)
    forms = _forms(options) if way == "numbers" else {}
    chosen = (word for option in options for word in _choices(option))
    choices = tuple(map(str, chosen if way == "table" else _choices(options[0])))
    return Field(
        name,
        words(name).capitalize(),
        _help(info.description or "", forms.get("free", False)),
        "" if way in ("named", "several", "nested") else describe_field(info, dict(schema)),
        way,
        required=info.is_required(),
        optional="anyOf" in schema and len(options) < len(schema["anyOf"]),
        default=schema.get("default"),
        default_text=_in_words(schema.get("default")),
        choices=choices,
        numbers=way == "choice" and not isinstance(_choices(options[0])[0], str),
        family=family,
        schema=nested,
        rare=_rare(cls, name) or (len(choices) == 1 and way != "table"),
        **(_bounds(options[0]) if way == "number" else {}),
        **forms,
    )


def _rare(cls: type[Schema], name: str) -> bool:
    if (cls.__name__, name) in _NEVER_RARE:
        return False
    return name in _RARE or name.endswith(_RARE_ENDS)


def _way(
    options: list[dict[str, Any]], family: Registry[Any] | None, nested: type[Schema] | None
) -> Way:
    first = options[0]
    kind = first.get("type", "")
    if family is not None:
        return "several" if kind == "array" else "named"
    if kind == "array" and "$ref" in first.get("items", {}):
        return "several"
    if nested is not None:
        return "nested"
    if any(option.get("type") == "object" for option in options):
        return "table"
    if "enum" in first or "const" in first:
        return "choice"
    if len(options) > 1 or _holds_numbers(first):
        return "numbers"
    return _PLAIN_WAYS.get(kind, "json")


_PLAIN_WAYS: Mapping[str, Way] = {
    "integer": "number",
    "number": "number",
    "boolean": "switch",
    "string": "text",
    "array": "lines",
    "object": "table",
}


def _holds_numbers(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" and "string" not in str(schema.get("items"))


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    items = schema.get("items", {})
    found = schema.get("enum") or (items.get("enum") if isinstance(items, dict) else None)
    return list(found or [])


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    whole = schema["type"] == "integer"
    minimum, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    if whole and above is not None:
        minimum, above = above + 1, None
    return {
        "whole": whole,
        "minimum": minimum,
        "maximum": schema.get("maximum"),
        "above": above,
        "below": schema.get("exclusiveMaximum"),
    }


def _forms(options: list[dict[str, Any]]) -> dict[str, Any]:
    arrays = [option for option in options if option.get("type") == "array"]
    return {
        "whole": not any("'number'" in str(option) for option in options),
        "single": any(option.get("type") in ("integer", "number") for option in options),
        "many": bool(arrays),
        "free": any("null" in str(option.get("items")) for option in arrays),
    }


def _families(info: FieldInfo) -> Iterator[Registry[Any]]:
    """Yield the families whose validator stands in the annotation, as `Family.field` puts it."""
    for part in (*info.metadata, *_parts(info.annotation)):
        owner = getattr(getattr(part, "func", None), "__self__", None)
        if isinstance(owner, Registry):
            yield owner


def _schemas(annotation: Any) -> Iterator[type[Schema]]:
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel) and issubclass(part, Schema):
            yield part


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield an annotation and all that it is made of."""
    yield annotation
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from _parts(part)
