"""The `--set KEY=VALUE` option: overrides of single fields of the recipe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error, nearest_word
from engine.core.schema import Schema
from engine.recipe.recipe import NESTED_FIELDS, REGISTRY_FIELDS, Recipe

JsonObject = Mapping[str, Any]

_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)([eE][+-]?\d+)?")
# Each text matches in only one way, so that long ones can't cause catastrophic backtracking.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MAX_NUMBER_LENGTH = 400  # characters of a number; Python limits the digits of integers
_PYTHON_CONSTANTS = {"True": True, "False": False, "None": None}


def apply_overrides(recipe: JsonObject, settings: Iterable[str]) -> dict[str, Any]:
    """Return a recipe as JSON with overrides such as "optimizer.learning_rate=1e-3" applied.

    Args:
        recipe: the `recipe` of a project, not modified.
        settings: texts of the form KEY=VALUE. Of two texts with the same key, the last one wins.
            The values are not validated here, but by `parse_recipe`.

    Raises:
        DiagnosticError: with a diagnostic for each setting that has an unknown field or no value.
    """
    changed = dict(recipe)
    diagnostics: list[Diagnostic] = []
    for setting in settings:
        try:
            changed = _apply(changed, setting)
        except DiagnosticError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return changed


def parse_value(text: str) -> Any:
    """Return the value that a text denotes: True, False, None, number or JSON; else the text."""
    text = text.strip()
    if text in _PYTHON_CONSTANTS:
        return _PYTHON_CONSTANTS[text]
    if match := _DECIMAL_COMMA.fullmatch(text):
        text = f"{match[1]}.{match[2]}{match[3] or ''}"
    if _NUMBER.fullmatch(text) and len(text) <= _MAX_NUMBER_LENGTH:
        number = float(text)
        if text.lstrip("+-").isdecimal():
            return int(text)
        # From 2**53 on a float no longer holds every integer.
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _apply(recipe: JsonObject, setting: str) -> dict[str, Any]:
    key, equals, text = setting.partition("=")
    field, _, inner = key.strip().partition(".")
    if not equals or not text.strip():
        advice = f"Write --set {key or 'epochs'}=VALUE."
        raise _setting_error(setting, "has no value", "KEY=VALUE", advice)
    owner = None if inner or field in Recipe.model_fields else _owner(recipe, field)
    if owner:
        problem = f'"{field}" is a field of {owner}'
        advice = f"Write --set {owner}.{field}={text.strip()}."
        raise _setting_error(setting, problem, f"{owner}.{field}=VALUE", advice)
    _check_field(setting, field, Recipe.model_fields)
    value = parse_value(text)
    if not inner:
        return {**recipe, field: value}
    current = recipe.get(field)
    if field in REGISTRY_FIELDS:
        return {**recipe, field: _set_registry_field(setting, field, current, inner, value)}
    if field not in NESTED_FIELDS:
        advice = f"Write --set {field}=VALUE."
        raise _setting_error(setting, f'"{field}" has no fields', field, advice)
    fields = NESTED_FIELDS[field].model_fields
    _check_field(setting, inner, fields, f'"{field}" has no field "{inner}"')
    return {**recipe, field: {**(current if _is_mapping(current) else {}), inner: value}}


def _owner(recipe: JsonObject, field: str) -> str | None:
    """Return the recipe field whose object has the field `field`, such as optimizer."""
    schemas: dict[str, type[Schema]] = dict(NESTED_FIELDS)
    for name, registry in REGISTRY_FIELDS.items():
        value = recipe.get(name) or Recipe.model_fields[name].default
        kind = value.get("kind") if _is_mapping(value) else value
        if isinstance(kind, str) and kind in registry:
            schemas = {name: registry[kind], **schemas}
    return next((name for name, cls in schemas.items() if field in cls.model_fields), None)


def _set_registry_field(setting: str, field: str, current: Any, inner: str, value: Any) -> Any:
    """Return `current`, the JSON of an optimizer or schedule, with `value` in its field `inner`.

    `setting` is the text of the option, for errors.
    """
    if inner == "kind":
        return value
    current = Recipe.model_fields[field].default if current is None else current
    given = current if _is_mapping(current) else {"kind": current, "params": {}}
    kind, params = given.get("kind"), given.get("params")
    registry = REGISTRY_FIELDS[field]
    if current is None:
        advice = f"Write --set {field}={next(iter(registry))} first."
        raise _setting_error(setting, f"the recipe has no {field}", f"{field} with a kind", advice)
    if isinstance(kind, str) and kind in registry:
        cls: type[Schema] = registry[kind]
        _check_field(setting, inner, cls.model_fields, f'{cls.kind()} has no field "{inner}"')
    return {"kind": kind, "params": {**(params if _is_mapping(params) else {}), inner: value}}


def _is_mapping(value: Any) -> TypeGuard[JsonObject]:
    """Return whether a value is a mapping, such as a JSON object."""
    return isinstance(value, Mapping)


def _check_field(setting: str, name: str, fields: Iterable[str], problem: str = "") -> None:
    fields = list(fields)
    if name not in fields:
        nearest = nearest_word(name, fields)
        advice = f"Did you mean {nearest}?" if nearest else f"Use one of {', '.join(fields)}."
        problem = problem or f'the recipe has no field "{name}"'
        raise _setting_error(setting, problem, "one of " + ", ".join(fields), advice)


def _setting_error(setting: str, problem: str, expected: str, advice: str) -> DiagnosticError:
    return diagnostic_error(
        "setting-unfit",
        f"--set {setting}: {problem}",
        advice,
        place="--set",
        found=setting,
        expected=expected,
    )
