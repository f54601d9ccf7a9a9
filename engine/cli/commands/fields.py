"""`fields`: the reference of the fields of the data block, the recipe and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.cli.commands.options import JsonOption
from engine.cli.console.output import format_table, print_json, print_line, wrap_text
from engine.core.diagnostic import DiagnosticError
from engine.core.field_text import field_texts
from engine.core.schema import Schema
from engine.recipe.field_reference import (
    Section,
    find_fields,
    find_sections,
    sections,
    unknown_field,
)

_TYPE_HELP = 'Write a type as its name, or with fields: {"kind": NAME, "params": {FIELD: VALUE}}.'


def fields(
    name: Annotated[
        str | None, typer.Argument(help="A field, a path or a type; leave it out to list all.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Describe the fields of the data block, the recipe and outputs.

    NAME may be a field (patience), a path (recipe.optimizer) or a type (number, Adam).
    """
    chosen = find_sections(name) if name else list(sections())
    found = find_fields(name) if name else []
    if not chosen and not found:
        raise DiagnosticError(unknown_field(name or ""))
    if as_json:
        holders = [section for section, _ in found]
        print_json([section.to_dict() for section in dict.fromkeys([*holders, *chosen])])
    elif name is None:
        print_line(_overview(chosen))
        print_line(f"\n{_TYPE_HELP}\nDescribe one with: engine fields NAME")
    else:
        texts = [_field_text(section, field) for section, field in found]
        print_line("\n\n".join([*texts, *_section_texts(chosen)]))


def _overview(chosen: Sequence[Section]) -> str:
    """Return a table with the fields, or the types to choose from, of each place in a file."""
    places: dict[str, list[str]] = {}
    for section in chosen:
        names = [section.kind] if section.kind else list(section.fields)
        places.setdefault(", ".join(section.paths), []).extend(names)
    rows = [(place, ", ".join(names)) for place, names in places.items()]
    return format_table(("Place", "Fields, or available types"), rows, wrapped=True)


def _field_text(section: Section, name: str) -> str:
    paths = ", ".join(f"{path}.{name}" for path in section.paths)
    title = f"{paths} of {section.kind}" if section.kind else paths
    return f"{title}\n{wrap_text(str(section.fields[name]), '  ')}"


def _section_texts(chosen: Sequence[Section]) -> list[str]:
    if len(chosen) == 1:
        return [_section_text(chosen[0])]
    rows = [(section.kind or section.title, section.summary) for section in chosen]
    return [format_table(("Choices", "Description"), rows, wrapped=True)] if rows else []


def _section_text(section: Section) -> str:
    parts = [section.title, section.summary, field_table(section.schema)]
    return "\n\n".join(filter(None, [*parts, _TYPE_HELP if section.kind else ""]))


def field_table(schema: type[Schema]) -> str:
    """Return a table of the fields of a schema, "" if it has none."""
    rows = [
        (name, text.default, f"{text.description} Accepts {text.accepts}.")
        for name, text in field_texts(schema).items()
    ]
    return format_table(("Field", "Default", "Description"), rows, wrapped=True) if rows else ""
