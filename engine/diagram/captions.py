"""Captions of nodes (the important layer fields in one line), and labels of shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node
from engine.layers import catalogue
from engine.layers.base import Layer

_SEPARATOR = " · "
_MAX_LENGTH = 32  # characters of one value

FieldFormatter = Callable[[Any], str]


def caption(kind: str, params: Mapping[str, Any]) -> str:
    """Return the caption of a node: "128 filters · 5 wide · relu".

    Fields may be missing or invalid, and the layer type unknown. Invalid values appear as JSON.
    """
    cls = catalogue.find_layer_class(kind)
    parts: Iterable[str]
    if cls is None:
        parts = (f"{name} {_format(value)}" for name, value in params.items())
    elif kind == "Input":
        parts = _input(params)
    elif kind == "Output":
        parts = _output(params)
    else:
        parts = _layer_fields(cls, params)
    return _SEPARATOR.join(part for part in parts if part)


def node_family(graph: Graph, node: Node) -> str:
    """Return the layer family of a node, "" if its layer type is unknown."""
    cls = catalogue.find_layer_class(graph.weight_owner(node).kind)
    return cls.family if cls else ""


def shape_label(spec: TensorSpec) -> str:
    """Return a short label of a shape without the batch axis: "None × 256", "10", "scalar"."""
    dims = [_number(dim) if isinstance(dim, int) else "None" for dim in spec.shape]
    return " × ".join(dims) or "scalar"


def _layer_fields(cls: type[Layer], params: Mapping[str, Any]) -> Iterator[str]:
    for name, field in cls.model_fields.items():
        key = f"{cls.kind()}.{name}"
        formatter = _FORMATTERS.get(key, _FORMATTERS.get(name))
        if formatter is None:
            continue
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        value = params.get(name, default)
        is_default = type(value) is type(default) and bool(value == default)
        if key in _ALWAYS or (name in params and not is_default):
            yield formatter(value)


def _input(params: Mapping[str, Any]) -> Iterator[str]:
    dtype = params.get("dtype", "float32")
    yield _shape(params.get("shape")) + ("" if dtype == "float32" else f" {_format(dtype)}")


def _output(params: Mapping[str, Any]) -> Iterator[str]:
    loss, weight = params.get("loss"), params.get("loss_weight", 1.0)
    if loss is None:
        yield "no loss"
    else:
        yield _format(loss) + ("" if weight == 1 else f" × {_format(weight)}")
    metrics = params.get("metrics", [])
    yield from map(_format, metrics if isinstance(metrics, list) else [metrics])


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _format(value: Any) -> str:
    """Return a JSON value as a short text; for {"kind": ...}, the text is the kind."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = _number(value)
    elif isinstance(value, list):
        text = ", ".join(map(_format, value[:_MAX_LENGTH]))
    elif isinstance(value, dict) and "kind" in value:
        text = _format(value["kind"])
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"


def _as(pattern: str) -> FieldFormatter:
    return lambda value: pattern.format(_format(value))


def _counted(noun: str) -> FieldFormatter:
    return lambda value: f"{_format(value)} {noun}{'' if value == 1 else 's'}"


def _size(pattern: str) -> FieldFormatter:
    """Return a function that formats several numbers as "3 × 3", and one number by `pattern`."""

    def format_size(value: Any) -> str:
        if not isinstance(value, list):
            return pattern.format(_format(value))
        text = " × ".join(map(_format, value[:_MAX_LENGTH]))
        return text if len(value) > 1 else pattern.format(text)

    return format_size


def _step(value: Any) -> str:
    return "stride " + _size("{}")(value)


def _percent(pattern: str) -> FieldFormatter:
    def format_percent(value: Any) -> str:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return pattern.format(f"{value * 100:.4g} %" if is_number else _format(value))

    return format_percent


