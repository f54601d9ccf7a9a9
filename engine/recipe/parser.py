"""From a file's plain recipe to the typed one, with findings that can be mended by an edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import ParamsError
from engine.recipe.recipe import FAMILIES, NESTED, Recipe

Plain = Mapping[str, Any]
Edit = Mapping[str, Any] | None


def read_recipe(plain: Plain) -> Recipe | list[Diagnostic]:
    """Return the recipe that a project's `recipe` describes, or all that is wrong with it."""
    wrong = {field: found for field, value in plain.items() if (found := _within(field, value))}
    rest = {field: value for field, value in plain.items() if field not in wrong}
    recipe = Recipe.problems(rest)
    found = [bad for field in wrong for bad in wrong[field]]
    if isinstance(recipe, Recipe):
        return found or recipe

    def lift(edit: Edit) -> Edit:
        edit = _on_recipe(edit)
        taken = edit is not None and edit.get("to") in plain  # by a field that is wrong itself
        return None if taken else edit

    return found + [_placed(bad, "recipe", lift) for bad in recipe]


def _within(field: str, value: Any) -> list[Diagnostic]:
    """Return what is wrong inside a field that has fields of its own."""
    if field in NESTED and isinstance(value, Mapping):
        return _nested(field, value)
    if field in NESTED and value is not None:
        return [_no_mapping(field, field, value, _remove(field))]
    if field in FAMILIES and not (value is None and Recipe.model_fields[field].default is None):
        return _in_family(field, value)
    return []


def _nested(field: str, value: Plain) -> list[Diagnostic]:
    found = NESTED[field].problems(value)
    if not isinstance(found, list):
        return []

    def lift(edit: Edit) -> Edit:
        return _set(field, _edited(value, edit)) if edit else None

    return [_placed(bad, f"recipe.{field}", lift) for bad in found]


def _in_family(field: str, value: Any) -> list[Diagnostic]:
    try:
        FAMILIES[field].read(value)
    except ParamsError as error:
        params = value.get("params", {}) if isinstance(value, Mapping) else {}
        if not isinstance(params, Mapping) and str(value.get("kind")) in FAMILIES[field]:
            return [_no_mapping(field, "params", params, _set(field, value["kind"]))]

        def lift(edit: Edit) -> Edit:
            if edit is None or not isinstance(value, Mapping):
                return None
            return _set(field, {"kind": value["kind"], "params": _edited(params, edit)})

        found = [_placed(bad, f"recipe.{field}", lift) for bad in error.diagnostics]
        return [_with_kind(bad, field) if bad.code == "kind-unknown" else bad for bad in found]
    return []


def _with_kind(bad: Diagnostic, field: str) -> Diagnostic:
    """Let the nearest kind be taken by a machine."""
    nearest = nearest_word(bad.found, FAMILIES[field])
    edit = _set(field, nearest) if nearest else None
    text = f'Use "{nearest}".' if nearest else bad.fixes[0].text
    return replace(bad, fixes=(Fix(text, edit),))


def _no_mapping(field: str, param: str, value: Any, edit: Plain) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{param}" can\'t be {value!r:.60}',
        param=param,
        place=f"recipe.{field}",
        found=f"{value!r:.60}",
        expected="a mapping",
        fixes=(Fix(f"Use the defaults of {field}.", edit),),
    )


def _placed(bad: Diagnostic, place: str, lift: Callable[[Edit], Edit]) -> Diagnostic:
    fixes = tuple(Fix(fix.text, lift(fix.edit)) for fix in bad.fixes)
    return replace(bad, place=place, fixes=fixes)


def _set(field: str, value: Any) -> Plain:
    return {"do": "set_recipe", "fields": {field: value}}


def _remove(field: str) -> Plain:
    return {"do": "remove_recipe", "field": field}


def _on_recipe(edit: Edit) -> Edit:
    """Turn an edit of a node's parameters into the same one of the recipe's fields."""
    match edit:
        case {"do": "set_params", "params": params}:
            return {"do": "set_recipe", "fields": params}
        case {"do": "remove_param", "param": param}:
            return _remove(param)
        case {"do": "rename_param", "param": param, "to": to}:
            return {"do": "rename_recipe", "field": param, "to": to}
    return None


def _edited(params: Plain, edit: Edit) -> Plain:
    """Return parameters after an edit that was meant for a node's."""
    match edit:
        case {"do": "set_params", "params": new}:
            return {**params, **new}
        case {"do": "remove_param", "param": gone}:
            return {name: value for name, value in params.items() if name != gone}
        case {"do": "rename_param", "param": old, "to": to}:
            return {to if name == old else name: value for name, value in params.items()}
    return params
