"""The starter network for windows follows a trend, and takes all columns and kinds of targets."""

from dataclasses import replace

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.prepared_data import check_data
from engine.data.readers.table_file import open_table
from engine.data.series.windows_starter import build_windows_project
from engine.data.table.table import table_from_arrays
from engine.recipe.windows import Windows
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import ordered, run

DAYS = 120
RANDOM = np.random.default_rng(0)
TABLE = {
    "day": np.arange(DAYS),
    "weather": np.where(np.arange(DAYS) % 3, "dry", "wet"),
    "price": RANDOM.normal(size=DAYS).astype("float32"),
    "id": np.array([f"no {number}" for number in RANDOM.permutation(DAYS)]),
    "sold": (np.arange(DAYS) + 5 * np.sin(np.arange(DAYS))).astype("float32"),
}


def test_values_beyond_the_training_range_are_predicted(tmp_path):
    arrays = {name: TABLE[name] for name in ("day", "price", "sold")}
    early = {name: values[:80] for name, values in arrays.items()}
    starter = build_windows_project(table_from_arrays(early), ["sold"], Windows(by="day", past=8))
    project = replace(starter.project, recipe={**starter.project.recipe, "device": "cpu"})
    ran, _ = run(ordered(tmp_path, project, early))
    opened = TrainedModel.open(ran.path)
    rows, predictions, _ = opened.predict_rows(table_from_arrays(arrays))
    unscaled = opened.fitted.targets["sold"].inverse_transform(predictions["sold"]).ravel()
    later = rows.columns["day"][:-1] >= 80
    known = arrays["sold"][rows.columns["day"][:-1] + 1]
    errors = (unscaled[:-1] - known)[later]
    assert np.square(errors).mean() < 0.1 * known[later].var()


@pytest.mark.parametrize(
    ("targets", "ahead"), [(["sold"], 3), (["price", "sold"], 1), (["weather", "price"], 1)]
)
def test_networks_of_any_targets_fit_their_data(tmp_path, targets, ahead):
    file = tmp_path / "d.csv"
    rows = zip(*TABLE.values(), strict=True)
    file.write_text("\n".join([",".join(TABLE), *(",".join(map(str, row)) for row in rows)]))
    windows = Windows(by="day", past=6, ahead=ahead)
    starter = build_windows_project(table_from_arrays(TABLE), targets, windows)
    (left_out,) = (note for note in starter.notes if "id" in note.message)
    assert left_out.code == "column-left-out"
    report = check(starter.project)
    assert not report.errors
    assert report.input_specs()["past"].shape == (6, 4), "price, sold, and two for the weather"
    assert not [found for found in check_data(report, file) if found.is_error]


def test_labels_that_only_held_out_rows_have_fit_the_network(tmp_path):
    weather = np.where(np.arange(DAYS) < DAYS - 3, TABLE["weather"], "snow")
    np.savez(tmp_path / "d.npz", **{**TABLE, "weather": weather})
    table = open_table(tmp_path / "d.npz")
    report = check(build_windows_project(table, ["sold"], Windows(by="day", past=6)).project)
    assert not [found for found in check_data(report, tmp_path / "d.npz") if found.is_error]


@pytest.mark.parametrize("target", ["weather", "day"])
def test_several_steps_of_classes_and_the_time_itself_are_refused(target):
    windows = Windows(by="day", past=6, ahead=2)
    with pytest.raises(DiagnosticError) as refused:
        build_windows_project(table_from_arrays(TABLE), [target], windows)
    assert refused.value.diagnostics[0].code == "target-unfit"


def test_only_chosen_columns_and_the_targets_are_in_the_window():
    windows = Windows(by="day", past=6)
    starter = build_windows_project(table_from_arrays(TABLE), ["sold"], windows, ["weather"])
    assert starter.project.data["inputs"]["past"]["columns"] == ["weather", "sold"]


def test_numbers_of_groups_are_no_input_and_odd_features_are_told():
    odd = np.where(np.arange(DAYS) % 10, TABLE["price"], -999)
    arrays = {**TABLE, "shop": np.arange(DAYS) % 2 + 7, "day": np.arange(DAYS) // 2, "odd": odd}
    windows = Windows(by="day", group="shop", past=3)
    notes = build_windows_project(table_from_arrays(arrays), ["sold"], windows).notes
    (reason,) = (note.message for note in notes if '"shop"' in note.message)
    assert "identify the series" in reason
    assert any(note.severity == "warning" and '"odd"' in note.message for note in notes)
