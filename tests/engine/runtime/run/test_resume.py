"""A resumed run remembers what the attempts before it were, wherever they broke off."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from engine.events import BestFound, RunFinished, RunStarted, RunStopped, Warned
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import BEST_FILE, PREVIOUS, CheckpointStore
from engine.runtime.environment import package_versions
from tests.engine.runtime.small import line, ordered, run, straight

WILD = {"kind": "SGD", "params": {"learning_rate": 0.3}}


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it."""


def resumed(folder):
    return run(TrainRequest(None, None, run=folder.path, resume=True))


def wild(**recipe):
    """A training whose best epoch is none of the last ones."""
    return straight(**{"epochs": 8, "optimizer": WILD, "batch_size": 2} | recipe)


def best_of(events):
    return [event for event in events if isinstance(event, BestFound)][-1]


def test_a_run_killed_between_its_two_pointers_still_has_the_weights_of_the_best_epoch(
    tmp_path, monkeypatch
):
    order = ordered(tmp_path, wild(), line(noise=2.0))
    through, events = run(order)
    best = best_of(events)
    assert best.epoch < 8
    point, written = CheckpointStore._write_pointer, []

    def killed(self, name, pointer):
        if pointer.step == best.step and name != PREVIOUS:
            written.append(name)
            if len(written) == 2:
                raise KilledError
        point(self, name, pointer)

    broken = replace(order, run=tmp_path / "broken")
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointStore, "_write_pointer", killed)
        with pytest.raises(KilledError):
            run(broken)
    folder, rest = run(TrainRequest(None, None, run=broken.run, resume=True))
    assert best_of(rest).epoch == best.epoch
    mine, theirs = (
        CheckpointStore(each.checkpoints_path).load_best() for each in (folder, through)
    )
    assert (mine.pointer, mine.checkpoint.step) == (BEST_FILE, best.step)
    for name, tensor in theirs.checkpoint.weights.items():
        assert torch.equal(mine.checkpoint.weights[name], tensor)


def test_a_damaged_best_checkpoint_is_told_when_other_weights_are_kept_in_its_place(tmp_path):
    stopping = {"monitors": ["y/loss"], "patience": 8, "restore_best": True}
    folder, _ = run(ordered(tmp_path, wild(stopping=stopping), line(noise=2.0)))
    file = json.loads((folder.checkpoints_path / BEST_FILE).read_bytes())["file"]
    (folder.checkpoints_path / file).write_bytes(b"broken")
    _, events = resumed(folder)
    codes = [event.diagnostic["code"] for event in events if isinstance(event, Warned)]
    assert codes == ["checkpoint-damaged"]
    assert isinstance(events[-1], RunFinished)


def test_a_further_attempt_tells_where_it_runs_itself_not_where_the_first_one_did(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=2, batch_size=8), line()), 3)
    described = json.loads((folder.path / "run.json").read_bytes())
    described["versions"]["torch"] = "2.6.0"
    described["device"] = "cuda:7"
    (folder.path / "run.json").write_text(json.dumps(described))
    _, events = resumed(folder)
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert started.versions == package_versions()
    assert started.device == "cpu"
    assert started.precision == "float32"
    assert started.threads == torch.get_num_threads()


def test_a_run_goes_on_on_its_own_device_though_auto_would_now_take_another(tmp_path, monkeypatch):
    given = straight(epochs=2, batch_size=8, device="auto")
    order = ordered(tmp_path, given, line())
    with monkeypatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        patch.setattr("torch.backends.mps.is_available", lambda: False)
        folder, _ = run(order, 3)
    # "auto" takes the last of these; no tensor is ever moved there.
    for module in ("device", "run.job"):
        path = f"engine.runtime.{module}.available_devices"
        monkeypatch.setattr(path, lambda: ("cpu", "mps"))
    _, events = resumed(folder)
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert started.device == "cpu"


def test_the_seconds_of_a_run_are_those_of_all_attempts(tmp_path, monkeypatch):
    order = ordered(tmp_path, straight(epochs=2, batch_size=8), line())
    folder, first = run(order, 3)
    assert isinstance(first[-1], RunStopped)
    now = iter(range(0, 10**9, 100))
    monkeypatch.setattr("engine.runtime.training.loop.time.monotonic", lambda: float(next(now)))
    _, rest = resumed(folder)
    assert first[-1].seconds > 0
    # On a clock of whole hundreds, what is left over is the time of the first attempt.
    assert rest[-1].seconds > 100
    assert rest[-1].seconds % 100 == pytest.approx(first[-1].seconds, rel=1e-6)


@pytest.mark.parametrize(("stop_after", "whole"), [(2, 0), (4, 0), (6, 1)])
def test_a_stopped_run_tells_the_epochs_that_are_whole(tmp_path, stop_after, whole):
    folder, events = run(ordered(tmp_path, straight(epochs=3, batch_size=8), line()), stop_after)
    assert events[0].steps_per_epoch == 4
    assert events[-1].epoch == whole
    assert folder.status()["epoch"] == whole
    _, rest = resumed(folder)
    assert rest[-1].epoch == 3


def test_a_curve_of_a_standardised_target_is_not_said_to_be_in_its_unit(tmp_path):
    data = line()
    given = straight(epochs=1)
    scaled = replace(given, data={"targets": {"y": {"column": "y", "scale": "standardize"}}})
    units = []
    for place, each in ((tmp_path / "a", given), (tmp_path / "b", scaled)):
        place.mkdir()
        nodes = [
            replace(n, params={**n.params, "unit": "nm"}) if n.name == "y" else n
            for n in each.graph
        ]
        _, events = run(ordered(place, each.with_graph(each.graph.with_nodes(*nodes)), data))
        units.append(events[0].outputs[0].unit)
    assert units == ["nm", "standard deviations"]
