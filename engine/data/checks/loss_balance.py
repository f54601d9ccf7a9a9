"""The share of each output in the initial total loss, and a warning if one output dominates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log
from types import MappingProxyType

import numpy as np

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.ports.target_spec import TargetSpec
from engine.data.table.array import Array
from engine.data.table.chunks import masked_row_blocks

DOMINANT_SHARE = 0.9

# The expected loss per value of an untrained network, which predicts about 0.
_DISTANCES: Mapping[str, Callable[[Array], Array]] = {
    "mse": lambda values: np.square(values, dtype=np.float64),
    "mae": lambda values: np.abs(values, dtype=np.float64),
    "huber": lambda values: np.abs(values, dtype=np.float64),
    "log_cosh": lambda values: np.abs(values, dtype=np.float64),
}
_CROSS_ENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")


def _initial_loss(values: Array, mask: Array | None, port: TargetSpec) -> float | None:
    """Return the expected loss of an output before training, None if it is not known."""
    if port.loss == "binary_crossentropy":
        return log(2)
    if port.loss in _CROSS_ENTROPIES:
        return log(port.classes or 2)
    distance = _DISTANCES.get(port.loss)
    if distance is None:
        return None
    total, count = 0.0, 0
    for part in masked_row_blocks(values, mask):
        total += float(distance(part).sum())
        count += part.size
    return total / max(count, 1)


def initial_loss_shares(
    targets: Mapping[str, Array],
    ports: Sequence[TargetSpec],
    masks: Mapping[str, Array] = MappingProxyType({}),
) -> dict[str, float]:
    """Return the expected share (0 to 1) of each output in the total loss before training.

    The result is {} if any output's loss is unknown. `targets` and `masks` have arrays by output
    name. A mask is True where a target is present; outputs without missing targets have no mask.
    """
    losses: dict[str, float] = {}
    for port in ports:
        has_target = port.name in targets
        loss = _initial_loss(targets[port.name], masks.get(port.name), port) if has_target else None
        if loss is None:
            return {}
        losses[port.name] = port.loss_weight * loss
    total = sum(losses.values())
    return {name: loss / total for name, loss in losses.items()} if total > 0 else {}


def dominant_loss_warning(
    targets: Mapping[str, Array],
    ports: Sequence[TargetSpec],
    standardize: Callable[[str], Fix],
    masks: Mapping[str, Array] = MappingProxyType({}),
) -> Diagnostic | None:
    """Return a warning if one of several outputs makes up nearly all of the total loss, else None.

    `standardize` is called with an output name; it returns the fix that standardizes the target of
    the output. The other arguments are those of `initial_loss_shares`.
    """
    shares = initial_loss_shares(targets, ports, masks)
    if len(shares) < 2:
        return None
    name, share = max(shares.items(), key=lambda item: item[1])
    if share < DOMINANT_SHARE:
        return None
    return Diagnostic.warning(
        "loss-dominated",
        f"makes up about {share:.1%} of the initial total loss and dominates the other outputs",
        standardize(name),
        node=name,
        found=", ".join(f"{output} {part:.1%}" for output, part in shares.items()),
        expected=f"no output above {DOMINANT_SHARE:.0%}",
    )
