"""What is asked of a live run is put where the run looks, and judged before it is done."""

import json
import threading

import pytest

from engine.core.codes import CODES
from engine.core.diagnostic import DiagnosticError
from engine.events import ControlTaken
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.runs.control.live_settings import LiveSettings
from engine.runs.control.request_parser import parse_request
from engine.runs.control.requests import ControlRequest, send_and_wait, send_request
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter
from tests.tiers import noted

DIALS = LiveSettings(
    0.001, {"age": 1.0, "sex": 0.5}, EarlyStopping(patience=3, monitors=("age/mae",))
)
SCORES = ["loss", "age/loss", "age/mae", "sex/loss"]


def turned(kind, value):
    return DIALS.with_request(ControlRequest("id", kind, value), SCORES)


def refused(kind, value):
    with pytest.raises(DiagnosticError) as caught:
        turned(kind, value)
    (found,) = caught.value.diagnostics
    assert found.code == "request-unfit"
    assert found.severity == "warning"
    assert found.fixes
    json.dumps(found.to_dict())
    return found


@pytest.mark.parametrize("kind", ["pause", "continue", "stop", "checkpoint"])
def test_an_order_turns_no_dial(kind):
    assert turned(kind, None) == DIALS


def test_each_dial_is_turned_by_itself():
    assert turned("learning_rate", 0.1) == LiveSettings(0.1, DIALS.loss_weights, DIALS.stopping)
    assert turned("loss_weight", {"age": 0}).loss_weights == {"age": 0.0, "sex": 0.5}
    assert turned("stopping", None).stopping is None


def test_fields_of_the_stopping_rule_that_are_not_named_stay_as_they_are():
    rule = turned("stopping", {"patience": 8}).stopping
    assert (rule.patience, [one.name for one in rule.monitors]) == (8, ["age/mae"])


UNFIT_REQUESTS = [
        ("learning_rate", 0, "greater than 0"), ("learning_rate", "fast", "greater than 0"),
        ("learning_rate", True, "greater than 0"), ("learning_rate", 10**400, "greater than 0"),
        ("learning_rate", float("nan"), "greater than 0"), ("loss_weight", 3, "age, sex"),
        ("loss_weight", {}, "age, sex"), ("loss_weight", {"age": -1}, "at least 0"),
        ("loss_weight", {"age": float("inf")}, "at least 0"),
        ("loss_weight", {"age": 0, "sex": 0}, "a positive weight"),
        ("stopping", {"patience": -3}, "at least 0"), ("stopping", 3, "patience"),
        ("stopping", {"patients": 3}, "patience"),
        ("stopping", {"monitors": ["age/mse"]}, "age/mae"), ("faster", None, "pause"),
    ]  # fmt: skip


def test_what_can_not_be_done_is_refused_with_what_can():
    for kind, value, expected in UNFIT_REQUESTS:
        with noted(kind, value, expected):
            assert expected in refused(kind, value).expected


def test_a_wrong_name_is_answered_with_the_nearest_right_one():
    assert refused("loss_weight", {"aeg": 1}).fixes[0].text == "Did you mean age?"
    assert refused("puase", None).fixes[0].text == "Use pause."


def test_dials_survive_as_json():
    again = LiveSettings.from_dict(json.loads(json.dumps(DIALS.to_dict())))
    assert again == DIALS
    assert LiveSettings.from_dict(LiveSettings(1e-3, {"a": 1.0}).to_dict()).stopping is None


@pytest.mark.parametrize(
    ("key", "text", "request_"),
    [
        ("learning_rate", "1e-4", ("learning_rate", 1e-4)),
        ("optimizer.learning_rate", "0,001", ("learning_rate", 0.001)),
        ("loss_weight.age", "0.5", ("loss_weight", {"age": 0.5})),
        ("age.loss_weight", "2", ("loss_weight", {"age": 2})),
        ("patience", "10", ("stopping", {"patience": 10})),
        ("stopping.restore_best", "false", ("stopping", {"restore_best": False})),
        ("stopping", "null", ("stopping", None)),
    ],
)
def test_keys_are_those_of_the_recipe(key, text, request_):
    assert parse_request(key, text) == request_


def test_a_key_that_can_not_be_changed_is_refused_with_those_that_can():
    with pytest.raises(DiagnosticError) as caught:
        parse_request("learning_rat", "1")
    (found,) = caught.value.diagnostics
    assert found.code == "setting-unfit"
    assert found.fixes[0].text == "Did you mean learning_rate?"
    assert found.expected.startswith("learning_rate, loss_weight.OUTPUT, stopping, stopping.")


def test_a_run_that_nobody_trains_is_not_asked(tmp_path):
    with lock_run_folder(tmp_path / "a"):
        RunFolder.create(tmp_path / "a", {}, b"{}")
    with pytest.raises(DiagnosticError) as caught:
        send_request(tmp_path / "a", "pause")
    assert caught.value.diagnostics[0].code == "run-not-live"
    assert not (tmp_path / "a/control.jsonl").exists()
    assert CODES["run-not-live"].exit == 73


def test_an_answer_is_waited_for(tmp_path):
    folder = tmp_path / "a"
    with lock_run_folder(folder), EventWriter(folder) as events:
        RunFolder.create(folder, {}, b"{}")
        assert send_and_wait(folder, "pause", seconds=0.0)[1] is None

        def reply():
            while len(lines := (folder / "control.jsonl").read_text().splitlines()) < 2:
                pass
            id = json.loads(lines[1])["id"]
            events.write(ControlTaken(id="other", request="stop", step=1))
            events.write(ControlTaken(id=id, request="pause", step=7))

        thread = threading.Thread(target=reply)
        thread.start()
        request, answer = send_and_wait(folder, "pause")
        thread.join()
        assert (answer.id, answer.step) == (request.id, 7)
