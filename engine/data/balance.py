"""How much of the total each output makes before the first step: one may drown all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.ports import TargetPort

Array = NDArray[Any]
DOMINANT = 0.9

# The loss of a network that has not learned: it answers about 0, or all classes alike.
_START: Mapping[str, Callable[[Array, TargetPort], float]] = {
    "mse": lambda values, port: float(np.square(values, dtype=np.float64).mean()),
    "mae": lambda values, port: float(np.abs(values, dtype=np.float64).mean()),
    "huber": lambda values, port: float(np.abs(values, dtype=np.float64).mean()),
    "log_cosh": lambda values, port: float(np.abs(values, dtype=np.float64).mean()),
    "binary_crossentropy": lambda values, port: log(2),
    "categorical_crossentropy": lambda values, port: log(port.classes or 2),
    "sparse_categorical_crossentropy": lambda values, port: log(port.classes or 2),
}


def shares(targets: Mapping[str, Array], ports: Sequence[TargetPort]) -> dict[str, float]:
    """Answer each output's share of the total loss at the start, {} where that is not known.

    Args:
        targets: by output, all rows.
        ports: the outputs, with loss and weight.
    """
    parts: dict[str, float] = {}
    for port in ports:
        if port.loss not in _START or port.name not in targets:
            return {}
        parts[port.name] = port.weight * _START[port.loss](targets[port.name], port)
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()} if total > 0 else {}


def dominant(
    targets: Mapping[str, Array],
    ports: Sequence[TargetPort],
    standardize: Callable[[str], Mapping[str, Any] | None],
) -> Diagnostic | None:
    """Answer a warning if one of several outputs makes nearly all of the total.

    Args:
        targets, ports: as for `shares`.
        standardize: answers the edit that standardises a target.
    """
    found = shares(targets, ports)
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
