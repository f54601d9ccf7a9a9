"""Edits of a project: fields of nodes, positions of nodes, the recipe, and the data mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.graph.edits.wire_edits import get_node, with_node
from engine.graph.model import EMPTY_MAPPING, MAX_DESCRIPTION_LENGTH, Json, Node, Project
from engine.graph.view import MAX_COORDINATE, parse_point, rename_in_view


def set_params(project: Project, node: str, params: Mapping[str, Json]) -> Project:
    """Set fields of a node, or of the weights' owner if the node shares weights."""
    owner = _weight_owner(project, node)
    return with_node(project, replace(owner, params={**owner.params, **_json_copy(params)}))


def remove_param(project: Project, node: str, param: str) -> Project:
    """Reset a field of a node to its default."""
    owner = _weight_owner(project, node)
    _require_key(owner.params, param, f"{owner.name} has no value for")
    return with_node(project, replace(owner, params=without_key(owner.params, param)))


def rename_param(project: Project, node: str, param: str, to: str) -> Project:
    """Rename a field of a node from `param` to `to`. The value of the field is kept."""
    owner = _weight_owner(project, node)
    _require_key(owner.params, param, f"{owner.name} has no value for")
    if to != param and to in owner.params:
        raise ValueError(f'{owner.name} already has a value for "{to}"')
    return with_node(project, replace(owner, params=with_renamed_key(owner.params, param, to)))


def set_off(project: Project, node: str, off: bool = True) -> Project:
    """Bypass a node, or stop bypassing it."""
    return with_node(project, replace(get_node(project, node), off=bool(off)))


def move(project: Project, places: Mapping[str, Sequence[float]]) -> Project:
    """Set canvas positions of nodes; `places` has the position [x, y] by node name."""
    entries = dict(get_mapping(project.view, "nodes"))
    for name, position in places.items():
        get_node(project, name)
        entries[name] = {**get_mapping(entries, name), "at": rounded_point(position)}
    return replace(project, view={**project.view, "nodes": entries})


def rounded_point(position: Sequence[float]) -> list[int]:
    """Return a position [x, y] in integers; raise a ValueError if it is invalid."""
    point = parse_point(position)
    if point is None:
        limit = f"{MAX_COORDINATE:,}"
        raise ValueError(f"a position is [x, y], each from -{limit} to {limit}")
    return [round(point[0]), round(point[1])]


def set_description(project: Project, text: str) -> Project:
    """Set the description of the project; "" removes it."""
    if not isinstance(text, str) or len(text) > MAX_DESCRIPTION_LENGTH:
        raise ValueError(f"a description has at most {MAX_DESCRIPTION_LENGTH:,} characters")
    return replace(project, description=text)


def set_recipe(project: Project, fields: Mapping[str, Json]) -> Project:
    """Set fields of the recipe."""
    return replace(project, recipe={**project.recipe, **_json_copy(fields)})


def remove_recipe(project: Project, field: str) -> Project:
    """Reset a field of the recipe to its default."""
    _require_key(project.recipe, field, "the recipe has no value for")
    return replace(project, recipe=without_key(project.recipe, field))


def rename_recipe(project: Project, field: str, to: str) -> Project:
    """Rename a field of the recipe from `field` to `to`. The value of the field is kept."""
    _require_key(project.recipe, field, "the recipe has no value for")
    if to != field and to in project.recipe:
        raise ValueError(f'the recipe already has a value for "{to}"')
    return replace(project, recipe=with_renamed_key(project.recipe, field, to))


def set_mapping(
    project: Project, side: str, node: str, source: Mapping[str, Json] | None
) -> Project:
    """Set the column that an Input reads, or that is the target of an Output.

    Args:
        side: "inputs" or "targets".
        node: the name of the Input or Output. It must exist if the mapping has no entry for it.
        source: such as {"column": "age"}; None means the column with the node's name.
    """
    if side not in ("inputs", "targets"):
        raise ValueError(f'side has to be "inputs" or "targets", not {side!r}')
    sources = get_mapping(project.data, side)
    if source is None:
        return replace(project, data=_with_part(project.data, side, without_key(sources, node)))
    if node not in sources:
        get_node(project, node)
    sources = {**sources, node: _json_copy(source)}
    return replace(project, data=_with_part(project.data, side, sources))


