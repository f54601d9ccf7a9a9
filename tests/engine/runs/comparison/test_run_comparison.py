"""Two runs compare by what they trained, and a table of runs says how each went."""

import json
import math

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import ControlTaken, EpochDone, OutputInfo, RunFinished, RunStarted, StepsDone
from engine.graph.diff import diff_projects
from engine.graph.edits import field_edits, note_edits
from engine.graph.serialization.file import dumps, parse
from engine.runs.comparison.dict_diff import FieldChange, diff_dicts, flatten
from engine.runs.comparison.run_comparison import compare_runs, diff_graphs
from engine.runs.comparison.run_table import read_run_table
from engine.runs.comparison.score_summary import summarize_scores
from engine.runs.folder.notes import set_name, set_star
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter, read_events
from engine.runs.state.run_state import RunState, fold_events, read_state

NODES = [
    {"name": "x", "kind": "Input", "params": {"shape": [3]}},
    {"name": "wide", "kind": "Dense", "inputs": {"x": "x"}, "params": {"units": 8}},
    {"name": "d", "kind": "Dense", "inputs": {"x": "wide"}, "params": {"units": 1}},
    {"name": "y", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mse"}},
]


def project(nodes=NODES, recipe=None, data=None):
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": nodes},
             "recipe": recipe or {}, "data": data or {}}  # fmt: skip
    return parse(json.dumps(whole).encode()).project


def edited(place, **fields):
    return [{**node, **fields} if at == place else node for at, node in enumerate(NODES)]


def made(path, given=None, losses=(3.0, 1.0, 2.0), maes=(0.5, 0.7, 0.9), **run):
    with lock_run_folder(path), EventWriter(path) as writer:
        graph = dumps(given or project()).encode()
        RunFolder.create(path, {"run_id": path.name, "name": "g", **run}, graph)
        heads = (OutputInfo(name="y", loss="mse"),)
        writer.write(RunStarted(run_id="r", epochs=5, rows=9, validation_rows=3, outputs=heads))
        for epoch, (loss, mae) in enumerate(zip(losses, maes, strict=True), 1):
            writer.write(StepsDone(first=epoch, last=epoch, loss=(loss,)))
            held = {"loss": loss, "y/accuracy": mae}
            writer.write(EpochDone(epoch=epoch, step=epoch, train={"loss": 0.0}, validation=held))
        writer.write(RunFinished(step=len(losses), epoch=len(losses), seconds=2.5))
    return path


def differences(before, after):
    return [
        (node.name, node.kind, [(f.field, f.before, f.after) for f in node.fields])
        for node in diff_graphs(project(before).graph, project(after).graph)
    ]


def test_a_node_that_came_went_or_changed_is_told_by_its_fields():
    assert differences(NODES, NODES) == []
    assert differences(NODES, edited(1, params={"units": 16})) == [
        ("wide", "changed", [("units", 8, 16)])
    ]
    assert differences(NODES, edited(1, kind="Conv1D")) != []
    less = [*NODES[:1], {**NODES[2], "inputs": {"x": "x"}}, NODES[3]]
    assert differences(NODES, less) == [
        ("d", "changed", [("inputs.x", "wide", "x")]), ("wide", "removed", []),
    ]  # fmt: skip
    assert differences(less, NODES)[0] == ("wide", "added", [])
    assert differences(NODES, edited(1, off=True)) == [("wide", "changed", [("off", False, True)])]


def test_a_value_that_is_spelt_out_equals_the_default():
    spelt = edited(1, params={"units": 8, "activation": "linear", "use_bias": True})
    assert differences(NODES, spelt) == []
    assert differences(NODES, edited(3, params={"loss": "mean_squared_error"})) == []


def test_a_node_that_no_catalogue_knows_is_compared_as_it_stands():
    odd = [*NODES, {"name": "o", "kind": "Odd", "params": {"a": 1}}]
    odder = [*NODES, {"name": "o", "kind": "Odd", "params": {"a": True}}]
    assert differences(odd, odder) == [("o", "changed", [("a", 1, True)])]


def test_two_runs_compare_by_graph_recipe_data_and_scores(tmp_path):
    one = made(tmp_path / "a", project(recipe={"epochs": 4}), rows=9, threads=1)
    slow = {"optimizer": {"kind": "Adam", "params": {"learning_rate": 0.1}}}
    other = made(tmp_path / "b", project(recipe=slow, data={"targets": {"y": {"column": "age"}}}),
                 (3.0, 0.5, math.nan), (0.2, 0.6, 0.5), rows=9, threads=2)  # fmt: skip
    found = compare_runs(one, other)
    recipe = {change.field: (change.before, change.after) for change in found.recipe}
    assert recipe["optimizer.kind"] == ("RMSprop", "Adam")
    assert recipe["optimizer.learning_rate"] == (0.001, 0.1)
    assert recipe["epochs"] == (4, 10)
    assert FieldChange("targets.y.column", None, "age") in found.data
    assert found.environment == (FieldChange("threads", 1, 2),)
    pairs = {pair.name: pair for pair in found.scores}
    before, after = pairs["loss"].before.to_dict(), pairs["loss"].after.to_dict()
    assert before == {"kept": 2.0, "best": 1.0, "epoch": 2, "last": 2.0}
    assert after == {"kept": None, "best": 0.5, "epoch": 2, "last": None}
    assert (pairs["loss"].better, pairs["y/accuracy"].better) == (0, -1)
    json.dumps(found.to_dict(), allow_nan=False)
    assert not found.is_same
    assert compare_runs(one, one).is_same
    assert compare_runs(one, one).summary() == ""


