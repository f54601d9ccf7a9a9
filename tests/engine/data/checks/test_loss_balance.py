"""An output that drowns the others is told with its share, before the first step."""

import numpy as np
import pytest

from engine.data.checks.loss_balance import dominant, shares
from engine.data.ports.target_spec import TargetPort

AGE = TargetPort("age", (1,), "number", loss="mse", weight=0.25)
INCOME = TargetPort("income", (10,), "onehot", 10, "categorical_crossentropy")
GENDER = TargetPort("gender", (1,), "binary", 2, "binary_crossentropy", weight=10.0)


def rows(scale: float = 1.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "age": rng.integers(1, 100, (1000, 1)) * scale,
        "income": np.eye(10)[rng.integers(0, 10, 1000)],
        "gender": rng.integers(0, 2, (1000, 1)),
    }


def test_the_notebooks_ages_make_nearly_the_whole_total():
    found = dominant(rows(), (AGE, INCOME, GENDER), lambda name: {"do": "it", "to": name})
    assert (found.code, found.node, found.severity) == ("loss-dominated", "age", "warning")
    assert shares(rows(), (AGE, INCOME, GENDER))["age"] == pytest.approx(0.987, abs=0.005)
    assert found.fixes[0].edit == {"do": "it", "to": "age"}


def test_the_weight_that_is_offered_makes_the_outputs_equal():
    found = dominant(rows(), (AGE, INCOME, GENDER), lambda name: None)
    weight = found.fixes[1].edit["params"]["loss_weight"]
    equal = TargetPort("age", (1,), "number", loss="mse", weight=weight)
    assert shares(rows(), (equal, INCOME, GENDER))["age"] == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize(
    ("targets", "ports"),
    [
        (rows(0.01), (AGE, INCOME, GENDER)),
        (rows(), (AGE,)),
        (rows(), (TargetPort("age", (1,), "number", loss="poisson"), INCOME)),
    ],
)
def test_balanced_single_and_unknown_losses_are_left_in_peace(targets, ports):
    assert dominant(targets, ports, lambda name: None) is None
