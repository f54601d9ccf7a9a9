"""Texts about the fields of schemas for the reference and the window: meaning, values, example."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic.fields import FieldInfo

from engine.core.schema import Schema, default_text, describe_field, nested_schemas


@dataclass(frozen=True, slots=True)
class FieldText:
    """The texts about one field: `accepts` has type, choices and range, `example` is JSON."""

    description: str
    accepts: str
    default: str
    example: str

    def __str__(self) -> str:
        takes = f"Takes {self.accepts}. Default: {self.default}."
        return f"{self.description} {takes} Example: {self.example}"


@cache
def field_texts(cls: type[Schema]) -> dict[str, FieldText]:
    """Return the texts about each field of a schema, by name."""
    properties = cls.model_json_schema()["properties"] if cls.model_fields else {}
    return {
        name: FieldText(
            field.description or "",
            describe_field(field, properties[name]),
            default_text(field),
            f'"{name}": {json.dumps(example_value(field, properties[name]))}',
        )
        for name, field in cls.model_fields.items()
    }


def example_params(cls: type[Schema]) -> dict[str, Any]:
    """Return values for the required fields of a schema, and for its first field."""
    fields = cls.model_fields
    first = next(iter(fields), "")
    properties = cls.model_json_schema()["properties"] if fields else {}
    names = [name for name, field in fields.items() if field.is_required() or name == first]
    return {name: example_value(fields[name], properties[name]) for name in names}


def example_value(field: FieldInfo, schema: dict[str, Any]) -> Any:
    """Return a value of a field as JSON: its example, another choice, or the default.

    `schema` is the field's entry in `model_json_schema()["properties"]`.
    """
    if field.examples:
        return field.examples[0]
    default, options = schema.get("default"), schema.get("anyOf", [schema])
    choices = [choice for option in options for choice in _choices(option)]
    if choices:
        return next((choice for choice in choices if choice != default), choices[0])
    nested = next(nested_schemas(field.annotation), None)
    return example_params(nested) if nested and not default else default


def _choices(schema: dict[str, Any]) -> list[Any]:
    if schema.get("type") == "boolean":
        return [True, False]
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
