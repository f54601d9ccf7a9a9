"""The reference of all fields of the data block, the recipe and outputs, read from the schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_origin

from engine.core.diagnostic import Diagnostic, nearest_kind
from engine.core.field_text import FieldText, field_texts
from engine.core.registry import find_registry
from engine.core.schema import Schema, nested_schemas
from engine.layers.base import docstring_summary
from engine.layers.io import Output
from engine.recipe.data_mapping import DataMapping
from engine.recipe.recipe import Recipe

ROOTS: Mapping[str, type[Schema]] = {"data": DataMapping, "recipe": Recipe, "output": Output}


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one schema.

    Args:
        paths: where a file has an object of the schema, such as "recipe.optimizer".
        kind: the name by which a file chooses the schema from a registry, "" if there is none.
        noun: what the registry holds, such as "optimizer".
    """

    schema: type[Schema]
    paths: tuple[str, ...]
    kind: str = ""
    noun: str = ""

    @property
    def title(self) -> str:
        """The name of the section, and where its fields are written."""
        where = ", ".join(self.paths)
        return f"{self.kind} ({self.noun} in {where})" if self.kind else where

    @property
    def summary(self) -> str:
        """What the schema is for, in one sentence."""
        return docstring_summary(self.schema)

    @property
    def fields(self) -> Mapping[str, FieldText]:
        """The texts about each field."""
        return field_texts(self.schema)

    def to_dict(self) -> dict[str, Any]:
        """Return the section as plain JSON, with the JSON schema of its fields."""
        return {"paths": list(self.paths), "kind": self.kind, **self.schema.model_json_schema()}


@cache
def sections() -> tuple[Section, ...]:
    """Return all sections, each followed by those of its fields."""
    found: dict[type[Schema], Section] = {}
    for path, cls in ROOTS.items():
        for section in _walk(Section(cls, (path,))):
            first = found.setdefault(section.schema, section)
            paths = tuple(dict.fromkeys((*first.paths, *section.paths)))
            found[section.schema] = replace(first, paths=paths)
    return tuple(found.values())


def _walk(section: Section) -> Iterator[Section]:
    yield section
    for name, field in section.schema.model_fields.items():
        registry, is_mapping = find_registry(field), get_origin(field.annotation) is dict
        path = f"{section.paths[0]}.{name}{'.NAME' if is_mapping else ''}"
        if registry is not None:
            yield from (Section(registry[k], (path,), k, registry.noun) for k in registry)
            continue
        for nested in nested_schemas(field.annotation):
            yield from _walk(Section(nested, (path,)))


def find_sections(name: str) -> list[Section]:
    """Return the types with this name, or else the sections with this path or its end."""
    word = name.lower()
    types = [
        section
        for section in sections()
        if word in (section.kind.lower(), section.schema.__name__.lower())
    ]
    ends = (f".{word}", f".{word}.name")
    return types or [
        section
        for section in sections()
        if any(f".{path}".lower().endswith(ends) for path in section.paths)
    ]


def find_fields(name: str) -> list[tuple[Section, str]]:
    """Return the fields with this name or dotted path, each with its section."""
    name = name.lower()
    return [
        (section, field)
        for section in sections()
        for field in section.fields
        if name in (field, *(f"{path}.{field}".lower() for path in section.paths))
    ]


def unknown_field(name: str) -> Diagnostic:
    """Return the diagnostic for a name that the reference does not have."""
    known = {field for section in sections() for field in section.fields}
    known |= {section.kind or section.paths[0] for section in sections()}
    nearest = nearest_kind(name, sorted(known))
    advice = f"Use {nearest}." if nearest else "List them all with: engine fields"
    return Diagnostic.error(
        "param-unknown",
        f'there is no field called "{name}"',
        advice,
        found=name,
        expected="a name that `engine fields` lists",
    )
