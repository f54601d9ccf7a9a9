"""Lazy updates of embedding tables: a step updates only the rows that have a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas

STEPS = "steps"
# Of `Optimizer.update_step`, and of a function that updates some rows in one pass.
UpdateStep = Callable[[list[Tensor], list[Tensor], float, Mapping[str, list[Tensor]]], None]
RowKernel = Callable[["LazyRows", Tensor, Tensor, int, float], None]


class RowRule(NamedTuple):
    """How an optimizer updates a row with gradient g: v = decay v + growth g^2; w -= lr g / root.

    The root is sqrt(v + epsilon). Rows without a gradient keep w, and only v decays.

    Args:
        slot: name of the slot v; "" for plain gradient descent, which has none and no root.
    """

    slot: str = ""
    decay: float = 1.0
    growth: float = 1.0
    epsilon: float = 0.0


def row_rule(schema: schemas.Optimizer) -> RowRule | None:
    """Return the rule of an optimizer; None if its steps also move rows without a gradient."""
    if schema.weight_decay:
        return None
    if isinstance(schema, schemas.SGD) and not schema.momentum:
        return RowRule()
    if isinstance(schema, schemas.RMSprop) and not (schema.momentum or schema.centered):
        return RowRule("velocity", schema.rho, 1 - schema.rho, schema.epsilon)
    if isinstance(schema, schemas.Adagrad):
        return RowRule("accumulator", epsilon=schema.epsilon)
    return None


class LazyRows:
    """An embedding table of which a step updates only the rows that have a gradient.

    Invariant: after any step, catching up gives the state that dense updates would give.

    The rows of the other words keep their weights. Their slot, if it decays, is left behind:
    `state["steps"]` counts the steps that each row has had. Before a row is updated, its slot
    catches up: it is multiplied by the decay of all steps that it has missed. So the time of a step
    does not depend on the size of the vocabulary.

    Args:
        table: the embedding table (vocabulary, features).
        state: its slots by name, as in `Optimizer.state`; "steps" is added if the slot decays.
        update_step: method of the optimizer, which updates the rows.
        kernel: a function that catches up and updates the rows instead; None uses `update_step`.
    """

    def __init__(
        self,
        table: Tensor,
        state: dict[str, Tensor],
        rule: RowRule,
        update_step: UpdateStep,
        kernel: RowKernel | None = None,
    ) -> None:
        self.table, self.state, self.rule = table, state, rule
        self._update_step, self._kernel = update_step, kernel
        if rule.decay != 1:
            state[STEPS] = torch.zeros(len(table), dtype=torch.int64, device=table.device)

    def step(self, gradient: Tensor, now: int, learning_rate: float) -> None:
        """Update the rows of a sparse gradient; of a dense one, only prepare the dense update.

        Args:
            now: number of optimizer steps before this one.
        """
        if not gradient.is_sparse:
            self._catch_up(self.state, now)
            return
        rows, values = gradient.indices()[0], gradient.values()
        if self._kernel is not None:
            self._kernel(self, rows, values, now, learning_rate)
            return
        table = self.table.index_select(0, rows)
        state = {slot: tensor.index_select(0, rows) for slot, tensor in self.state.items()}
        self._catch_up(state, now)
        slots = {slot: [tensor] for slot, tensor in state.items()}
        self._update_step([values], [table], learning_rate, slots)
        self.table.index_copy_(0, rows, table)
        for slot, tensor in state.items():
            self.state[slot].index_copy_(0, rows, tensor)

    def _catch_up(self, state: Mapping[str, Tensor], now: int) -> None:
        """Decay the slot of rows for the steps that they have missed, and count the next step."""
        if STEPS in state:
            missed = now - state[STEPS]
            if missed.any():
                _decay(state[self.rule.slot], missed, self.rule)
            state[STEPS].fill_(now + 1)


def _decay(slot: Tensor, steps: Tensor, rule: RowRule) -> None:
    # Double precision, so that the power of the decay for many steps is rounded only once.
    slot.mul_(torch.pow(rule.decay, steps.double()).unsqueeze(-1).to(slot.dtype))


def convert_state(
    schema: schemas.Optimizer, state: Mapping[str, Tensor], current: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return a saved state of an optimizer, converted if not the same tables are lazy now.

    The rows of a table that was not updated lazily have missed no step. Those of a table that is
    not updated lazily any more catch up.

    Args:
        schema: settings of the optimizer.
        state: saved state, see `Optimizer.state_dict`.
        current: state of the optimizer that is to load it; its keys show which tables are lazy.
    """
    converted, now, rule = dict(state), state.get("iterations"), row_rule(schema)
    if now is None or rule is None:
        return converted
    for key in current.keys() ^ state.keys():
        if key.endswith(f"/{STEPS}") and key in current:
            converted[key] = now.expand_as(current[key])
        elif key.endswith(f"/{STEPS}"):
            slot = key.removesuffix(STEPS) + rule.slot
            converted[slot] = state[slot].clone()
            _decay(converted[slot], now - converted.pop(key), rule)
    return converted