def _interval(pattern: str, factor: float = 100, unit: str = " %", sign: int = 1) -> FieldFormatter:
    """Return a function that formats one number as "± 10 %", and two numbers as "-10 % to 20 %".

    Args:
        pattern: the text in which the formatted numbers replace {}, such as "height {}".
        factor: each number is multiplied by this factor.
        unit: the text after each number.
        sign: 1 or -1; the first of two numbers is also multiplied by this sign.
    """

    def format_interval(value: Any) -> str:
        pair = value if isinstance(value, list) else [value]
        are_numbers = all(type(number) in (int, float) for number in pair)
        if not are_numbers or not 1 <= len(pair) <= 2:
            return pattern.format(_format(value))
        texts = [f"{number * factor:.4g}{unit}" for number in pair]
        if len(pair) == 1:
            return pattern.format(f"± {texts[0]}")
        return pattern.format(f"{sign * pair[0] * factor:.4g}{unit} to {texts[1]}")

    return format_interval


def _flag(true: str, false: str = "") -> FieldFormatter:
    return lambda value: true if value is True else false if value is False else _format(value)


def _shape(value: Any) -> str:
    if not isinstance(value, list):
        return _format(value)
    sizes = ["None" if size is None else _format(size) for size in value]
    return f"({', '.join(sizes)})" if sizes else "scalar"


def _inner(value: Any) -> str:
    """Return a nested layer as text: "LSTM, 32 units"."""
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        return _format(value)
    params = value.get("params")
    fields = caption(value["kind"], params) if isinstance(params, dict) else ""
    return ", ".join(filter(None, (_format(value["kind"]), fields.replace(_SEPARATOR, ", "))))


# Formatters for fields whose values differ from their defaults; "Kind.field" takes precedence over
# "field". Other fields, such as initializers, are shown in the inspector only.
_FORMATTERS: Mapping[str, FieldFormatter] = {
    "units": _counted("unit"),
    "filters": _counted("filter"),
    "kernel_size": _size("kernel {}"),
    "pool_size": _size("pool {}"),
    "strides": _step,
    "padding": _format,
    "ZeroPadding1D.padding": _as("pad {}"),
    "cropping": _as("crop {}"),
    "dilation_rate": _as("dilation {}"),
    "groups": _counted("group"),
    "depth_multiplier": _as("depth × {}"),
    "activation": _format,
    "input_dim": _counted("word"),
    "output_dim": _as("{} dims"),
    "mask_zero": _flag("mask zero"),
    "mask_value": _as("mask value {}"),
    "rate": _percent("{}"),
    "mode": lambda value: _format(value).replace("_", " "),
    "RandomRotation.factor": _interval("{}", 360, "°"),
    "RandomContrast.factor": _interval("{}", sign=-1),
    "RandomZoom.height_factor": _interval("{}"),
    "height_factor": _interval("height {}"),
    "width_factor": _interval("width {}"),
    "dropout": _percent("dropout {}"),
    "stddev": _as("± {}"),
    "noise_shape": _as("noise shape ({})"),
    "target_shape": _shape,
    "axis": _as("axis {}"),
    "axes": _as("axes {}"),
    "normalize": _flag("normalized"),
    "momentum": _as("momentum {}"),
    "epsilon": _as("epsilon {}"),
    "center": _flag("centered", "not centered"),
    "scale": _flag("scaled", "not scaled"),
    "keepdims": _flag("keepdims"),
    "dims": _as("axes {}"),
    "n": _as("{} times"),
    "size": _as("{} times"),
    "negative_slope": _as("slope {}"),
    "shared_axes": _as("shared along {}"),
    "num_heads": _counted("head"),
    "key_dim": _as("key dim {}"),
    "value_dim": _as("value dim {}"),
    "score_mode": _format,
    "use_scale": _flag("scaled"),
    "use_gate": _flag("gated"),
    "use_bias": _flag("bias", "no bias"),
    "use_causal_mask": _flag("causal"),
    "sliding_window": _as("window {}"),
    "layer": _inner,
    "merge_mode": _as("merge {}"),
    "return_sequences": _flag("all steps"),
    "return_state": _flag("states"),
    "go_backwards": _flag("backwards"),
}

# Fields shown even with their default value.
_ALWAYS = frozenset({
    "Concatenate.axis", "LeakyReLU.negative_slope", "MaxPooling1D.pool_size",
    "MaxPooling2D.pool_size", "Cropping1D.cropping", "ZeroPadding1D.padding", "UpSampling1D.size",
    "Masking.mask_value", "RandomFlip.mode",
})  # fmt: skip
