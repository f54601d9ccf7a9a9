"""The best is that since scores of earlier epochs no longer compete, for every reader alike."""

import math

from engine.events import BestFound, ControlTaken, EpochDone, OutputInfo, RunResumed, RunStarted
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.runs.comparison.score_summary import summarize_scores
from engine.runs.state.best_epoch import restart_note
from engine.runs.state.run_state import fold_events

STARTED = RunStarted(run_id="r", steps_per_epoch=10, epochs=9, outputs=(OutputInfo(name="y"),))


def weighed(step, anew=True, **fields):
    given = {"value": {"y": 3.0}, "before": {"y": 1.0}, **fields}
    return ControlTaken(id="a", request="loss_weight", step=step, anew=anew, **given)


def epoch(number, loss, validated=True):
    held = {"loss": loss, "y/mae": loss / 10}
    told = EpochDone(epoch=number, step=10 * number, train=held,
                     validation=held if validated else {})  # fmt: skip
    return [BestFound(epoch=number, step=10 * number), told]


def lines(*events):
    return summarize_scores(fold_events([STARTED, *events]))


def test_the_best_is_that_since_losses_are_weighed_otherwise():
    said = [*epoch(1, 2.0), *epoch(2, 1.0), weighed(25), *epoch(3, 6.0), *epoch(4, 5.0)]
    found = lines(*said, *epoch(5, 5.5)[1:])
    assert (found["loss"].best, found["loss"].epoch, found["loss"].last) == (5.0, 4, 5.5)
    assert (found["y/mae"].best, found["y/mae"].epoch) == (0.5, 4)
    assert found["loss"].since_step == found["y/mae"].since_step == 26
    assert found["loss"].to_dict()["since"] == 26
    assert "since" not in lines(*said[:4])["loss"].to_dict()


def test_before_an_epoch_has_ended_since_then_there_is_no_best():
    state = fold_events([STARTED, *epoch(1, 2.0), weighed(15)])
    line = summarize_scores(state)["loss"]
    assert state.best is None
    assert math.isnan(line.best)
    assert (line.epoch, line.last) == (0, 2.0)


def test_an_epoch_whose_total_is_of_two_kinds_does_not_count_without_validation():
    first, second = epoch(1, 9.0, validated=False), epoch(2, 8.0, validated=False)
    assert lines(weighed(5), *first, *second)["loss"].epoch == 2
    assert lines(weighed(5), *first)["loss"].epoch == 0
    assert lines(weighed(0), *first, *second[:0])["loss"].epoch == 1
    assert lines(weighed(5), *epoch(1, 9.0))["loss"].epoch == 1  # scored after its last step


def test_where_the_rule_goes_by_another_score_only_the_total_begins_anew():
    state = fold_events([STARTED, *epoch(1, 2.0), weighed(15, anew=False), *epoch(2, 6.0)[1:]])
    assert state.best.epoch == 1
    assert summarize_scores(state)["loss"].epoch == 2
    assert summarize_scores(state)["y/mae"].epoch == 1


def test_a_refused_or_an_equal_weight_changes_nothing():
    for same in (weighed(15, False, code="no"), weighed(15, False, value={"y": 1.0})):
        assert lines(*epoch(1, 2.0), same, *epoch(2, 6.0))["loss"].epoch == 1
        assert restart_note(same) == ""


def test_a_change_that_a_resume_takes_back_is_forgotten():
    said = [*epoch(1, 2.0), weighed(15), *epoch(2, 6.0)]
    back = RunResumed(to_step=10, to_epoch=1)
    assert lines(*said, back, *epoch(2, 3.0))["loss"].epoch == 1
    assert lines(*said, back, weighed(15), *epoch(2, 6.0))["loss"].epoch == 2


def test_it_is_said_in_words_why_the_best_is_looked_for_anew():
    assert restart_note(weighed(1500)) == (
        "The search for the best epoch restarted: new loss weights from step 1,501 on"
    )
    assert restart_note(weighed(5, anew=False)).startswith(
        "The search for the best total loss restarted"
    )
    rule = ControlTaken(id="b", request="stopping", step=5, anew=True)
    assert "new early stopping settings from step 6" in restart_note(rule)


def test_the_final_weights_are_those_of_the_best_epoch_if_the_last_rule_restores_it():
    events = [STARTED, *epoch(1, 2.0), *epoch(2, 1.0), *epoch(3, 4.0)[1:]]
    state = fold_events(events)
    restoring, other = EarlyStopping(), EarlyStopping(restore_best=False)
    assert [state.final_epoch(rule) for rule in (restoring, other, None)] == [2, 3, 3]
    live = {"id": "b", "request": "stopping", "step": 5}
    changed = fold_events([*events, ControlTaken(**live, value=other.params())])
    assert changed.final_epoch(restoring) == 3
    again = fold_events([*events, ControlTaken(**live, value=restoring.params())])
    assert again.final_epoch(None) == 2
    refused = fold_events([*events, ControlTaken(**live, value=None, code="request-unfit")])
    assert refused.final_epoch(restoring) == 2
