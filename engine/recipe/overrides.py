"""`--set KEY=VALUE`: single fields of the recipe, typed by a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.schema import Schema
from engine.recipe.recipe import FAMILIES, NESTED, Recipe

Plain = Mapping[str, Any]

_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)([eE][+-]?\d+)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")  # in one way: digits may be many
_LONGEST = 400  # characters of a number; Python refuses to read some that are much longer
_PYTHON = {"True": True, "False": False, "None": None}


def with_settings(recipe: Plain, settings: Iterable[str]) -> dict[str, Any]:
    """Return a plain recipe with settings such as "optimizer.learning_rate=1e-3" put in.

    Args:
        recipe: a project's `recipe`; it stays as it is.
        settings: KEY=VALUE each, later ones over earlier ones. Values are not judged here:
            `read_recipe` says whether they fit.

    Raises:
        Refused: with one diagnostic for each setting that names no field or has no value.
    """
    changed = dict(recipe)
    found: list[Diagnostic] = []
    for setting in settings:
        try:
            changed = _put(changed, setting)
        except Refused as refusal:
            found += refusal.diagnostics
    if found:
        raise Refused(*found)
    return changed


def value_of(text: str) -> Any:
    """Return what a person means: JSON, a number in any spelling, or else the text itself."""
    text = text.strip()
    if text in _PYTHON:
        return _PYTHON[text]
    if match := _DECIMAL_COMMA.fullmatch(text):
        text = f"{match[1]}.{match[2]}{match[3] or ''}"
    if _NUMBER.fullmatch(text) and len(text) <= _LONGEST:
        number = float(text)
        whole = number.is_integer() and abs(number) < 2**53
        return int(text) if text.lstrip("+-").isdecimal() else int(number) if whole else number
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _put(recipe: Plain, setting: str) -> dict[str, Any]:
    key, equals, text = setting.partition("=")
    field, _, inner = key.strip().partition(".")
    if not equals or not text.strip():
        raise _unfit(setting, "has no value", "KEY=VALUE", f"Write --set {key or 'epochs'}=VALUE.")
    _known(setting, field, Recipe.model_fields)
    value = value_of(text)
    if not inner:
        return {**recipe, field: value}
    if field in FAMILIES:
        return {**recipe, field: _in_family(setting, field, recipe.get(field), inner, value)}
    if field not in NESTED:
        raise _unfit(setting, f'"{field}" has no fields', field, f"Write --set {field}=VALUE.")
    _known(setting, inner, NESTED[field].model_fields, f'"{field}" has no field "{inner}"')
    held = recipe.get(field)
    return {**recipe, field: {**(held if _is_mapping(held) else {}), inner: value}}


def _in_family(setting: str, field: str, held: Any, inner: str, value: Any) -> Any:
    """Return the plain optimizer or schedule with one of its parameters changed."""
    if inner == "kind":
        return value
    held = Recipe.model_fields[field].default if held is None else held
    kind, params = (held.get("kind"), held.get("params")) if _is_mapping(held) else (held, {})
    family = FAMILIES[field]
    if held is None:
        advice = f"Write --set {field}={next(iter(family))} first."
        raise _unfit(setting, f"the recipe has no {field}", f"{field} with a kind", advice)
    if isinstance(kind, str) and kind in family:
        cls: type[Schema] = family[kind]
        _known(setting, inner, cls.model_fields, f'{cls.kind()} has no parameter "{inner}"')
    return {"kind": kind, "params": {**(params if _is_mapping(params) else {}), inner: value}}


def _is_mapping(value: Any) -> TypeGuard[Plain]:
    """A file's recipe may hold anything; what is no mapping is found out when it is read."""
    return isinstance(value, Mapping)


def _known(setting: str, name: str, fields: Iterable[str], problem: str = "") -> None:
    fields = list(fields)
    if name not in fields:
        nearest = nearest_word(name, fields)
        better = f"Did you mean {nearest}?" if nearest else f"Use one of {', '.join(fields)}."
        problem = problem or f'the recipe has no field "{name}"'
        raise _unfit(setting, problem, "one of " + ", ".join(fields), better)


def _unfit(setting: str, problem: str, expected: str, advice: str) -> Refused:
    return Refused(
        Diagnostic(
            "setting-unfit",
            f"--set {setting}: {problem}",
            place="--set",
            found=setting,
            expected=expected,
            fixes=(Fix(advice),),
        )
    )
