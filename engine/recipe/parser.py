"""Parsing of a recipe from JSON; errors are diagnostics with fixes that change recipe fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import ParamsError
from engine.recipe.recipe import NESTED_FIELDS, REGISTRY_FIELDS, Recipe

JsonObject = Mapping[str, Any]
OptionalEdit = Mapping[str, Any] | None


def parse_recipe(plain: JsonObject) -> Recipe | list[Diagnostic]:
    """Return the recipe parsed from JSON, or diagnostics if it is invalid."""
    # Fields that contain an object with fields are validated first, then all others together.
    invalid = {field: found for field, value in plain.items() if (found := _inner(field, value))}
    rest = {field: value for field, value in plain.items() if field not in invalid}
    recipe = Recipe.try_from_params(rest)
    diagnostics = [diagnostic for field in invalid for diagnostic in invalid[field]]
    if isinstance(recipe, Recipe):
        return diagnostics or recipe

    def convert(edit: OptionalEdit) -> OptionalEdit:
        edit = _to_recipe_edit(edit)
        # A field may not be renamed to one that is present in `plain` but invalid.
        is_present = edit is not None and edit.get("to") in plain
        return None if is_present else edit

    return diagnostics + [_relocate(diagnostic, "recipe", convert) for diagnostic in recipe]


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

    def convert(edit: OptionalEdit) -> OptionalEdit:
        return _set_edit(field, _apply(value, edit)) if edit else None

    return [_relocate(diagnostic, f"recipe.{field}", convert) for diagnostic in diagnostics]


def _registry_field(field: str, value: Any) -> list[Diagnostic]:
    try:
        REGISTRY_FIELDS[field].parse(value)
    except ParamsError as error:
        params = value.get("params", {}) if isinstance(value, Mapping) else {}
        if not isinstance(params, Mapping) and str(value.get("kind")) in REGISTRY_FIELDS[field]:
            return [_not_a_mapping(field, "params", params, _set_edit(field, value["kind"]))]

        def convert(edit: OptionalEdit) -> OptionalEdit:
            if edit is None or not isinstance(value, Mapping):
                return None
            return _set_edit(field, {"kind": value["kind"], "params": _apply(params, edit)})

        found = [_relocate(item, f"recipe.{field}", convert) for item in error.diagnostics]
        return [_with_kind(item, field) if item.code == "kind-unknown" else item for item in found]
    return []


def _with_kind(diagnostic: Diagnostic, field: str) -> Diagnostic:
    """Return the "kind-unknown" diagnostic of a field; its fix sets a similar kind, if any."""
    nearest = nearest_word(diagnostic.found, REGISTRY_FIELDS[field])
    edit = _set_edit(field, nearest) if nearest else None
    text = f'Use "{nearest}".' if nearest else diagnostic.fixes[0].text
    return replace(diagnostic, fixes=(Fix(text, edit),))


def _not_a_mapping(field: str, param: str, value: Any, edit: JsonObject) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{param}" can\'t be {value!r:.60}',
        param=param,
        place=f"recipe.{field}",
        found=f"{value!r:.60}",
        expected="a mapping",
        fixes=(Fix(f"Use the defaults of {field}.", edit),),
    )


def _relocate(
    diagnostic: Diagnostic, place: str, convert: Callable[[OptionalEdit], OptionalEdit]
) -> Diagnostic:
    """Return a copy of a diagnostic with another `place`; `convert` maps the edit of each fix."""
    fixes = tuple(Fix(fix.text, convert(fix.edit)) for fix in diagnostic.fixes)
    return replace(diagnostic, place=place, fixes=fixes)


def _set_edit(field: str, value: Any) -> JsonObject:
    return {"do": "set_recipe", "fields": {field: value}}


def _remove_edit(field: str) -> JsonObject:
    return {"do": "remove_recipe", "field": field}


def _to_recipe_edit(edit: OptionalEdit) -> OptionalEdit:
    """Convert an edit of node fields to an edit of recipe fields; return None for other edits."""
    match edit:
        case {"do": "set_params", "params": params}:
            return {"do": "set_recipe", "fields": params}
        case {"do": "remove_param", "param": param}:
            return _remove_edit(param)
        case {"do": "rename_param", "param": param, "to": to}:
            return {"do": "rename_recipe", "field": param, "to": to}
    return None


def _apply(params: JsonObject, edit: OptionalEdit) -> JsonObject:
    """Return the fields `params` after `edit`, which sets, removes or renames some, or is None."""
    match edit:
        case {"do": "set_params", "params": new}:
            return {**params, **new}
        case {"do": "remove_param", "param": removed}:
            return {name: value for name, value in params.items() if name != removed}
        case {"do": "rename_param", "param": old, "to": to}:
            return {to if name == old else name: value for name, value in params.items()}
    return params