def test_the_better_run_has_the_better_final_weights(tmp_path):
    """A score that no kept weights have says nothing about what a run predicts."""
    one = made(tmp_path / "a", losses=(3.0, 0.1, 2.0))
    other = made(tmp_path / "b", losses=(3.0, 2.0, 1.0))
    found = compare_runs(one, other)
    (loss,) = (pair for pair in found.scores if pair.name == "loss")
    assert (loss.better, found.kept_epochs) == (1, (3, 3))
    assert loss.before.best < loss.after.best


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(DiagnosticError):
        compare_runs(tmp_path, made(tmp_path / "a"))


def test_the_table_says_how_each_run_went_and_what_changed(tmp_path):
    made(tmp_path / "a", hashes={"graph": "1"}, device="cpu", paths={"data": "/d/t.csv"}, seed=3)
    wide = project(edited(1, params={"units": 16}))
    made(tmp_path / "b", wide, hashes={"graph": "2"}, paths={"data": "/d/t.csv"})
    made(tmp_path / "c", wide, hashes={"graph": "2"}, paths={"data": "/d/t.csv"})
    set_star(tmp_path / "a")
    set_name(tmp_path / "a", "first")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/run.json").write_text("{")
    first, second, third = read_run_table(tmp_path)
    assert (first.name, first.notes.star, first.status, first.device, first.data) == (
        "first", True, "finished", "cpu", "t.csv",
    )  # fmt: skip
    assert (first.state.epoch, first.epochs, first.step, first.seconds) == (3, 5, 3, 2.5)
    assert first.scored_rows == "3 validation rows"
    assert first.scores["y/accuracy"].best == 0.9
    assert (first.changes, second.changes, third.changes) == ("", "wide: units 8 → 16", "")
    json.dumps([entry.to_dict() for entry in read_run_table(tmp_path)], allow_nan=False)


def test_a_table_reads_no_single_steps(tmp_path):
    run = made(tmp_path / "a")
    events = list(read_events(run, include_steps=False))
    assert [event.kind for event in events] == ["run-started", *["epoch-done"] * 3, "run-finished"]
    whole = read_state(run)
    assert fold_events(events).train == whole.train
    assert fold_events(events).ended == whole.ended


def test_a_run_without_scores_has_none():
    assert summarize_scores(RunState()) == {}
    state = fold_events([EpochDone(epoch=1, step=1, train={"loss": math.nan})])
    assert summarize_scores(state)["loss"].to_dict() == {
        "kept": None, "best": None, "epoch": 0, "last": None,
    }  # fmt: skip


def test_values_within_values_have_a_dot_in_their_name():
    assert flatten({"a": {"b": 1, "c": {}}, "d": [1, {"e": 2}]}) == {
        "a.b": 1, "a.c": {}, "d": [1, {"e": 2}],
    }  # fmt: skip
    assert diff_dicts({"a": 1, "b": 2}, {"a": 1.0, "c": None}) == (FieldChange("b", 2, None),)


def test_what_was_changed_while_a_run_went_on_makes_it_another_one(tmp_path):
    one, other = made(tmp_path / "a"), made(tmp_path / "b")
    assert compare_runs(one, other).is_same
    with EventWriter(other) as writer:
        for id, kind, value, code in (
            ("1", "learning_rate", 0.5, ""), ("2", "loss_weight", {"y": 3.0}, ""),
            ("3", "learning_rate", 0.25, ""), ("4", "pause", None, ""),
            ("5", "learning_rate", -1, "request-unfit"),
        ):  # fmt: skip
            writer.write(ControlTaken(id=id, request=kind, step=3, value=value, code=code))
    found = compare_runs(one, other)
    assert not found.is_same
    assert [(each.field, each.before, each.after) for each in found.live_changes] == [
        ("learning_rate", None, "0.25 from step 4 on"),
        ("loss_weight.y", None, "3 from step 4 on"),
    ]


def test_changes_of_description_and_notes_are_told_and_make_no_other_graph(tmp_path):
    start = field_edits.set_description(project(), "Ages")
    start = note_edits.add_note(note_edits.add_note(start, "stays", (0, 0)), "goes", (0, 9))
    end = field_edits.set_description(note_edits.set_note(start, 1, text="comes"), "Incomes")
    end = note_edits.move_notes(end, [(0, 50, 50)])
    found = compare_runs(made(tmp_path / "a", start), made(tmp_path / "b", end))
    assert found.texts == (
        FieldChange("description", "Ages", "Incomes"),
        FieldChange("note", "goes", None),
        FieldChange("note", None, "comes"),
    )
    assert found.is_same
    json.dumps(found.to_dict())
    assert diff_projects(start, end) == []  # a run is resumed with other notes
