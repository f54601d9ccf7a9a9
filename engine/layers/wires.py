"""What merges ask of the tensors wired to them, which they refuse by name: axes, sizes, dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.core.diagnostic import Fix, require
from engine.core.spec import Dtype, TensorSpec
from engine.layers.base import Layer


@dataclass(frozen=True)
class Wire:
    """One tensor that is merged: its port, what to call it, and its spec."""

    port: str
    name: str
    spec: TensorSpec


def wires_of(layer: Layer, specs: Sequence[TensorSpec]) -> list[Wire]:
    """Name what is wired to a merge, and refuse fewer than two tensors or unequal ranks."""
    ports = type(layer).ports()
    if ports[0].many:
        wires = [Wire("xs", f"input {n}", spec) for n, spec in enumerate(specs, 1)]
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
    widen = (
        f"Bring {low.name} to {high.spec.rank} axes first."
        if low.spec.free
        else f"Put a Reshape to {[*ones, *low.spec.shape]} between {low.name} and this node."
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


def _level(wire: Wire, other: Wire, place: int) -> Iterator[str]:
    """Yield ways to make two tensors equal along an axis."""
    size, wanted = wire.spec.shape[place], other.spec.shape[place]
    if not isinstance(size, int) or not isinstance(wanted, int):
        yield 'Make both lengths equal: padding "same" on both ways here, or one Input for both.'
        yield "Reduce each with a global pooling first."
    elif place == wire.spec.rank - 1:
        yield f"Put a Dense with {wanted} units between {wire.name} and this node."
    elif place == 0 and wire.spec.rank == 2:
        longer = wire if size > wanted else other
        crop = [0, abs(size - wanted)]
        yield f"Put a Cropping1D with cropping {crop} between {longer.name} and this node."
    else:
        yield f"Bring axis {place + 1} of {wire.name} to {wanted}."


def listed(wires: Sequence[Wire]) -> str:
    """Answer the tensors by name, as they are shown to a person."""
    return ", ".join(f"{wire.name} {wire.spec}" for wire in wires)


def common_dtype(specs: Sequence[TensorSpec]) -> Dtype:
    """Answer what torch makes of mixed dtypes: real numbers win over ids, ids over flags."""
    ranked: tuple[Dtype, ...] = ("float32", "int32", "bool")
    return min((spec.dtype for spec in specs), key=ranked.index)
