"""What a run leaves in its folder, from which data, and how it ends."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.data.prepared_data import training_costs
from engine.events import (
    BestFound,
    CheckpointSaved,
    EpochDone,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    Warned,
)
from engine.graph.serialization.file import parse
from engine.launch.torchrun import Rank
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.run import runner
from engine.runtime.run.job import resolve
from engine.runtime.run.memory_fixes import with_tested_fixes
from engine.runtime.run.recorded_training import RecordedTraining
from engine.runtime.run.recorder import RankRecorder
from engine.runtime.run.runner import train
from engine.runtime.training.builder import build_training
from tests.engine.check.test_memory import deep
from tests.engine.runtime.distributed.test_exchanges import CountingGroup
from tests.engine.runtime.run.recorded import exact, model, refused, whole
from tests.engine.runtime.small import (
    line,
    node,
    ordered,
    predicted_values,
    project,
    run,
    scores_of,
    straight,
)
from tests.reliability.subjects import rows
from tests.tiers import cases

ROOT = Path(__file__).parents[4]
FILES = {
    ".lock", "checkpoints", "events.jsonl", "graph.loom.json", "model.safetensors", "run.json",
    "results", "status.json",
}  # fmt: skip


def test_a_run_leaves_these_files_and_no_others(tmp_path):
    folder, events = run(ordered(tmp_path, straight(epochs=3), line()))
    assert folder.path == tmp_path / "runs" / "small-001"
    assert {path.name for path in folder.path.iterdir()} == FILES
    described = json.loads((folder.path / "run.json").read_bytes())
    assert described["name"] == "small"
    assert described["rows"] == 32
    assert described["validation_rows"] == 8
    assert described["split"].startswith("trained on 32 rows, validated on 8 rows held back")
    assert described["hashes"].keys() == {"graph", "recipe", "data"}
    assert {"torch", "numpy", "python", "engine"} <= described["versions"].keys()
    assert {"threads", "seed", "device", "precision", "cpu", "fitted"} <= described.keys()
    status = folder.status()
    assert status.pop("pid") == os.getpid()
    assert status == {"state": "finished", "step": 3, "epoch": 3, "checkpoint_step": 3}
    assert isinstance(events[-1], RunFinished)
    graph = parse((folder.path / "graph.loom.json").read_bytes()).project
    assert graph.graph == straight().graph


def test_settings_of_the_command_line_are_kept_in_the_folders_own_graph_file(tmp_path):
    folder, _ = run(
        ordered(tmp_path, straight(), line(), settings=("epochs=2", "optimizer.learning_rate=0.5"))
    )
    recipe = parse(folder.graph_bytes()).project.recipe
    assert recipe["epochs"] == 2
    assert recipe["optimizer"]["params"]["learning_rate"] == 0.5
    assert folder.record["settings"] == ["epochs=2", "optimizer.learning_rate=0.5"]


def test_events_are_complete_and_in_sequence(tmp_path):
    folder, told = run(ordered(tmp_path, whole(), rows()))
    kept = list(read_events(folder.path))
    assert kept == told
    assert [event.seq for event in kept] == list(range(1, len(kept) + 1))
    assert isinstance(kept[0], RunStarted)
    assert isinstance(kept[-1], RunFinished)
    done = [event for event in kept if isinstance(event, StepsDone)]
    covered = [step for event in done for step in range(event.first, event.last + 1)]
    assert covered == list(range(1, kept[0].epochs * kept[0].steps_per_epoch + 1))
    for event in done:
        first = (event.epoch - 1) * kept[0].steps_per_epoch + 1
        assert first <= event.first <= event.last < first + kept[0].steps_per_epoch
    assert [e.epoch for e in kept if isinstance(e, EpochDone)] == [1, 2, 3, 4]
    outputs = {head.name: (head.loss, head.weight, head.metrics) for head in kept[0].outputs}
    assert outputs["size"] == ("mse", 0.5, ("mae", "r2_score"))


@pytest.mark.slow
def test_at_most_about_20_lines_of_steps_are_written_in_a_second(tmp_path):
    given = straight(epochs=2, batch_size=1, validation_split=0.0)
    rows = cases(300, 1500)
    _, events = run(ordered(tmp_path, given, line(rows)))
    done = [event for event in events if isinstance(event, StepsDone)]
    assert sum(event.last - event.first + 1 for event in done) == 2 * rows
    # A line more may come at the end of each epoch, and where a line would grow too long.
    a_second = Counter(int(event.mono - events[0].mono) for event in done)
    assert max(a_second.values()) <= 20 + 2 + 3000 * 4 // 2000


def test_checkpoints_come_as_often_as_the_recipe_says(tmp_path):
    given = straight(
        epochs=2, batch_size=4, checkpoint_every={"epochs": None, "steps": 3},
        best={"monitors": [{"name": "loss", "mode": "max", "min_delta": 1e9}]},
    )  # fmt: skip
    _, events = run(ordered(tmp_path, given, line()))
    assert [e.step for e in events if isinstance(e, CheckpointSaved)] == [3, 6, 8, 11, 14, 16]


@pytest.mark.slow
def test_the_best_weights_are_kept_if_the_stopping_rule_says_so(tmp_path):
    wild = {"kind": "SGD", "params": {"learning_rate": 0.3}}
    for restore in (True, False):
        place = tmp_path / str(restore)
        place.mkdir()
        given = straight(
            epochs=8, optimizer=wild, batch_size=2,
            stopping={"monitors": ["y/loss"], "patience": 8, "restore_best": restore},
        )  # fmt: skip
        folder, events = run(ordered(place, given, line(noise=2.0)))
        best = max(event.epoch for event in events if isinstance(event, BestFound))
        assert best < 8
        checkpoints = CheckpointStore(folder.checkpoints_path)
        kept = (checkpoints.load_best() if restore else checkpoints.load()).checkpoint
        assert kept.step == 16 * (best if restore else 8)
        for name, array in model(folder).items():
            assert np.array_equal(array, kept.weights[name].numpy())


def test_a_run_is_never_written_over(tmp_path):
    order = ordered(tmp_path, straight(epochs=1), line(), run=tmp_path / "here")
    run(order)
    before = {path: path.read_bytes() for path in (tmp_path / "here").glob("*.json*")}
    (found,) = refused(order)
    assert found.code == "run-exists"
    assert "--resume" in found.fixes[0].text
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_refused_leaves_no_folder_behind(tmp_path):
    bad = line()
    bad["y"][3] = np.nan
    found = refused(ordered(tmp_path, straight(), bad))
    assert [one.code for one in found if one.is_error] == ["not-finite"]
    assert not (tmp_path / "runs").exists()


def test_a_table_to_validate_on_takes_the_place_of_a_split(tmp_path):
    np.savez(tmp_path / "held.npz", **line(10, seed=1))
    order = ordered(tmp_path, straight(epochs=1), line(), validation=tmp_path / "held.npz")
    folder, events = run(order)
    assert (events[0].rows, events[0].validation_rows) == (40, 10)
    assert folder.record["split"] == "trained on 40 rows, validated on 10 rows of held.npz"
    (done,) = [event for event in events if isinstance(event, EpochDone)]
    trained = TrainedModel.open(folder.path)
    scores = scores_of(trained, tmp_path / "held.npz")
    assert scores == pytest.approx(dict(done.validation), rel=1e-6)


def test_a_resumed_run_validates_on_the_same_table(tmp_path):
    np.savez(tmp_path / "held.npz", **line(10, seed=1))
    given = straight(epochs=2, batch_size=8)
    order = ordered(tmp_path, given, line(), validation=tmp_path / "held.npz")
    _, expected = run(order)
    folder, first = run(order, 3)
    _, rest = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert exact(first) + exact(rest) == exact(expected)
    np.savez(tmp_path / "held.npz", **line(10, seed=2))
    folder, _ = run(order, 3)
    np.savez(tmp_path / "held.npz", **line(10, seed=3))
    (found,) = refused(TrainRequest(None, None, run=folder.path, resume=True))
    assert found.code == "run-differs"


def test_without_a_split_the_training_scores_are_watched(tmp_path):
    _, events = run(ordered(tmp_path, straight(epochs=2, validation_split=0.0), line()))
    done = [event for event in events if isinstance(event, EpochDone)]
    best = next(event for event in events if isinstance(event, BestFound))
    assert not done[0].validation
    assert best.scores == done[0].train


def test_warnings_are_told_as_events_before_the_first_step(tmp_path):
    data = rows()
    data["left_over"] = data["yes"]
    given = whole()
    nodes = [
        replace(n, params={**n.params, "mask_zero": False}) if n.name == "vectors" else n
        for n in given.graph
    ]
    given = given.with_graph(given.graph.with_nodes(*nodes))
    _, events = run(ordered(tmp_path, given, data, settings=("epochs=1",)))
    codes = [event.diagnostic["code"] for event in events if isinstance(event, Warned)]
    assert {"column-unused", "padding-unmasked"} <= set(codes)
    kinds = [type(event) for event in events]
    first = kinds.index(StepsDone)
    told = [event.diagnostic["code"] for event in events[:first] if isinstance(event, Warned)]
    assert told == [code for code in codes if code != "baseline-not-beaten"]


def test_real_lengths_of_free_axes_reach_the_network(tmp_path):
    """A graph drawn for any length trains on the length that the data has, and predicts others."""
    given = project(
        node("wave", "Input", shape=[None, 2]),
        node("conv", "Conv1D", "wave", filters=4, kernel_size=3, activation="relu"),
        node("peak", "GlobalMaxPooling1D", "conv"),
        node("d", "Dense", "peak", units=1),
        node("y", "Output", "d", loss="mse"),
        epochs=1,
    )
    rng = np.random.default_rng(0)

    def waves(length):
        wave = rng.normal(size=(30, length, 2)).astype("float32")
        return {"wave": wave, "y": wave[:, :, 0].max(1)}

    folder, events = run(ordered(tmp_path, given, waves(17)))
    assert isinstance(events[-1], RunFinished)
    np.savez(tmp_path / "longer.npz", **waves(29))
    assert predicted_values(TrainedModel.open(folder.path), tmp_path / "longer.npz")["y"].shape == (
        30,
        1,
    )
    np.savez(tmp_path / "short.npz", **waves(2))
    with pytest.raises(DiagnosticError) as caught:
        predicted_values(TrainedModel.open(folder.path), tmp_path / "short.npz")
    assert caught.value.diagnostics[0].node == "wave"


def test_a_run_that_diverges_is_kept_as_failed(tmp_path):
    wild = {"kind": "SGD", "params": {"learning_rate": 1e3}}
    folder, events = run(
        ordered(tmp_path, straight(epochs=60, batch_size=8, optimizer=wild), line())
    )
    assert isinstance(events[-1], RunFailed)
    assert events[-1].code == "diverged"
    assert folder.status()["state"] == "failed"
    done = [event.epoch for event in events if isinstance(event, EpochDone)]
    assert events[-1].epoch == folder.status()["epoch"] == max(done, default=0)
    assert events[-1].seconds > 0
    assert not folder.weights_path.exists()
    assert list(read_events(folder.path)) == events
    # Its newest checkpoint still answers, with weights that are numbers.
    answers = predicted_values(TrainedModel.open(folder.path), tmp_path / "small.npz")["y"]
    assert np.isfinite(answers).all()


def test_a_network_that_cannot_fit_is_refused_before_anything_is_written(tmp_path):
    (found,) = refused(ordered(tmp_path, straight(units=10**12), line()))
    assert (found.code, found.node) == ("out-of-memory", "d")
    assert not (tmp_path / "runs").exists()


def test_a_batch_size_is_tested_together_with_the_memory_of_the_optimizer(tmp_path, monkeypatch):
    slot = "engine.runtime.optimizers.base.Optimizer._initial_slot"
    monkeypatch.setattr(slot, lambda *_: np.empty(2**50))
    _, events = run(ordered(tmp_path, straight(epochs=1, optimizer={"kind": "Adam"}), line()))
    assert events[-1].code == "out-of-memory"
    assert "tested" not in str(events[-1].diagnostic)


def test_fixes_after_an_error_of_memory_were_tested_and_leave_the_network_as_it_was(tmp_path):
    given = deep(width=1, batch_size=32)
    job = resolve(ordered(tmp_path, given, line(features=4)))
    training = build_training(job.data)
    costs = training_costs(job.data.report, job.data.recipe, job.data.train)
    lost = diagnostic_from_exception(MemoryError())
    found = with_tested_fixes(lost, training, costs)
    assert [fix.edit and fix.edit["fields"] for fix in found.fixes] == [
        {"gradient_checkpointing": True}, {"batch_size": 16}, None
    ]  # fmt: skip
    saved = []
    with saved_tensors_hooks(lambda x: saved.append(x) or x, lambda x: x):
        training.network.forward_output({"x": torch.ones(2, 4)})
    assert len(saved) > 20, "nothing is checkpointed before the fix is applied"
    repaired = with_tested_fixes(lost, training, replace(costs, is_checkpointed=True))
    assert repaired.fixes[0].edit == {"do": "set_recipe", "fields": {"batch_size": 8}}
    several = replace(training, group=CountingGroup())
    assert with_tested_fixes(lost, several, costs) == lost, "other ranks would have to take part"
    assert several.group.calls == []


def test_a_sharded_run_ends_with_the_error_of_the_rank_that_could_not_continue(tmp_path):
    data = resolve(ordered(tmp_path, straight(sharded=True), line())).data
    training, found = build_training(data), diagnostic_from_exception(MemoryError())
    training.group = CountingGroup()
    training.group.failure = lambda: found

    def no_answer(_):
        raise RuntimeError("Connection closed by peer")

    training.network.forward_output = no_answer
    *_, last = RecordedTraining(training, data, RankRecorder(training)).run()
    assert last.diagnostic == found.to_dict()


def test_ranks_have_the_threads_that_their_launcher_gave_them(tmp_path, monkeypatch):
    """The processors that happen to be idle when a rank starts would differ between equal runs."""
    monkeypatch.setattr("engine.runtime.training.builder.idle_core_count", lambda: 3)
    data = resolve(ordered(tmp_path, straight(), line())).data
    before = torch.get_num_threads()
    build_training(data, group=CountingGroup())
    assert torch.get_num_threads() == before
    build_training(data)
    assert torch.get_num_threads() == 3
    torch.set_num_threads(before)


def test_ranks_with_other_files_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    group = CountingGroup()
    group.gather = lambda own: [own, {**own, "data": "other rows"}]
    monkeypatch.setattr("engine.runtime.run.runner.connected_group", lambda: nullcontext(group))
    (found,) = refused(ordered(tmp_path, straight(epochs=1), line()))
    assert (found.code, found.found) == ("run-differs", "different data")
    assert not (tmp_path / "runs").exists()


def test_ranks_do_not_divide_a_batch_whose_rows_are_compared(tmp_path, monkeypatch):
    comparing = project(
        node("x", "Input", shape=[3]),
        node("body", "Dense", "x", units=1, activity_regularizer="orthogonal_regularizer"),
        node("y", "Output", "body", loss="mse"),
        epochs=1,
    )
    assert isinstance(run(ordered(tmp_path, comparing, line()))[1][-1], RunFinished)
    monkeypatch.setattr(
        "engine.runtime.run.runner.connected_group", lambda: nullcontext(CountingGroup())
    )
    (found,) = refused(ordered(tmp_path, comparing, line()))
    assert (found.code, found.node) == ("batch-undivided", "body")


def test_the_folder_of_a_running_training_is_locked_until_its_end(tmp_path):
    order = ordered(tmp_path, straight(epochs=1), line(), run=tmp_path / "here")
    going = train(order)
    folder, _ = next(going)
    (found,) = refused(TrainRequest(None, None, run=folder.path, resume=True))
    assert found.code == "run-busy"
    going.close()
    assert isinstance(
        run(TrainRequest(None, None, run=folder.path, resume=True))[1][-1], RunFinished
    )
    assert isinstance(folder, RunFolder)


def test_another_rank_waits_until_the_first_one_of_its_machine_has_the_rows(tmp_path, monkeypatch):
    """The first one may encode the rows for both."""
    prepared = []

    class Second(ProcessGroup):
        def agree(self, prepare):
            prepared.append(prepare())
            return prepared[-1]

    monkeypatch.setattr(runner, "connected_group", lambda: nullcontext(Second()))
    monkeypatch.setattr(runner, "current_rank", lambda: Rank(1, size=2, local_number=1))
    run(ordered(tmp_path, straight(epochs=1), line()))
    assert prepared[0] is None
    assert prepared[1] is not None
