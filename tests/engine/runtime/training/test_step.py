"""The gradients of a step: the sum over its rows, divided by the counts of the whole step."""

from __future__ import annotations

import numpy as np
import pytest

from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.training.training import Training
from tests.engine.runtime.small import training
from tests.engine.runtime.training.fitted import told, weights
from tests.engine.runtime.training.several_losses import rows, several_losses

WEIGHTINGS = (None, "uncertainty", {"kind": "gradnorm", "params": {"layer": "read"}})
ADAM = {"kind": "Adam", "params": {"learning_rate": 0.01, "global_clipnorm": 1.0}}


def made(batch_size: int, accumulate: int, balance: object) -> Training:
    recipe = {"batch_size": batch_size, "accumulate": accumulate, "epochs": 3, "optimizer": ADAM}
    given = several_losses(balance=balance, **recipe) if balance else several_losses(**recipe)
    data = rows()
    result = training(given, data["inputs"], data["targets"])
    context = result.device_context
    result.train = DataLoader(
        **data, batch_size=batch_size, dtype=context.dtype, device=context.device
    )
    return result


@pytest.mark.parametrize("balance", WEIGHTINGS, ids=str)
@pytest.mark.parametrize("accumulate", [2, 3])
def test_accumulated_batches_train_as_one_batch_of_all_their_rows(accumulate, balance):
    whole, parts = made(30, 1, balance), made(30 // accumulate, accumulate, balance)
    told(whole), told(parts)
    assert whole.progress.updates == parts.progress.updates == 6
    for name, value in weights(whole).items():
        np.testing.assert_allclose(weights(parts)[name], value, rtol=1e-12, atol=1e-14)
    if balance:
        for name, weight in whole.loss_weighting.values.items():
            assert parts.loss_weighting.values[name].item() == pytest.approx(weight.item(), 1e-12)
