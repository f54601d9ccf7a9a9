"""What merges ask of the tensors wired to them, which they refuse by name: axes, sizes, dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Fix, require
from engine.core.tensor_spec import Dtype, TensorSpec
from engine.layers.base import Layer
from engine.layers.support.insert_fixes import put


@dataclass(frozen=True)
class Wire:
    """One tensor that is merged: its port, what to call it, its spec, and its place in the port."""

    port: str
    name: str
    spec: TensorSpec
    place: int | None = None

    def through(self, kind: str, how: str, **params: Any) -> Fix:
        """Return the fix that leads it through one more layer."""
        text = f"Put a {kind} {how} between {self.name} and this node."
        return put(text, kind, self.port, self.place, **params)


def wires_of(layer: Layer, specs: Sequence[TensorSpec]) -> list[Wire]:
    """Name what is wired to a merge, and refuse fewer than two tensors or unequal ranks."""
    ports = type(layer).ports()
    if ports[0].many:
        wires = [Wire("xs", f"input {n + 1}", spec, n) for n, spec in enumerate(specs)]
    else:
        wires = [Wire(p.name, p.name, spec) for p, spec in zip(ports, specs, strict=True)]
    require(
        len(wires) >= 2,
        "too-few-inputs",
        "merges at least two tensors",
        "Wire in another tensor, or delete this node.",
        port="xs",
        found=len(wires),
        expected="two or more",
    )
    for wire in wires[1:]:
        _require_rank(wire, wires[0])
    return wires


def _require_rank(wire: Wire, other: Wire) -> None:
    low, high = sorted((wire, other), key=lambda one: one.spec.rank)
    ones = [1] * (high.spec.rank - low.spec.rank)
    shape = [*ones, *low.spec.shape]
    widen = (
        Fix(f"Bring {low.name} to {high.spec.rank} axes first.")
        if low.spec.dynamic_axes
        else low.through("Reshape", f"to {shape}", target_shape=shape)
    )
    require(
        not ones,
        "shapes-differ",
        f"{wire.name} has {wire.spec.rank} axes besides the batch, {other.name} has "
        f"{other.spec.rank}",
        widen,
        port=wire.port,
        found=listed((other, wire)),
        expected="equally many axes",
    )


def require_size(wire: Wire, other: Wire, place: int, *fixes: Fix | str) -> None:
    """Refuse two sizes along one axis; `fixes` come before the usual advice."""
    size, wanted = wire.spec.shape[place], other.spec.shape[place]
    require(
        size == wanted,
        "shapes-differ",
        f"{wire.name} has {size} on axis {place + 1}, {other.name} has {wanted}",
        *fixes,
        *_level(wire, other, place),
        port=wire.port,
        found=listed((other, wire)),
        expected=f"{wanted} on axis {place + 1} of {wire.name}",
    )


def _level(wire: Wire, other: Wire, place: int) -> Iterator[Fix | str]:
    """Yield ways to make two tensors equal along an axis."""
    size, wanted = wire.spec.shape[place], other.spec.shape[place]
    if not isinstance(size, int) or not isinstance(wanted, int):
        yield 'Make both lengths equal: padding "same" on both ways here, or one Input for both.'
        yield "Reduce each with a global pooling first."
    elif place == wire.spec.rank - 1:
        yield wire.through("Dense", f"with {wanted} units", units=wanted)
    elif place == 0 and wire.spec.rank == 2:
        longer = wire if size > wanted else other
        crop = [0, abs(size - wanted)]
        yield longer.through("Cropping1D", f"with cropping {crop}", cropping=crop)
    else:
        yield f"Bring axis {place + 1} of {wire.name} to {wanted}."


def listed(wires: Sequence[Wire]) -> str:
    """Return the tensors by name, as they are shown to a person."""
    return ", ".join(f"{wire.name} {wire.spec}" for wire in wires)


def common_dtype(specs: Sequence[TensorSpec]) -> Dtype:
    """Return what torch makes of mixed dtypes: real numbers win over ids, ids over flags."""
    ranked: tuple[Dtype, ...] = ("float32", "int32", "bool")
    return min((spec.dtype for spec in specs), key=ranked.index)
