"""Diagnostics phrased for the Python API: they name arguments instead of fields of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix

_NULL = re.compile(r"\bnull\b")
_IN_MEMORY = "memory"  # the `place` of arrays that don't come from a file
_RECIPE = "recipe."
# A mapping from the fields of an Output to the arguments of `compile` that set them.
_ARGUMENT_BY_FIELD = {"missing": "missing", "loss_weight": "loss_weights", "labels": "labels"}


def phrase_for_python(diagnostic: Diagnostic) -> Diagnostic:
    """Return the diagnostic with texts that fit Python code. The edits of fixes stay the same."""
    place = None if diagnostic.place == _IN_MEMORY else diagnostic.place
    if place and place.startswith(_RECIPE):
        place = f'argument "{place.removeprefix(_RECIPE)}"'
    return replace(
        diagnostic,
        place=place,
        expected=_NULL.sub("None", diagnostic.expected),
        fixes=tuple(Fix(_fix_text(fix), fix.edit) for fix in diagnostic.fixes),
    )


def _fix_text(fix: Fix) -> str:
    text = _NULL.sub("None", fix.text)
    argument = _argument(fix.edit) if fix.edit else ""
    if not argument or argument in text:
        return text
    instruction, colon, detail = text.rstrip(".").partition(":")
    if not colon or "in the" in detail:  # the detail says where to write it in a file
        return f"{instruction}: {argument} in compile."
    return f"{instruction} ({argument} in compile):{detail}."


def _argument(edit: Mapping[str, Any]) -> str:
    """Return the `compile` argument that has the effect of a fix's edit: "name=value" or ""."""
    match edit:
        case {"do": "set_recipe", "fields": fields} if len(fields) == 1:
            return ", ".join(f"{name}={value!r}" for name, value in fields.items())
        case {"do": "set_mapping", "side": "targets", "node": str(output), "source": source}:
            is_scaled = isinstance(source, Mapping) and source.get("scale") == "standardize"
            return f"standardize={[output]!r}" if is_scaled else ""
        case {"do": "set_params", "node": str(output), "params": params} if len(params) == 1:
            name, value = next(iter(params.items()))
            keyword = _ARGUMENT_BY_FIELD.get(name)
            return f"{keyword}={ {output: value}!r}" if keyword else ""
        case _:
            return ""
