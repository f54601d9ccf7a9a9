"""How much of the total each output makes before the first step: one may drown all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.ports.target_spec.target_spec import TargetPort
from engine.data.table.chunks import counted_parts

Array = NDArray[Any]
DOMINANT = 0.9

# The loss of a network that has not learned: it answers about 0, or all classes alike.
_SIZES: Mapping[str, Callable[[Array], Array]] = {
    "mse": lambda values: np.square(values, dtype=np.float64),
    "mae": lambda values: np.abs(values, dtype=np.float64),
    "huber": lambda values: np.abs(values, dtype=np.float64),
    "log_cosh": lambda values: np.abs(values, dtype=np.float64),
}
_EVEN = ("categorical_crossentropy", "sparse_categorical_crossentropy")


def _start(values: Array, mask: Array | None, port: TargetPort) -> float | None:
    """Return an output's loss at the start, None where that is not known."""
    if port.loss == "binary_crossentropy":
        return log(2)
    if port.loss in _EVEN:
        return log(port.classes or 2)
    size = _SIZES.get(port.loss)
    if size is None:
        return None
    total, count = 0.0, 0
    for part in counted_parts(values, mask):
        total += float(size(part).sum())
        count += part.size
    return total / max(count, 1)


def shares(
    targets: Mapping[str, Array],
    ports: Sequence[TargetPort],
    masks: Mapping[str, Array] = MappingProxyType({}),
) -> dict[str, float]:
    """Return each output's share of the total loss at the start, {} where that is not known.

    Args:
        targets: by output, all rows.
        ports: the outputs, with loss and weight.
        masks: by output, True where its target counts; all of them count without one.
    """
    parts: dict[str, float] = {}
    for port in ports:
        known = port.name in targets
        loss = _start(targets[port.name], masks.get(port.name), port) if known else None
        if loss is None:
            return {}
        parts[port.name] = port.weight * loss
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()} if total > 0 else {}


def dominant(
    targets: Mapping[str, Array],
    ports: Sequence[TargetPort],
    standardize: Callable[[str], Mapping[str, Any] | None],
    masks: Mapping[str, Array] = MappingProxyType({}),
) -> Diagnostic | None:
    """Return a warning if one of several outputs makes nearly all of the total.

    Args:
        targets, ports, masks: as for `shares`.
        standardize: answers the edit that standardises a target.
    """
    found = shares(targets, ports, masks)
    if len(found) < 2:
        return None
    name, share = max(found.items(), key=lambda item: item[1])
    if share < DOMINANT:
        return None
    port = next(port for port in ports if port.name == name)
    weight = float(f"{port.weight * (1 - share) / share / (len(found) - 1):.2g}")
    fixes = [
        Fix(
            f"Set its loss_weight to {weight:g}, which makes it one among equals.",
            {"do": "set_params", "node": name, "params": {"loss_weight": weight}},
        ),
        Fix(
            "Let the weights find themselves: balance uncertainty in the recipe.",
            {"do": "set_recipe", "fields": {"balance": "uncertainty"}},
        ),
    ]
    if port.form == "number":
        advice = 'Standardise it: "scale": "standardize" in the data mapping.'
        fixes.insert(0, Fix(advice, standardize(name)))
    return Diagnostic(
        "loss-dominated",
        f"makes about {share:.1%} of the total loss at the start, so the others hardly count",
        severity="warning",
        node=name,
        found=", ".join(f"{each} {part:.1%}" for each, part in found.items()),
        expected=f"no output above {DOMINANT:.0%}",
        fixes=tuple(fixes),
    )
