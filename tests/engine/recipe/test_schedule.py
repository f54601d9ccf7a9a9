"""Schedules follow Keras', and a plateau cuts when Keras' callback would."""

from dataclasses import asdict
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from engine.recipe.schedule import (
    SCHEDULES,
    CosineDecay,
    ExponentialDecay,
    PlateauState,
    ReduceLROnPlateau,
    StepDecay,
)

theirs = keras.optimizers.schedules


@pytest.mark.parametrize("staircase", [False, True])
def test_exponential_decay_is_that_of_keras(staircase):
    own = ExponentialDecay(decay_steps=7, decay_rate=0.8, staircase=staircase)
    keras_own = theirs.ExponentialDecay(1.0, 7, 0.8, staircase)
    for step in range(40):
        assert own.scale(step, 0, 40) == pytest.approx(float(keras_own(step)), rel=1e-6)


@pytest.mark.parametrize("warmup", [0, 6])
@pytest.mark.parametrize("alpha", [0.0, 0.2])
def test_cosine_decay_is_that_of_keras(warmup, alpha):
    own = CosineDecay(decay_steps=20, alpha=alpha, warmup_steps=warmup)
    if warmup:
        keras_own = theirs.CosineDecay(0.0, 20, alpha=alpha, warmup_target=1.0, warmup_steps=warmup)
    else:
        keras_own = theirs.CosineDecay(1.0, 20, alpha=alpha)
    for step in range(40):
        assert own.scale(step, 0, 40) == pytest.approx(float(keras_own(step)), rel=1e-5, abs=1e-7)


def test_cosine_decay_ends_with_the_run_unless_told_otherwise():
    own = CosineDecay(warmup_steps=10)
    assert own.scale(5, 0, 110) == 0.5
    assert own.scale(10, 0, 110) == 1
    assert own.scale(60, 0, 110) == pytest.approx(0.5)
    assert own.scale(110, 0, 110) == pytest.approx(0)
    assert own.scale(0, 0, 0) == 0
    assert CosineDecay().scale(0, 0, 0) == 1


def test_step_decay_cuts_after_every_few_epochs():
    own = StepDecay(every=2, factor=0.5)
    assert [own.scale(0, epoch, 0) for epoch in range(5)] == [1, 1, 0.5, 0.5, 0.25]


def test_constant_is_the_default_and_changes_nothing():
    assert SCHEDULES.parse("Constant").scale(7, 3, 100) == 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "params",
    [
        {"patience": 2, "factor": 0.5},
        {"patience": 3, "cooldown": 2, "min_delta": 0.05},
        {"patience": 1, "min_lr": 0.004, "factor": 0.3},
        {"patience": 0, "cooldown": 1, "mode": "max"},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_plateau_cuts_when_the_callback_of_keras_does(seed, params):
    own, state = ReduceLROnPlateau(**params), PlateauState()
    callback = keras.callbacks.ReduceLROnPlateau(**{"monitor": "loss", **params})
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(0.1), metrics=[])
    callback.set_model(model)
    callback.on_train_begin()
    random = np.random.default_rng(seed)
    for epoch, loss in enumerate(np.abs(np.cumsum(random.normal(size=40))) + 1):
        state = own.update(state, {"loss": float(loss)}, 0.1)
        state = PlateauState(**asdict(state))
        callback.on_epoch_end(epoch, {"loss": float(loss)})
        rate = float(model.optimizer.learning_rate.value)
        assert 0.1 * state.factor == pytest.approx(rate, rel=1e-5)


def test_a_plateau_takes_a_score_that_is_no_number_for_no_better():
    own, state = ReduceLROnPlateau(patience=2), PlateauState()
    for loss in (float("nan"), float("-inf")):
        state = own.update(state, {"loss": loss}, 0.1)
    assert state.best is None
    assert state.factor == pytest.approx(0.1)
    assert own.update(PlateauState(), {}, 0.1).waited == 1
