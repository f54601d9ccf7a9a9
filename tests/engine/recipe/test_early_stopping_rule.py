"""The best epoch and the end of a run are what the rule says, worked by hand and against Keras."""

from dataclasses import asdict
from types import SimpleNamespace

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.early_stopping_rule import BestEpochRule, EarlyStopping, Monitor, StoppingState
from engine.recipe.score_names import (
    is_improvement,
    monitored_scores,
    score_sign,
    unknown_score_diagnostics,
)
from tests.tiers import noted

NAN, INF = float("nan"), float("inf")
AGE, ACC = "age/mae", "sex/accuracy"


def judged(rule, epochs):
    """Return the best epochs, and the one at which the rule stops (None: it never does)."""
    state, best = StoppingState(), []
    for epoch, scores in enumerate(epochs):
        state, decision = rule.update(state, scores, epoch)
        state = StoppingState(**asdict(state))
        assert decision.reason
        if decision.best:
            best.append(epoch)
        if decision.stop:
            return best, epoch
    return best, None


def losses(*values):
    return [{"loss": value} for value in values]


def pairs(*values):
    return [{AGE: age, ACC: accuracy} for age, accuracy in values]


TABLE = [
    (BestEpochRule(), losses(3, 2, 2, 1), [0, 1, 3]),
    (
        BestEpochRule(monitors=(Monitor(name="loss", min_delta=0.5),)),
        losses(3, 2.6, 2.4, 2),
        [0, 2],
    ),
    (BestEpochRule(monitors=(ACC,)), [{ACC: a} for a in (0.5, 0.4, 0.6)], [0, 2]),
    (
        BestEpochRule(monitors=(Monitor(name=ACC, mode="min"),)),
        [{ACC: a} for a in (0.5, 0.4, 0.6)],
        [0, 1],
    ),
    (BestEpochRule(), losses(NAN, 5, NAN, -INF, 4), [1, 4]),
    (BestEpochRule(), [{}, {"other": 1}, {"loss": 1}], [2]),
    (BestEpochRule(monitors=(AGE, ACC)), pairs((3, 0.5), (4, 0.6), (4, 0.6), (2, 0.1)), [0, 1, 3]),
    (
        BestEpochRule(monitors=(AGE, ACC), combine="all"),
        pairs((3, 0.5), (2, 0.4), (4, 0.6), (2.9, 0.51), (2, 0.6)),
        [0, 3, 4],
    ),
    (BestEpochRule(monitors=(AGE, ACC), combine="all"), pairs((3, NAN), (3, 0.5)), [1]),
    (
        BestEpochRule(
            monitors=(Monitor(name=AGE, weight=1), Monitor(name=ACC, weight=10)), combine="weighted"
        ),
        pairs((3, 0.5), (4, 0.7), (2, 0.6), (1, NAN), (1, 0.5)),  # sums -2, -3, -4, nan, -4
        [0, 1, 2],
    ),
]


def test_the_best_epochs_are_those_worked_by_hand():
    for rule, epochs, best in TABLE:
        with noted(rule, epochs, best):
            assert judged(rule, epochs) == (best, None)


@pytest.mark.parametrize(
    ("rule", "epochs", "best", "stop"),
    [
        (EarlyStopping(patience=2), losses(3, 2, 2, 2, 1), [0, 1], 3),
        (EarlyStopping(patience=2), losses(3, 2, 2, 1, 1, 1), [0, 1, 3], 5),
        (EarlyStopping(patience=0), losses(3, 3, 1), [0], 1),
        (EarlyStopping(patience=1), losses(NAN, NAN, 1), [], 1),
        (EarlyStopping(patience=2, start_from_epoch=2), losses(1, 9, 8, 9, 9, 1), [2], 4),
        (EarlyStopping(patience=9), losses(1, 2, 3), [0], None),
        (
            EarlyStopping(monitors=(AGE, ACC), combine="any", patience=2),
            pairs((3, 0.5), (4, 0.6), (4, 0.6), (4, 0.6), (1, 0.9)),
            [0, 1],
            3,
        ),
    ],
)
def test_a_run_stops_at_the_epoch_worked_by_hand(rule, epochs, best, stop):
    assert judged(rule, epochs) == (best, stop)


scores = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), min_size=1, max_size=30)


@given(scores, st.integers(0, 4), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 3))
def test_one_score_is_judged_as_early_stopping_of_keras_does(values, patience, delta, start):
    rule = EarlyStopping(
        monitors=(Monitor(min_delta=delta),), patience=patience, start_from_epoch=start
    )
    callback = keras.callbacks.EarlyStopping(
        "loss", min_delta=delta, patience=patience, start_from_epoch=start
    )
    callback.set_model(SimpleNamespace(metrics=[], stop_training=False))
    callback.on_train_begin()
    state = StoppingState()
    for epoch, value in enumerate(values):
        state, decision = rule.update(state, {"loss": value}, epoch)
        callback.on_epoch_end(epoch, {"loss": value})
        assert decision.stop == callback.model.stop_training
        if decision.stop:
            break
    if state.epoch is not None:
        assert state.epoch == callback.best_epoch


@given(st.lists(st.floats(), max_size=20))
def test_a_score_that_is_not_finite_is_never_the_best(values):
    state = StoppingState()
    for epoch, value in enumerate(values):
        state, decision = BestEpochRule().update(state, {"loss": value}, epoch)
        assert not (decision.best and abs(value) in (INF,))
        assert not (decision.best and value != value)


def test_the_name_says_which_way_is_better():
    for name in ("loss", "age/loss", "age/mae", "x/mse_1", "x/unheard_of"):
        assert score_sign(name, "auto") == 1
    for name in (ACC, "x/acc", "x/auc_2", "x/f1_score"):
        assert score_sign(name, "auto") == -1
    assert score_sign(ACC, "min") == 1
    assert is_improvement(0.5, None, ACC)
    assert not is_improvement(NAN, None, ACC)


def test_rules_look_at_the_validation_if_there_is_one():
    assert monitored_scores({"loss": 1.0}, {"loss": 2.0}) == {"loss": 2.0}
    assert (
        monitored_scores({"loss": 1.0}, {})
        == monitored_scores({"loss": 1.0}, None)
        == {"loss": 1.0}
    )


def test_a_score_that_there_is_none_of_is_found_with_the_nearest_one():
    (found,) = unknown_score_diagnostics(
        ["loss", "age/mea"], ["loss", "age/loss", AGE], "recipe.stopping"
    )
    assert found.code == "score-unknown"
    assert found.fixes[0].text == 'Monitor "age/mae".'
    (keras_name,) = unknown_score_diagnostics(["val_loss"], ["loss"], "recipe.best")
    assert keras_name.fixes[0].text == 'Monitor "loss".'
