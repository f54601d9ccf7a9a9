"""Requirements that merge layers have for their inputs: number of axes, sizes, dtypes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Fix, layer_error, require
from engine.core.tensor_spec import Dim, TensorSpec
from engine.layers.base import Layer
from engine.layers.support.insert_fixes import insert_layer_fix


@dataclass(frozen=True)
class MergeInput:
    """An input of a merge layer. `index` is its wire's index, or None at a port for one wire."""

    port: str
    name: str
    spec: TensorSpec
    index: int | None = None

    def insert_fix(self, kind: str, how: str, **params: Any) -> Fix:
        """Return the fix that inserts a `kind` layer between this input and the merge layer.

        `params` are the layer's fields. `how` describes them in the fix text: "with 8 units".
        """
        text = f"Insert a {kind} {how} between {self.name} and this node."
        return insert_layer_fix(text, kind, self.port, self.index, **params)


def merge_inputs(layer: Layer, specs: Sequence[TensorSpec]) -> list[MergeInput]:
    """Return a merge layer's inputs. Raise LayerError for fewer than two, or for unequal ranks."""
    ports = type(layer).ports()
    if ports[0].many:
        wires = [MergeInput("xs", f"input {n + 1}", spec, n) for n, spec in enumerate(specs)]
    else:
        wires = [MergeInput(p.name, p.name, spec) for p, spec in zip(ports, specs, strict=True)]
    require(
        len(wires) >= 2,
        "too-few-inputs",
        "needs at least two tensors",
        "Connect another tensor, or delete this node.",
        port="xs",
        found=len(wires),
        expected="two or more",
    )
    for wire in wires[1:]:
        _require_rank(wire, wires[0])
    return wires


def _require_rank(wire: MergeInput, other: MergeInput) -> None:
    if wire.spec.rank == other.spec.rank:
        return
    low, high = sorted((wire, other), key=lambda wire: wire.spec.rank)
    added_axes = [1] * (high.spec.rank - low.spec.rank)
    shape = [*added_axes, *low.spec.shape]
    reshape_fix = (
        Fix(f"Reshape {low.name} to {high.spec.rank} axes first.")
        if low.spec.dynamic_axes
        else low.insert_fix("Reshape", f"to {shape}", target_shape=shape)
    )
    raise layer_error(
        "shapes-differ",
        f"{wire.name} has {wire.spec.rank} axes besides the batch, {other.name} has "
        f"{other.spec.rank}",
        reshape_fix,
        port=wire.port,
        found=describe_inputs((other, wire)),
        expected="the same number of axes",
    )


def require_equal_size(
    wire: MergeInput, other: MergeInput, index: int, fixes: Iterable[Fix] = ()
) -> None:
    """Raise LayerError if the sizes of two inputs differ along axis `index` of their shapes.

    The shapes have no batch axis. The error lists `fixes` before the default fixes.
    """
    size, expected = wire.spec.shape[index], other.spec.shape[index]
    if size == expected:
        return
    raise layer_error(
        "shapes-differ",
        f"{wire.name} has {_size_text(size)} on axis {index + 1}, {other.name} has "
        f"{_size_text(expected)}",
        *fixes,
        *_equal_size_fixes(wire, other, index),
        port=wire.port,
        found=describe_inputs((other, wire)),
        expected=f"{expected} on axis {index + 1} of {wire.name}",
    )


def _size_text(size: Dim) -> str:
    return f"size {size}" if isinstance(size, int) else f'the length of "{size}"'


def _equal_size_fixes(wire: MergeInput, other: MergeInput, index: int) -> Iterator[Fix | str]:
    """Yield a fix, or advice as a str, to make the sizes of two inputs on axis `index` equal."""
    size, expected = wire.spec.shape[index], other.spec.shape[index]
    if not isinstance(size, int) or not isinstance(expected, int):
        yield 'Make both lengths equal: use padding "same" on both branches, or one Input for both.'
        yield "Reduce each with a global pooling first."
    elif index == wire.spec.rank - 1:
        yield wire.insert_fix("Dense", f"with {expected} units", units=expected)
    elif index == 0 and wire.spec.rank == 2:
        longer = wire if size > expected else other
        crop = [0, abs(size - expected)]
        yield longer.insert_fix("Cropping1D", f"with cropping {crop}", cropping=crop)
    else:
        yield f"Change axis {index + 1} of {wire.name} to size {expected}."


def describe_inputs(wires: Sequence[MergeInput]) -> str:
    """Return the names and specs of inputs as text for a diagnostic."""
    return ", ".join(f"{wire.name} {wire.spec}" for wire in wires)
