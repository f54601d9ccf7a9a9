"""Texts about the fields of schemas for the reference and the window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.core.schema import Schema, default_text, describe_field


@dataclass(frozen=True, slots=True)
class FieldText:
    """The texts about one field; `accepts` has its type, choices and range."""

    description: str
    accepts: str
    default: str

    def __str__(self) -> str:
        return f"{self.description} Accepts {self.accepts}. Default: {self.default}."


@cache
def field_texts(cls: type[Schema]) -> dict[str, FieldText]:
    """Return the texts about each field of a schema, by name."""
    properties = cls.model_json_schema()["properties"] if cls.model_fields else {}
    return {
        name: FieldText(
            field.description or "", describe_field(field, properties[name]), default_text(field)
        )
        for name, field in cls.model_fields.items()
    }