def set_file(project: Project, fields: Mapping[str, Json]) -> Project:
    """Set fields of the data file's format. A field set to None is detected on reading."""
    fields = {**get_mapping(project.data, "file"), **_json_copy(fields)}
    kept = {name: value for name, value in fields.items() if value is not None}
    return replace(project, data=_with_part(project.data, "file", kept))


def take_missing(project: Project, words: Sequence[str]) -> Project:
    """Add `words` to the words for missing values. Remove old list items that aren't strings."""
    old = get_mapping(project.data, "file").get("missing", ())
    known = [word for word in old if isinstance(word, str)] if isinstance(old, list) else []
    return set_file(project, {"missing": list(dict.fromkeys([*known, *words]))})


def set_weights(project: Project, weights: Mapping[str, Json] | None) -> Project:
    """Set the sample weights; None weights all rows equally.

    `weights` is {"column": NAME} for all outputs, or {OUTPUT: {"column": NAME}, ...}.
    """
    if not weights:
        return replace(project, data=without_key(project.data, "weights"))
    return replace(project, data={**project.data, "weights": _json_copy(weights)})


def set_split(project: Project, split: str | Mapping[str, Json] | None) -> Project:
    """Set the split into training, validation and test rows.

    `split` is a kind, or {"kind": ..., "params": ...}; None uses the recipe's validation_split.
    """
    if split is None:
        return replace(project, data=without_key(project.data, "split"))
    value = split if isinstance(split, str) else _json_copy(split)
    return replace(project, data={**project.data, "split": value})


def set_windows(project: Project, windows: Mapping[str, Json] | None) -> Project:
    """Set how the rows of time series become windows; None for independent rows."""
    if windows is None:
        return replace(project, data=without_key(project.data, "windows"))
    return replace(project, data={**project.data, "windows": _json_copy(windows)})


def rename_references(project: Project, old: str, new: str | None) -> Project:
    """Rename a node in the data mapping and the view; if `new` is None, remove the node there."""

    def updated(entries: Mapping[str, Json]) -> Mapping[str, Json]:
        if old not in entries:
            return entries
        return without_key(entries, old) if new is None else with_renamed_key(entries, old, new)

    data, view = project.data, project.view
    for side in ("inputs", "targets"):
        data = _with_part(data, side, updated(get_mapping(data, side)))
    weights = get_mapping(data, "weights")
    if not isinstance(weights.get("column"), str):  # otherwise it is one entry for all outputs
        data = _with_part(data, "weights", updated(weights))
    view = _with_part(view, "nodes", updated(get_mapping(view, "nodes")))
    return replace(project, data=data, view=rename_in_view(view, old, new))


def get_mapping(value: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    """Return the mapping under `key`, or an empty mapping if there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else EMPTY_MAPPING


def without_key(value: Mapping[str, Json], key: str) -> dict[str, Json]:
    """Return a copy of a mapping without one key."""
    return {name: item for name, item in value.items() if name != key}


def with_renamed_key(value: Mapping[str, Json], key: str, to: str) -> dict[str, Json]:
    """Return a copy of a mapping with one key renamed, in the same order."""
    kept = {name: item for name, item in value.items() if name == key or name != to}
    return {to if name == key else name: item for name, item in kept.items()}


def _with_part(value: Mapping[str, Json], key: str, part: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return `value` with the mapping `part` under `key`; if `part` is empty, without `key`."""
    if part:
        return {**value, key: part}
    return without_key(value, key) if value.get(key) else value


def _weight_owner(project: Project, name: str) -> Node:
    return project.graph.weight_owner(get_node(project, name))


def _require_key(value: Mapping[str, Json], key: str, message: str) -> None:
    if key not in value:
        raise ValueError(f'{message} "{key}"')


def _json_copy(value: Mapping[str, Json]) -> dict[str, Any]:
    """Return a deep copy of `value` as plain JSON, which later changes of `value` don't affect."""
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False))
    except TypeError as error:
        raise ValueError(f"{value!r} is not plain JSON: {error}") from None
    return copy
