"""Findings in the words of someone who writes Python: arguments in the place of a file's fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix

_NULL = re.compile(r"\bnull\b")
_IN_MEMORY = "memory"  # the place of arrays that came from no file
_RECIPE = "recipe."
# What `compile` calls by output what a file writes into each Output.
_BY_OUTPUT = {"missing": "missing", "loss_weight": "loss_weights", "labels": "labels"}


def in_python(found: Diagnostic) -> Diagnostic:
    """Return a finding that says what to write in Python; its edits stay as they are."""
    place = None if found.place == _IN_MEMORY else found.place
    if place and place.startswith(_RECIPE):
        place = f'argument "{place.removeprefix(_RECIPE)}"'
    return replace(
        found,
        place=place,
        expected=_NULL.sub("None", found.expected),
        fixes=tuple(Fix(_text(fix), fix.edit) for fix in found.fixes),
    )


def _text(fix: Fix) -> str:
    text = _NULL.sub("None", fix.text)
    argument = _argument(fix.edit) if fix.edit else ""
    if not argument or argument in text:
        return text
    what, colon, more = text.rstrip(".").partition(":")
    if not colon or "in the" in more:  # how a file would say it
        return f"{what}: {argument} in compile."
    return f"{what} ({argument} in compile):{more}."


def _argument(edit: Mapping[str, Any]) -> str:
    """Return the argument of `compile` that does an edit, "" if none does."""
    match edit:
        case {"do": "set_recipe", "fields": fields} if len(fields) == 1:
            return ", ".join(f"{name}={value!r}" for name, value in fields.items())
        case {"do": "set_mapping", "side": "targets", "node": str(output), "source": source}:
            scaled = isinstance(source, Mapping) and source.get("scale") == "standardize"
            return f"standardize={[output]!r}" if scaled else ""
        case {"do": "set_params", "node": str(output), "params": params} if len(params) == 1:
            name, value = next(iter(params.items()))
            return f"{_BY_OUTPUT[name]}={ {output: value}!r}" if name in _BY_OUTPUT else ""
        case _:
            return ""
