"""Draws a random layer of any kind, from nothing but its declaration, with inputs that fit it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from engine.core.diagnostic import LayerError
from engine.core.spec import Length, TensorSpec
from engine.layers.base import Layer, Weight
from engine.layers.regularizer import OrthogonalRegularizer

FLAT = TensorSpec((12,))
SEQUENCE = TensorSpec((10, 6))
FREE = TensorSpec((Length("x"), 6))
MASKED = TensorSpec((10, 6), mask=True)
IMAGE = TensorSpec((9, 8, 4))
IDS = TensorSpec((7,), "int32")
STANDARD = (SEQUENCE, FLAT, IMAGE, FREE, IDS, MASKED)


def draw_layers(cls: type[Layer], count: int, seed: int = 0) -> Iterator[tuple[Layer, Any]]:
    """Yield up to `count` layers of one kind, each with specs that its shape rule accepts."""
    rng = random.Random(f"{cls.__name__}/{seed}")
    found = 0
    for _ in range(60 * count):
        layer = cls.problems(draw_params(cls, rng))
        if isinstance(layer, list):
            continue
        specs = fitting(layer, rng)
        if specs is not None:
            yield layer, specs
            found += 1
            if found == count:
                return
    assert found >= min(count, 3), f"{cls.__name__}: too few random layers fit: {found}"


def fitting(layer: Layer, rng: random.Random) -> tuple[TensorSpec, ...] | None:
    """Answer specs that the layer takes, or None."""
    ports = type(layer).ports()
    many = any(port.many for port in ports)
    standard = list(STANDARD)
    rng.shuffle(standard)
    for spec in standard:
        specs = (spec,) * (rng.randint(2, 3) if many else len(ports))
        if spec.free and len(specs) > 1:
            continue  # each of them would be an Input of its own, with a length of its own
        try:
            out = layer.infer(*specs)
        except LayerError:
            continue
        main = out if isinstance(out, TensorSpec) else next(iter(out.values()))
        if all(map(plain, layer.weights(*specs))) and (
            main.rank == 1 or not orthogonal(getattr(layer, "activity_regularizer", None))
        ):
            return specs
    return None


def plain(weight: Weight) -> bool:
    """Answer whether a weight asks nothing of its shape that only a matrix has."""
    kinds = {draw.kind for draw in weight.initializer.draws(weight.shape)}
    matrix = len(weight.shape) == 2
    return matrix or not (kinds & {"identity", "orthogonal"} or orthogonal(weight.regularizer))


def orthogonal(regularizer: object) -> bool:
    """Answer whether a regularizer speaks of rows and columns."""
    return isinstance(regularizer, OrthogonalRegularizer)


def draw_params(cls: type[Layer], rng: random.Random) -> dict[str, Any]:
    """Answer random parameters as plain JSON; about half of them are left at their defaults."""
    schema = cls.model_json_schema()
    params = {}
    for name, field in cls.model_fields.items():
        if field.is_required() or rng.random() < 0.4:
            params[name] = draw_value(schema["properties"][name], schema.get("$defs", {}), rng)
    return params


def draw_value(  # noqa: C901 - one case for each form that a JSON schema can have
    schema: dict[str, Any], defs: dict[str, Any], rng: random.Random
) -> Any:
    """Answer a random value that a field's JSON schema allows."""
    if "$ref" in schema:
        return draw_value(defs[schema["$ref"].rsplit("/", 1)[1]], defs, rng)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    if "examples" in schema:
        return rng.choice(schema["examples"])
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
