"""Parsing of a recipe from JSON; errors are diagnostics with fixes that change recipe fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, Edit, Fix
from engine.core.registry import apply_registry_edit
from engine.core.schema import ParamsError, apply_field_edit, invalid_value
from engine.recipe.recipe import NESTED_FIELDS, REGISTRY_FIELDS, Recipe

JsonObject = Mapping[str, Any]


def parse_recipe(plain: JsonObject) -> Recipe | list[Diagnostic]:
    """Return the recipe parsed from JSON, or diagnostics if it is invalid."""
    # Fields that contain an object with fields are validated first, then all others together.
    invalid = {field: found for field, value in plain.items() if (found := _inner(field, value))}
    rest = {field: value for field, value in plain.items() if field not in invalid}
    recipe = Recipe.try_from_params(rest)
    diagnostics = [diagnostic for field in invalid for diagnostic in invalid[field]]
    if isinstance(recipe, Recipe):
        return diagnostics or recipe

    def convert(edit: Edit) -> Edit | None:
        # A field may not be renamed to one that is present in `plain` but invalid.
        return None if edit.get("to") in plain else _to_recipe_edit(edit)

    return diagnostics + [diagnostic.at_place("recipe", convert) for diagnostic in recipe]


def _inner(field: str, value: Any) -> list[Diagnostic]:
    """Return the errors in `value` if `field` takes an object, such as an optimizer; else []."""
    if field in NESTED_FIELDS and isinstance(value, Mapping):
        return _nested(field, value)
    if field in NESTED_FIELDS and value is not None:
        return [_not_a_mapping(field, field, value, _remove_edit(field))]
    if field not in REGISTRY_FIELDS:
        return []
    is_left_out = value is None and Recipe.model_fields[field].default is None
    return [] if is_left_out else _registry_field(field, value)


def _nested(field: str, value: JsonObject) -> list[Diagnostic]:
    diagnostics = NESTED_FIELDS[field].try_from_params(value)
    if not isinstance(diagnostics, list):
        return []

    def convert(edit: Edit) -> Edit:
        return _set_edit(field, apply_field_edit(value, edit))

    return [diagnostic.at_place(f"recipe.{field}", convert) for diagnostic in diagnostics]


def _registry_field(field: str, value: Any) -> list[Diagnostic]:
    try:
        REGISTRY_FIELDS[field].parse(value)
    except ParamsError as error:
        params = value.get("params", {}) if isinstance(value, Mapping) else {}
        if not isinstance(params, Mapping) and str(value.get("kind")) in REGISTRY_FIELDS[field]:
            return [_not_a_mapping(field, "params", params, _set_edit(field, value["kind"]))]

        def convert(edit: Edit) -> Edit:
            return _set_edit(field, apply_registry_edit(value, edit))

        return [item.at_place(f"recipe.{field}", convert) for item in error.diagnostics]
    return []


def _not_a_mapping(field: str, param: str, value: Any, edit: JsonObject) -> Diagnostic:
    fix = Fix(f"Use the defaults of {field}.", edit)
    return invalid_value(param, value, f"recipe.{field}", fix, param=param)


def _set_edit(field: str, value: Any) -> JsonObject:
    return {"do": "set_recipe", "fields": {field: value}}


def _remove_edit(field: str) -> JsonObject:
    return {"do": "remove_recipe", "field": field}


def _to_recipe_edit(edit: Edit) -> Edit | None:
    """Convert an edit of node fields to an edit of recipe fields; return None for other edits."""
    match edit:
        case {"do": "set_params", "params": params}:
            return {"do": "set_recipe", "fields": params}
        case {"do": "remove_param", "param": param}:
            return _remove_edit(param)
        case {"do": "rename_param", "param": param, "to": to}:
            return {"do": "rename_recipe", "field": param, "to": to}
    return None
