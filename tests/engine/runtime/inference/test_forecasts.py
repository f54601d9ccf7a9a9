"""A network that reads windows is trained, scored and used on tables of time series."""

import csv

import numpy as np
import pytest

from engine.cli.app import main
from engine.core.diagnostic import DiagnosticError
from engine.data.table.table import table_from_arrays
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.run_splits import select_rows
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import node, ordered, project, run, scores_of

PAST, AHEAD = 4, 2
COUNTS = {"a": 30, "b": 50}


def forecast(**recipe):
    return project(
        node("x", "Input", shape=[PAST, 1]),
        node("r", "LSTM", "x", units=3),
        node("d", "Dense", "r", units=AHEAD),
        node("y", "Output", "d", loss="mse", metrics=["mae"]),
        data={
            "inputs": {"x": {"column": "sold", "scale": "standardize"}},
            "targets": {"y": {"column": "sold", "scale": "standardize"}},
            "windows": {"by": "day", "group": "shop", "past": PAST, "ahead": AHEAD},
        },
        **{"epochs": 2, "batch_size": 16} | recipe,
    )


def sales(counts=COUNTS):
    shops = np.repeat([*counts], [*counts.values()])
    day = np.concatenate([np.arange(count) for count in counts.values()])
    order = np.random.default_rng(1).permutation(len(day))
    sold = np.sin(day / 3) + 5 * (shops == "b")
    return {"day": day[order], "shop": shops[order], "sold": sold[order].astype("float32")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    ran, events = run(ordered(tmp_path_factory.mktemp("run"), forecast(), sales()))
    return TrainedModel.open(ran.path), events


@pytest.mark.parametrize("use_cache", [False, True])
def test_the_windows_of_a_split_are_scored_as_in_training(
    trained, use_cache, monkeypatch, tmp_path
):
    opened, events = trained
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path))
    opened = type(opened)(**{**vars(opened), "use_cache": use_cache})
    rows = select_rows(opened, None, "validation")
    last = next(event for event in reversed(events) if event.kind == "epoch-done")
    loss = scores_of(opened, rows.dataset)["loss"]
    assert loss == pytest.approx(last.validation["loss"])
    table = sales()
    past = rows.dataset.memmap.take(slice(None))["inputs"]["x"][:, -1, 0]
    scaled = opened.fitted.inputs["x"].transform(table["sold"][rows.row_indices], "sold")
    np.testing.assert_allclose(past, scaled, rtol=1e-5)
    assert evaluate_run(opened, None, "validation").rows == len(past)


def test_a_prediction_for_each_window_is_that_of_the_network_for_its_rows(trained):
    opened, _ = trained
    counts = {"a": PAST, "b": PAST + 2, "c": PAST - 1}
    table = table_from_arrays(sales(counts))
    ends, predictions, _ = opened.predict_rows(table)
    predicted = predictions["y"]
    assert list(ends.columns) == ["day", "shop"]
    assert ends.columns["shop"].to_pylist() == ["a", "b", "b", "b"]
    assert ends.columns["day"].tolist() == [PAST - 1, PAST - 1, PAST, PAST + 1]
    assert predicted.shape == (4, AHEAD)
    one = table_from_arrays({name: x[table_rows(table, "a")] for name, x in sales(counts).items()})
    np.testing.assert_allclose(opened.predict_rows(one).values["y"][0], predicted[0], rtol=1e-5)
    with pytest.raises(DiagnosticError) as refused:
        opened.predict_rows(table_from_arrays(sales({"a": PAST - 1})))
    assert refused.value.diagnostics[0].code == "series-short"


def table_rows(table, shop):
    return np.flatnonzero(np.array(table.columns["shop"].to_pylist()) == shop)


def test_a_starter_network_is_made_trained_and_used_by_commands(tmp_path, capsys):
    table, file, out = tmp_path / "sales.csv", tmp_path / "s.loom.json", tmp_path / "p.csv"
    arrays = sales()
    with table.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(arrays)
        writer.writerows(zip(*arrays.values(), strict=True))

    def call(*words):
        with pytest.raises(SystemExit) as leaving:
            main([*map(str, words)])
        said = capsys.readouterr()
        return leaving.value.code, said.out + said.err

    windows = f"by=day,group=shop,past={PAST},ahead={AHEAD}"
    assert call("new", "--from", table, "--target", "sold", "--windows", windows, file)[0] == 0
    folder = tmp_path / "run"
    short = ("--set", "epochs=1", "--run", folder)
    assert call("train", file, "--data", table, *short)[0] == 0
    assert call("evaluate", folder, "--data", table)[0] == 0
    assert call("evaluate", folder, "--split", "validation")[0] == 0
    assert call("predict", folder, "--data", table, "--out", out)[0] == 0
    with out.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == ["day", "shop", "sold_predicted_0", "sold_predicted_1"]
    assert len(rows) == sum(count - PAST + 1 for count in COUNTS.values())
    code, said = call("predict", folder, "--row", '{"sold": 3}')
    assert code != 0
    assert "--data D --out F" in said
