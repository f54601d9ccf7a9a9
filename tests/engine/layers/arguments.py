"""Draws a random layer of any kind, from nothing but its declaration, with inputs that fit it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from engine.core.diagnostic import LayerError
from engine.core.schema import Schema
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer, Weight
from engine.layers.bidirectional import Bidirectional
from engine.layers.initializer import INITIALIZERS
from engine.layers.recurrent import RECURRENT_LAYERS, RecurrentLayer
from engine.layers.regularizer import REGULARIZERS, OrthogonalRegularizer

FLAT = TensorSpec((12,))
SEQUENCE = TensorSpec((10, 6))
FREE = TensorSpec((DynamicLength("x"), 6))
MASKED = TensorSpec((10, 6), mask=True)
IMAGE = TensorSpec((9, 8, 4))
IDS = TensorSpec((7,), "int32")
PAIRS_OF_IDS = TensorSpec((5, 2), "int32")
CURVES = ("activation", "recurrent_activation")
STANDARD = (SEQUENCE, FLAT, IMAGE, FREE, IDS, PAIRS_OF_IDS, MASKED)


def draw_layers(cls: type[Layer], count: int, seed: int = 0) -> Iterator[tuple[Layer, Any]]:
    """Yield up to `count` layers of one kind, each with specs that its shape rule accepts."""
    rng = random.Random(f"{cls.__name__}/{seed}")
    found = 0
    for _ in range(60 * count):
        layer = cls.try_from_params(draw_params(cls, rng))
        if isinstance(layer, list):
            continue
        specs = fitting(layer, rng)
        if specs is not None:
            yield layer, specs
            found += 1
            if found == count:
                return
    assert found >= min(count, 3), f"{cls.__name__}: too few random layers fit: {found}"


def draw_away(cls: type[Layer], field: str, seed: int = 0) -> Iterator[tuple[Layer, Any]]:
    """Yield random layers that have one field away from its default, the others as they come."""
    rng = random.Random(f"{cls.__name__}.{field}/{seed}")
    for _ in range(2000):
        layer = cls.try_from_params(draw_params(cls, rng, field))
        if isinstance(layer, list):
            continue
        specs = fitting(layer, rng) if field in away(layer) else None
        if specs is not None:
            yield layer, specs


def away(layer: Layer) -> set[str]:
    """Return the fields of a layer that are required, or away from their defaults."""
    usual, fields = _usual(layer), type(layer).model_fields
    return {
        name
        for name, info in fields.items()
        if info.is_required() or getattr(layer, name) != getattr(usual, name)
    }


def _usual(layer: Layer) -> Layer:
    """Return the layer with all that is not required as usual."""
    fields = type(layer).model_fields
    needed = {name: value for name, value in layer.params().items() if fields[name].is_required()}
    return type(layer).from_params(needed)


def fitting(layer: Layer, rng: random.Random) -> tuple[TensorSpec, ...] | None:
    """Return specs that the layer takes, or None."""
    if "exponential" in (getattr(one, name, "") for one in recurrences(layer) for name in CURVES):
        return None  # fed back it soon passes all numbers
    ports = type(layer).ports()
    many = any(port.many for port in ports)
    standard = list(STANDARD)
    rng.shuffle(standard)
    for spec in standard:
        loose = rng.randint(0, sum(port.optional for port in ports))
        specs = (spec,) * (rng.randint(2, 3) if many else len(ports) - loose)
        if spec.dynamic_axes and len(specs) > 1:
            continue  # each of them would be an Input of its own, with a length of its own
        try:
            out = layer.infer(*specs)
        except LayerError:
            continue
        main = out if isinstance(out, TensorSpec) else next(iter(out.values()))
        if all(map(plain, layer.weights(*specs))) and (
            main.rank == 1 or not any(map(orthogonal, layer.activity_penalties().values()))
        ):
            return specs
    return None


def recurrences(layer: Layer) -> list[RecurrentLayer]:
    """Return the recurrent layers in a layer, itself among them."""
    if isinstance(layer, Bidirectional):
        return list(layer.directions().values())
    return [layer] if isinstance(layer, RecurrentLayer) else []


def plain(weight: Weight) -> bool:
    """Return whether a weight asks nothing of its shape that only a matrix has."""
    kinds = {draw.kind for draw in weight.initializer.draws(weight.shape)}
    matrix = len(weight.shape) == 2
    return matrix or not (kinds & {"identity", "orthogonal"} or orthogonal(weight.regularizer))


def orthogonal(regularizer: object) -> bool:
    """Return whether a regularizer speaks of rows and columns."""
    return isinstance(regularizer, OrthogonalRegularizer)


def draw_params(cls: type[Schema], rng: random.Random, wanted: str = "") -> dict[str, Any]:
    """Return random parameters as plain JSON; of those not wanted half are left at their defaults.

    Args:
        cls: a layer, or anything else with fields.
        rng: whose numbers to use.
        wanted: a field that is not left at its default without need.
    """
    schema = cls.model_json_schema()
    params = {}
    for name, field in cls.model_fields.items():
        if field.is_required() or name == wanted or rng.random() < 0.4:
            params[name] = draw_value(schema["properties"][name], schema.get("$defs", {}), rng)
    return params


def draw_value(  # noqa: C901 - one case for each form that a JSON schema can have
    schema: dict[str, Any], defs: dict[str, Any], rng: random.Random
) -> Any:
    """Return a random value that a field's JSON schema allows."""
    if "$ref" in schema:
        return draw_value(defs[schema["$ref"].rsplit("/", 1)[1]], defs, rng)
    if "enum" in schema:
        return in_full(rng.choice(schema["enum"]), rng)
    if "const" in schema:
        return schema["const"]
    if "examples" in schema:
        return in_full(rng.choice(schema["examples"]), rng)
    if "anyOf" in schema or "oneOf" in schema:
        return draw_value(rng.choice(schema.get("anyOf") or schema["oneOf"]), defs, rng)
    match schema.get("type"):
        case "integer":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return rng.randint(low, min(schema.get("maximum", low + 3), low + 3))
        case "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0.0))
            high = schema.get("maximum", schema.get("exclusiveMaximum", low + 1.0))
            return round(low + (high - low) * rng.uniform(0.2, 0.8), 2)
        case "boolean":
            return rng.random() < 0.5
        case "null":
            return None
        case "string":
            return "text"
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})] * rng.randint(1, 3)
            return [draw_value(item, defs, rng) for item in items]
    raise AssertionError(f"no random value for {schema}")


def in_full(value: Any, rng: random.Random) -> Any:
    """Return what is chosen by name with parameters of its own, now and then."""
    name = value.get("kind") if isinstance(value, dict) else value
    if not isinstance(name, str):
        return value
    for family in (INITIALIZERS, REGULARIZERS, RECURRENT_LAYERS):
        if name in family and (isinstance(value, dict) or rng.random() < 0.5):
            return {"kind": name, "params": draw_params(family[name], rng)}
    return value
