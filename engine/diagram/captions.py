"""One line on a card: the parameters that matter, in words; and the short form of a shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.layers import catalogue
from engine.layers.base import Layer

_BETWEEN = " · "
_LONGEST = 32  # characters of one value
_KEPT = 8192  # captions remembered

Say = Callable[[Any], str]


def caption(kind: str, params: Mapping[str, Any]) -> str:
    """Return what a node's card says under its name: "128 filters · 5 wide · relu".

    Parameters may be wrong or missing, and the kind unknown; what makes no sense is shown as it is.
    """
    return _caption(kind, json.dumps(dict(params), default=str))


def chip(spec: TensorSpec) -> str:
    """Return a shape in few characters, the batch left out: "free × 256", "10", "one number"."""
    dims = [_number(dim) if isinstance(dim, int) else "free" for dim in spec.shape]
    return " × ".join(dims) or "one number"


@lru_cache(_KEPT)
def _caption(kind: str, text: str) -> str:
    params = json.loads(text)
    cls = catalogue.find(kind)
    said: Iterable[str]
    if cls is None:
        said = (f"{name} {_shown(value)}" for name, value in params.items())
    elif kind in _ENDS:
        said = _ENDS[kind](params)
    else:
        said = _fields(cls, params)
    return _BETWEEN.join(part for part in said if part)


def _fields(cls: type[Layer], params: Mapping[str, Any]) -> Iterator[str]:
    for name, field in cls.model_fields.items():
        own = f"{cls.kind()}.{name}"
        say = _SAYS.get(own, _SAYS.get(name))
        if say is None:
            continue
        if name in params:
            if field.is_required() or own in _ALWAYS or not _same(params[name], field.default):
                yield say(params[name])
        elif own in _ALWAYS:
            yield say([*field.default] if isinstance(field.default, tuple) else field.default)


def _same(value: Any, default: Any) -> bool:
    plain = list(default) if isinstance(default, tuple) else default
    return type(value) is type(plain) and bool(value == plain)


def _input(params: Mapping[str, Any]) -> Iterator[str]:
    dtype = params.get("dtype", "float32")
    yield _shape(params.get("shape")) + ("" if dtype == "float32" else f" {_shown(dtype)}")


def _output(params: Mapping[str, Any]) -> Iterator[str]:
    loss, weight = params.get("loss"), params.get("loss_weight", 1.0)
    if loss is None:
        yield "only predicts"
    else:
        yield _shown(loss) + ("" if weight == 1 else f" × {_shown(weight)}")
    metrics = params.get("metrics", [])
    yield from map(_shown, metrics if isinstance(metrics, list) else [metrics])


_ENDS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "Input": _input,
    "Output": _output,
}


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    """Return any JSON value in a few characters; a thing with a kind by its name."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = _number(value)
    elif isinstance(value, list):
        text = ", ".join(map(_shown, value[:_LONGEST]))
    elif isinstance(value, dict) and "kind" in value:
        text = _shown(value["kind"])
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _as(pattern: str) -> Say:
    return lambda value: pattern.format(_shown(value))


def _counted(noun: str) -> Say:
    return lambda value: f"{_shown(value)} {noun}{'' if value == 1 else 's'}"


def _size(pattern: str) -> Say:
    """Say one number by the pattern, and several as "3 × 3"."""

    def say(value: Any) -> str:
        if not isinstance(value, list):
            return pattern.format(_shown(value))
        text = " × ".join(map(_shown, value[:_LONGEST]))
        return text if len(value) > 1 else pattern.format(text)

    return say


def _step(value: Any) -> str:
    return "step " + _size("{}")(value)


def _share(pattern: str) -> Say:
    def say(value: Any) -> str:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return pattern.format(f"{value * 100:.4g} %" if number else _shown(value))

    return say


