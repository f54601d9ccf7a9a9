"""The fields of a form, derived from a pydantic schema: label, help, bounds and editor."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic.fields import FieldInfo

from engine.core.registry import Registry, find_registry
from engine.core.schema import Schema, describe_field, nested_schemas

EditorKind = Literal[
    "number", "switch", "choice", "numbers", "text", "lines", "table", "named", "several", "nested",
    "json",
]  # fmt: skip

NULL_TEXT = "none"  # the text for null
DYNAMIC_AXIS_TEXT = "None"  # the text for a dynamic axis in a shape

# Names of rarely changed fields, which are shown in the collapsed section "More".
_ADVANCED_SUFFIXES = ("_initializer", "_regularizer", "_constraint")
_ADVANCED = frozenset(
    {
        "seed", "unit_forget_bias", "reset_after", "go_backwards", "recurrent_dropout",
        "recurrent_activation", "noise_shape", "dilation_rate", "groups", "data_format", "epsilon",
        "amsgrad", "centered", "initial_accumulator_value", "clipnorm", "clipvalue",
        "global_clipnorm", "accumulate", "shuffle", "best", "checkpoint_every", "device",
        "precision", "threads", "reduction", "axis", "cooldown", "min_delta", "min_lr",
        "start_from_epoch", "interpolation", "fill_value", "prefetch", "deterministic",
        "sharded",
    }
)  # fmt: skip
# Fields that are always shown, since they define what a layer does.
_NEVER_ADVANCED = frozenset({("Concatenate", "axis"), ("Softmax", "axis"), ("Recipe", "seed")})

# Labels that are not made from the name of the field.
_LABELS = {
    "accumulate": "Gradient accumulation steps",
    "balance": "Loss balancing",
    "best": "Keep best weights",
    "checkpoint_every": "Checkpoint interval",
    "compile": "Use torch.compile",
    "sharded": "Shard the weights",
    "deterministic": "Deterministic algorithms only",
    "prefetch": "Prefetch batches to the GPU",
    "stopping": "Early stopping",
}


@dataclass(frozen=True)
class FormField:
    """The description of a schema field for a form.

    Args:
        name: the name of the field in a graph file.
        label: the label, such as "Kernel size".
        help: what the field is for.
        accepts: the accepted values, such as "an integer of at least 1".
        editor: the kind of editor.
        required: whether the field has no default.
        optional: whether null is accepted.
        default: the default as plain JSON, None if required.
        default_text: the default as text, such as "on".
        is_integer: whether only integers are accepted.
        minimum, maximum: the bounds, None if unbounded. The editor accepts an exclusive bound
            itself; the check of the graph reports it.
        choices: the accepted strings or integers. For a table of weights, the strings that are
            accepted instead of a table.
        family: the registry from which an object is chosen, such as the optimizers.
        schema: the schema of a nested object.
        accepts_scalar, accepts_list: whether a number, or a list, is accepted (editor "numbers").
        accepts_dynamic: whether the list may contain null, which means a dynamic axis.
        is_advanced: whether the field is shown in the section "More".
    """

    name: str
    label: str
    help: str
    accepts: str
    editor: EditorKind
    required: bool
    optional: bool
    default: Any
    default_text: str
    is_integer: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    family: Registry[Any] | None = None
    schema: type[Schema] | None = None
    accepts_scalar: bool = False
    accepts_list: bool = False
    accepts_dynamic: bool = False
    is_advanced: bool = False


@cache
def form_fields(cls: type[Schema]) -> tuple[FormField, ...]:
    """Return the form fields of a schema in the order of declaration."""
    properties = cls.model_json_schema()["properties"] if cls.model_fields else {}
    fields = cls.model_fields.items()
    return tuple(_field(cls, name, info, properties[name]) for name, info in fields)


def name_to_words(name: str) -> str:
    """Return the name of a field as words, such as "kernel size" for "kernel_size"."""
    return name.replace("_", " ")


def _help(text: str, accepts_dynamic: bool) -> str:
    """Return `text` with "null" as "None" if the field accepts dynamic axes, else as "none"."""
    return re.sub(r"\bnull\b", DYNAMIC_AXIS_TEXT if accepts_dynamic else NULL_TEXT, text)


def _default_text(default: Any) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, str):
        return default or "empty"
    return json.dumps(default) if default not in (None, [], {}) else NULL_TEXT


def _field(cls: type[Schema], name: str, info: FieldInfo, schema: Mapping[str, Any]) -> FormField:
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    family = find_registry(info)
    nested = next(nested_schemas(info.annotation), None)
    editor = _editor_kind(options, family, nested)
    number_forms = _number_forms(options) if editor == "numbers" else {}
    values = (word for option in options for word in _choices(option))
    choices = tuple(values if editor == "table" else _choices(options[0]))
    return FormField(
        name,
        _LABELS.get(name) or name_to_words(name).capitalize(),
        _help(info.description or "", number_forms.get("accepts_dynamic", False)),
        "" if editor in ("named", "several", "nested") else describe_field(info, dict(schema)),
        editor,
        required=info.is_required(),
        optional="anyOf" in schema and len(options) < len(schema["anyOf"]),
        default=schema.get("default"),
        default_text=_default_text(schema.get("default")),
        choices=choices,
        family=family,
        schema=nested,
        is_advanced=_is_advanced(cls, name) or (len(choices) == 1 and editor != "table"),
        **(_bounds(options[0]) if editor == "number" else {}),
        **number_forms,
    )


def _is_advanced(cls: type[Schema], name: str) -> bool:
    if (cls.__name__, name) in _NEVER_ADVANCED:
        return False
    return name in _ADVANCED or name.endswith(_ADVANCED_SUFFIXES)


def _editor_kind(
    options: list[dict[str, Any]], family: Registry[Any] | None, nested: type[Schema] | None
) -> EditorKind:
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
    if len(options) > 1 or _is_number_list(first):
        return "numbers"
    return _EDITOR_BY_TYPE.get(kind, "json")


_EDITOR_BY_TYPE: Mapping[str, EditorKind] = {
    "integer": "number",
    "number": "number",
    "boolean": "switch",
    "string": "text",
    "array": "lines",
    "object": "table",
}


def _is_number_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" and "string" not in str(schema.get("items"))


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    items = schema.get("items", {})
    found = schema.get("enum") or (items.get("enum") if isinstance(items, dict) else None)
    return list(found or [])


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    is_integer = schema["type"] == "integer"
    minimum = schema.get("minimum", schema.get("exclusiveMinimum"))
    if is_integer and "exclusiveMinimum" in schema:
        minimum += 1
    maximum = schema.get("maximum", schema.get("exclusiveMaximum"))
    return {"is_integer": is_integer, "minimum": minimum, "maximum": maximum}


def _number_forms(options: list[dict[str, Any]]) -> dict[str, Any]:
    arrays = [option for option in options if option.get("type") == "array"]
    return {
        "is_integer": not any("'number'" in str(option) for option in options),
        "accepts_scalar": any(option.get("type") in ("integer", "number") for option in options),
        "accepts_list": bool(arrays),
        "accepts_dynamic": any("null" in str(option.get("items")) for option in arrays),
    }
