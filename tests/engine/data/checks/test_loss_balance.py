"""An output that drowns the others is told with its share, before the first step."""

import numpy as np
import pytest

from engine.core.diagnostic import Fix
from engine.data.checks.loss_balance import dominant_loss_warning, initial_loss_shares
from engine.data.ports.target_spec import TargetSpec

AGE = TargetSpec("age", (1,), "number", loss="mse", loss_weight=0.25)
INCOME = TargetSpec("income", (10,), "onehot", 10, "categorical_crossentropy")
GENDER = TargetSpec("gender", (1,), "binary", 2, "binary_crossentropy", loss_weight=10.0)


def rows(scale: float = 1.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "age": rng.integers(1, 100, (1000, 1)) * scale,
        "income": np.eye(10)[rng.integers(0, 10, 1000)],
        "gender": rng.integers(0, 2, (1000, 1)),
    }


def test_the_notebooks_ages_make_nearly_the_whole_total():
    found = dominant_loss_warning(
        rows(), (AGE, INCOME, GENDER), lambda name: Fix("Do it.", {"do": "it", "to": name})
    )
    assert (found.code, found.node, found.severity) == ("loss-dominated", "age", "warning")
    assert initial_loss_shares(rows(), (AGE, INCOME, GENDER))["age"] == pytest.approx(
        0.987, abs=0.005
    )
    assert [fix.edit for fix in found.fixes] == [{"do": "it", "to": "age"}]


@pytest.mark.parametrize(
    ("targets", "ports"),
    [
        (rows(0.01), (AGE, INCOME, GENDER)),
        (rows(), (AGE,)),
        (rows(), (TargetSpec("age", (1,), "number", loss="poisson"), INCOME)),
    ],
)
def test_balanced_single_and_unknown_losses_are_left_in_peace(targets, ports):
    assert dominant_loss_warning(targets, ports, Fix) is None
