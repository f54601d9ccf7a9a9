"""Edits of parameters, recipe, data mapping and positions; `frames` has the rest of the view."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.graph.edits.wire_edits import node_of, with_node
from engine.graph.model import EMPTY, Json, Node, Project
from engine.graph.view import FARTHEST, carried, place_of


def set_params(project: Project, node: str, params: Mapping[str, Json]) -> Project:
    """Give parameters of a node new values; on a sharing node, those of the owner."""
    owner = _owner(project, node)
    return with_node(project, replace(owner, params={**owner.params, **_plain(params)}))


def remove_param(project: Project, node: str, param: str) -> Project:
    """Let a parameter have its default again."""
    owner = _owner(project, node)
    _has(owner.params, param, f"{owner.name} has no value for")
    return with_node(project, replace(owner, params=without(owner.params, param)))


def rename_param(project: Project, node: str, param: str, to: str) -> Project:
    """Give the value of one parameter to another."""
    owner = _owner(project, node)
    _has(owner.params, param, f"{owner.name} has no value for")
    if to != param and to in owner.params:
        raise ValueError(f'{owner.name} has a value for "{to}" already')
    return with_node(project, replace(owner, params=renamed(owner.params, param, to)))


def set_off(project: Project, node: str, off: bool = True) -> Project:
    """Bypass a node, or put it back into use."""
    return with_node(project, replace(node_of(project, node), off=bool(off)))


def move(project: Project, places: Mapping[str, Sequence[float]]) -> Project:
    """Put nodes at new places on the canvas, all in one step."""
    at = dict(mapping(project.view, "nodes"))
    for name, place in places.items():
        node_of(project, name)
        point = place_of(place)
        if point is None:
            raise ValueError(f"a place is [x, y], each at most {FARTHEST:,} from 0")
        at[name] = {**mapping(at, name), "at": [round(point[0]), round(point[1])]}
    return replace(project, view={**project.view, "nodes": at})


def set_recipe(project: Project, fields: Mapping[str, Json]) -> Project:
    """Give fields of the recipe new values."""
    return replace(project, recipe={**project.recipe, **_plain(fields)})


def remove_recipe(project: Project, field: str) -> Project:
    """Let a field of the recipe have its default again."""
    _has(project.recipe, field, "the recipe has no value for")
    return replace(project, recipe=without(project.recipe, field))


def rename_recipe(project: Project, field: str, to: str) -> Project:
    """Give the value of one field of the recipe to another."""
    _has(project.recipe, field, "the recipe has no value for")
    if to != field and to in project.recipe:
        raise ValueError(f'the recipe has a value for "{to}" already')
    return replace(project, recipe=renamed(project.recipe, field, to))


def set_mapping(
    project: Project, side: str, node: str, source: Mapping[str, Json] | None
) -> Project:
    """Say which column feeds an Input, or is the target of an Output.

    Args:
        project: the project.
        side: "inputs" or "targets".
        node: the name of the Input or Output; one that is gone may still be taken out.
        source: such as {"column": "age"}; None goes back to the column of the node's own name.
    """
    if side not in ("inputs", "targets"):
        raise ValueError(f'a side is "inputs" or "targets", not {side!r}')
    named = mapping(project.data, side)
    if source is None:
        return replace(project, data=_put(project.data, side, without(named, node)))
    node_of(project, node)
    return replace(project, data=_put(project.data, side, {**named, node: _plain(source)}))


def set_file(project: Project, fields: Mapping[str, Json]) -> Project:
    """Say how the data's file is written, where that is not detected.

    Args:
        project: the project.
        fields: such as {"delimiter": ";"}; None lets a field be detected again.
    """
    told = {**mapping(project.data, "file"), **_plain(fields)}
    kept = {name: value for name, value in told.items() if value is not None}
    return replace(project, data=_put(project.data, "file", kept))


def take_missing(project: Project, words: Sequence[str]) -> Project:
    """Take words as empty cells, beside those that the file is known to use.

    What stands there and is no word goes.
    """
    found = mapping(project.data, "file").get("missing", ())
    known = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    return set_file(project, {"missing": list(dict.fromkeys([*known, *words]))})


def set_weights(project: Project, weights: Mapping[str, Json] | None) -> Project:
    """Say how much each row counts.

    Args:
        project: the project.
        weights: {"column": "weight"} for all outputs, or such an entry by the name of each; None
            lets all rows count the same.
    """
    if not weights:
        return replace(project, data=without(project.data, "weights"))
    return replace(project, data={**project.data, "weights": _plain(weights)})


def set_split(project: Project, split: str | Mapping[str, Json] | None) -> Project:
    """Say which rows are held back.

    Args:
        project: the project.
        split: a kind, or {"kind": ..., "params": ...}; None goes by the recipe alone.
    """
    if split is None:
        return replace(project, data=without(project.data, "split"))
    plain = split if isinstance(split, str) else _plain(split)
    return replace(project, data={**project.data, "split": plain})


def rename_places(project: Project, old: str, new: str | None) -> Project:
    """Carry a node's new name into data mapping and view, or take it out of them at None."""

    def turned(named: Mapping[str, Json]) -> Mapping[str, Json]:
        if old not in named:
            return named
        return without(named, old) if new is None else renamed(named, old, new)

    data, view = project.data, project.view
    for side in ("inputs", "targets"):
        data = _put(data, side, turned(mapping(data, side)))
    weights = mapping(data, "weights")
    if not isinstance(weights.get("column"), str):  # else they hold for all outputs
        data = _put(data, "weights", turned(weights))
    view = _put(view, "nodes", turned(mapping(view, "nodes")))
    return replace(project, data=data, view=carried(view, old, new))


def mapping(value: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    """Return the mapping under `key`, an empty one if there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else EMPTY


def without(value: Mapping[str, Json], key: str) -> dict[str, Json]:
    """Return a mapping without one key."""
    return {name: item for name, item in value.items() if name != key}


def renamed(value: Mapping[str, Json], key: str, to: str) -> dict[str, Json]:
    """Return a mapping with one key called otherwise, at its old place."""
    kept = {name: item for name, item in value.items() if name == key or name != to}
    return {to if name == key else name: item for name, item in kept.items()}


def _put(value: Mapping[str, Json], key: str, part: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return `value` with one part replaced; a part that became empty goes."""
    if part:
        return {**value, key: part}
    return without(value, key) if value.get(key) else value


def _owner(project: Project, name: str) -> Node:
    return project.graph.layer_node(node_of(project, name))


def _has(value: Mapping[str, Json], key: str, lack: str) -> None:
    if key not in value:
        raise ValueError(f'{lack} "{key}"')


def _plain(value: Mapping[str, Json]) -> dict[str, Any]:
    """Return a copy made of plain JSON, so that nothing can change it later.

    Raises:
        ValueError: JSON can't say it.
    """
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False))
    except TypeError as error:
        raise ValueError(f"{value!r} is no plain JSON: {error}") from None
    return copy
