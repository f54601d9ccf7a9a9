"""A run is scored on one of its sides, chosen as they were when it was trained."""

from __future__ import annotations

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.splits.random_split import random_split
from engine.data.splits.split_rows import SplitSizes
from engine.runs.request import TrainRequest
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.run_splits import select_rows
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import line, node, ordered, project, run, scores_of

ROWS = 60


def given(split=None, **recipe):
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse", metrics=["mae"]),
        data={"split": split} if split else {},
        **{"epochs": 2, "seed": 7} | recipe,
    )


def halves(test=0.25):
    return {"kind": "random", "params": {"validation": 0.25, "test": test}}


def data():
    return line(ROWS) | {"part": np.arange(ROWS) % 3, "day": np.arange(ROWS)[::-1].copy()}


def trained(folder, split, arrays=None, **order):
    ran, events = run(ordered(folder, given(split), data() if arrays is None else arrays, **order))
    return TrainedModel.open(ran.path), events


SPLITS = [
    None,
    halves(),
    {"kind": "stratified", "params": {"column": "part", "test": 0.1}},
    {"kind": "group", "params": {"column": "part", "validation": 0.3, "test": 0.3}},
    {"kind": "time", "params": {"column": "day", "test": 0.1}},
    {"kind": "column", "params": {"column": "part", "train": ["0"], "validation": ["1"],
                                  "test": ["2"]}},
]  # fmt: skip


@pytest.mark.parametrize("split", SPLITS)
def test_the_rows_of_a_side_are_those_of_the_training_and_of_no_other_table(tmp_path, split):
    opened, events = trained(tmp_path, split)
    parts = ("train", "validation", "test") if split else ("train", "validation")
    rows = {part: select_rows(opened, None, part).dataset for part in parts}
    assert sum(each.row_count for each in rows.values()) == ROWS
    assert opened.run.record["sides"]["train"] == rows["train"].row_count
    found = scores_of(opened, rows["validation"])
    last = next(event for event in reversed(events) if event.kind == "epoch-done")
    assert found == pytest.approx(last.validation)
    seen = np.concatenate([each.inputs["x"] for each in rows.values()])
    assert len(np.unique(seen, axis=0)) == ROWS
    np.savez(tmp_path / "moved.npz", **data())
    assert select_rows(opened, tmp_path / "moved.npz", "validation").split == "validation"
    if split is None or split["kind"] != "column":
        np.savez(tmp_path / "other.npz", **{name: each[::-1] for name, each in data().items()})
        with pytest.raises(DiagnosticError) as refused:
            select_rows(opened, tmp_path / "other.npz", "validation")
        assert refused.value.diagnostics[0].code == "run-differs"


def test_random_sides_are_those_that_the_seed_gives(tmp_path):
    opened, _ = trained(tmp_path, halves())
    sides = random_split(SplitSizes(ROWS, 0.25, 0.25), 7)
    assert (select_rows(opened, None, "test").dataset.inputs["x"] == data()["x"][sides.test]).all()


@pytest.mark.parametrize(
    ("split", "told"),
    [
        (
            halves(),
            "trained on 30 rows, validated on 15 rows held back at random with seed 7, "
            "15 rows kept for a test",
        ),
        (
            {"kind": "random", "params": {"validation": 0.0, "test": 0.1}},
            "trained on 54 rows, 6 rows kept for a test, held back at random with seed 7",
        ),
        (
            SPLITS[2],
            "trained on 42 rows, validated on 12 rows held back at random with seed 7, in equal "
            'shares of "part", 6 rows kept for a test',
        ),
    ],
)
def test_the_split_is_told_with_the_run_and_every_score(tmp_path, split, told):
    opened, events = trained(tmp_path, split)
    assert opened.run.record["split"] == events[0].split == told
    answer = evaluate_run(opened, None, "test")
    assert f"{told[0].upper()}{told[1:]}." in answer.notes
    assert answer.to_dict()["split"] == "test"


def test_files_of_their_own_are_the_sides(tmp_path):
    for name, count in (("held", 10), ("last", 12)):
        np.savez(tmp_path / f"{name}.npz", **line(count, seed=count))
    own = {"validation": tmp_path / "held.npz", "test": tmp_path / "last.npz"}
    opened, events = trained(tmp_path, halves(), line(ROWS), **own)
    told = (
        "trained on 60 rows, validated on 10 rows of held.npz, 12 rows of last.npz kept for a test"
    )
    assert events[0].split == told
    for part, count in (("train", 60), ("validation", 10), ("test", 12)):
        assert select_rows(opened, None, part).dataset.row_count == count
    with pytest.raises(DiagnosticError) as refused:
        select_rows(opened, tmp_path / "small.npz", "validation")
    assert refused.value.diagnostics[0].code == "split-unfit"


def test_a_fault_in_the_test_file_is_found_before_the_training(tmp_path):
    np.savez(tmp_path / "last.npz", x=np.ones((4, 3)), y=np.array([1, 2, np.nan, 4]))
    with pytest.raises(DiagnosticError) as refused:
        trained(tmp_path, None, line(ROWS), test=tmp_path / "last.npz")
    assert [found.code for found in refused.value.diagnostics] == ["not-finite"]


def test_rows_of_a_test_file_do_not_decide_whether_a_run_may_go_on(tmp_path):
    np.savez(tmp_path / "last.npz", **line(12, seed=1))
    order = ordered(tmp_path, given(), line(ROWS), test=tmp_path / "last.npz")
    folder, _ = run(order, 1)
    np.savez(tmp_path / "last.npz", **line(14, seed=2))
    _, events = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert events[-1].kind == "run-finished"


def test_a_run_does_not_go_on_with_rows_on_other_sides(tmp_path):
    order = ordered(tmp_path, given(SPLITS[5]), data())
    folder, _ = run(order, 1)
    np.savez(tmp_path / "small.npz", **(data() | {"part": np.arange(ROWS)[::-1] % 3}))
    with pytest.raises(DiagnosticError) as refused:
        run(TrainRequest(None, None, run=folder.path, resume=True))
    (found,) = refused.value.diagnostics
    assert (found.code, found.place) == ("run-differs", "data.split")


def test_a_column_that_says_it_does_so_of_any_table(tmp_path):
    opened, _ = trained(tmp_path, SPLITS[5])
    np.savez(tmp_path / "other.npz", **line(9, seed=5), part=np.arange(9) % 3, day=np.arange(9))
    assert select_rows(opened, tmp_path / "other.npz", "test").dataset.row_count == 3


def test_a_side_without_rows_is_refused(tmp_path):
    opened, _ = trained(tmp_path, None)
    with pytest.raises(DiagnosticError) as refused:
        select_rows(opened, None, "test")
    assert refused.value.diagnostics[0].code == "split-empty"


def notes(opened, part=None, data=None):
    return evaluate_run(opened, data, part).notes[0]


def test_what_the_training_knew_of_the_rows_is_told(tmp_path):
    opened, _ = trained(tmp_path, halves())
    assert "not used in training" in notes(opened, "test")
    assert notes(opened, "validation") == "These rows were not trained on."
    best = TrainedModel.open(opened.run.path, "best")
    assert "slightly optimistic" in notes(best, "validation")
    (tmp_path / "s").mkdir()
    stopped, _ = run(ordered(tmp_path / "s", given(halves(), stopping={"patience": 9}), data()))
    assert "slightly optimistic" in notes(TrainedModel.open(stopped.path), "validation")
    assert "rows were trained on" in notes(opened, "train")
    assert "--split test" in notes(opened, data=tmp_path / "small.npz")