def _reach(pattern: str, times: float = 100, unit: str = " %", less: int = 1) -> Say:
    """Say one number as "± 10 %", two as "-10 % to 20 %"; `less` is the sign of the first."""

    def say(value: Any) -> str:
        pair = value if isinstance(value, list) else [value]
        known = all(type(each) in (int, float) for each in pair)
        if not known or not 1 <= len(pair) <= 2:
            return pattern.format(_shown(value))
        said = [f"{each * times:.4g}{unit}" for each in pair]
        if len(pair) == 1:
            return pattern.format(f"± {said[0]}")
        return pattern.format(f"{less * pair[0] * times:.4g}{unit} to {said[1]}")

    return say


def _words(value: Any) -> str:
    return _shown(value).replace("_", " ")


def _if(word: str, unless: str = "") -> Say:
    return lambda value: word if value is True else unless if value is False else _shown(value)


def _shape(value: Any) -> str:
    if not isinstance(value, list):
        return _shown(value)
    sizes = ["free" if size is None else _shown(size) for size in value]
    return f"({', '.join(sizes)})" if sizes else "one number"


def _inner(value: Any) -> str:
    """Say a layer inside a layer: "LSTM, 32 units"."""
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        return _shown(value)
    params = value.get("params")
    inside = caption(value["kind"], params) if isinstance(params, dict) else ""
    return ", ".join([_shown(value["kind"]), *([inside.replace(_BETWEEN, ", ")] if inside else [])])


# How a parameter is said that has not its default; "Kind.field" goes before "field". What is not
# here, such as initialisers, is left to the form.
_SAYS: Mapping[str, Say] = {
    "units": _counted("unit"),
    "filters": _counted("filter"),
    "kernel_size": _size("{} wide"),
    "pool_size": _size("{} wide"),
    "strides": _step,
    "padding": _shown,
    "ZeroPadding1D.padding": _as("{} added"),
    "cropping": _as("{} cut"),
    "dilation_rate": _as("dilated {}"),
    "groups": _counted("group"),
    "depth_multiplier": _as("depth × {}"),
    "activation": _shown,
    "input_dim": _counted("word"),
    "output_dim": _as("{} wide"),
    "mask_zero": _if("masks 0"),
    "mask_value": _as("masks {}"),
    "rate": _share("{}"),
    "mode": _words,
    "RandomRotation.factor": _reach("{}", 360, "°"),
    "RandomContrast.factor": _reach("{}", less=-1),
    "RandomZoom.height_factor": _reach("{}"),
    "height_factor": _reach("height {}"),
    "width_factor": _reach("width {}"),
    "dropout": _share("dropout {}"),
    "stddev": _as("± {}"),
    "noise_shape": _as("noise of ({})"),
    "target_shape": _shape,
    "axis": _as("axis {}"),
    "axes": _as("axes {}"),
    "normalize": _if("normalised"),
    "momentum": _as("momentum {}"),
    "epsilon": _as("epsilon {}"),
    "center": _if("centred", "not centred"),
    "scale": _if("scaled", "not scaled"),
    "keepdims": _if("keeps axes"),
    "dims": _as("axes {}"),
    "n": _as("{} times"),
    "size": _as("{} times"),
    "negative_slope": _as("slope {}"),
    "shared_axes": _as("shared along {}"),
    "num_heads": _counted("head"),
    "key_dim": _as("keys {} wide"),
    "value_dim": _as("values {} wide"),
    "score_mode": _shown,
    "use_scale": _if("scaled"),
    "use_gate": _if("gated"),
    "use_bias": _if("bias", "no bias"),
    "use_causal_mask": _if("causal"),
    "sliding_window": _as("window {}"),
    "layer": _inner,
    "merge_mode": _as("merged by {}"),
    "return_sequences": _if("every step"),
    "return_state": _if("states"),
    "go_backwards": _if("backwards"),
}

# Told even at the default: without it the card would say too little.
_ALWAYS = frozenset({
    "Concatenate.axis", "LeakyReLU.negative_slope", "MaxPooling1D.pool_size",
    "MaxPooling2D.pool_size", "Cropping1D.cropping", "ZeroPadding1D.padding", "UpSampling1D.size",
    "Masking.mask_value", "RandomFlip.mode",
})  # fmt: skip
