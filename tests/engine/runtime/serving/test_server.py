"""Rows are answered one by one, in the person's labels and units, typed or taken from a table."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from engine.data.preview.input_schema import input_fields
from engine.data.readers.row_reader import read_table_rows
from engine.data.table.cell_format import format_cells
from engine.graph.serialization.file import dumps
from engine.runs.request import TrainRequest
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.serving.server import PredictionServer
from tests.engine.runtime.small import node, predicted_values, project, run

ROWS = "".join(
    f"{row % 7}.5,{('red', 'blue')[row % 2]},{'a b c'[: 1 + 2 * (row % 3)]},"
    f"{('cat', 'dog', 'hen')[row % 3]},{10 + row % 7},{('no', 'yes')[row % 2]}\n"
    for row in range(60)
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> TrainedModel:
    folder = tmp_path_factory.mktemp("answering")
    given = project(
        node("x", "Input", shape=[1]),
        node("tone", "Input", shape=[2]),
        node("words", "Input", shape=[3], dtype="int32"),
        node("look", "Embedding", "words", input_dim=20, output_dim=4),
        node("mean", "GlobalAveragePooling1D", "look"),
        node("cat", "Concatenate", {"xs": ["x", "tone", "mean"]}),
        node("k", "Dense", "cat", units=3, activation="softmax"),
        node("n", "Dense", "cat", units=1),
        node("p", "Dense", "cat", units=1, activation="sigmoid"),
        node("kind", "Output", "k", loss="sparse_categorical_crossentropy"),
        node("size", "Output", "n", loss="mse", unit="cm"),
        node("tame", "Output", "p", loss="binary_crossentropy"),
        data={
            "inputs": {
                "tone": {"column": "tone", "encode": "category"},
                "words": {"column": "words", "encode": "text"},
            },
            "targets": {"size": {"column": "size", "scale": "standardize"}},
        },
        epochs=1, batch_size=8, seed=1,
    )  # fmt: skip
    graph, data = folder / "g.loom.json", folder / "rows.csv"
    graph.write_text(dumps(given))
    data.write_text("x,tone,words,kind,size,tame\n" + ROWS)
    done, _ = run(TrainRequest(graph, data))
    return TrainedModel.open(done.path)


@pytest.fixture(scope="module")
def answering(trained) -> PredictionServer:
    return PredictionServer(trained, input_fields(trained.report, trained.fitted))


def ask(answering, **asked):
    return answering.handle_request(json.dumps(asked).encode())


def data(trained):
    return str(trained.run.path.parent.parent / "rows.csv")


def test_a_field_says_what_is_to_be_filled_in(trained):
    found = {field.column: field for field in input_fields(trained.report, trained.fitted)}
    assert {name: field.kind for name, field in found.items()} == {
        "x": "number", "tone": "category", "words": "text",
    }  # fmt: skip
    assert found["tone"].labels == ("blue", "red")


def test_an_answer_is_what_a_prediction_of_the_table_says(trained, answering):
    whole = predicted_values(trained, trained.run.path.parent.parent / "rows.csv")
    answer = ask(answering, data=data(trained), row=4)
    kind, size, tame = answer["outputs"]
    shares = [each["share"] for each in kind["shares"]]
    assert shares == pytest.approx(whole["kind"][4].tolist(), abs=1e-4)
    assert kind["answer"] == ("cat", "dog", "hen")[int(np.argmax(shares))]
    encoder = trained.fitted.targets["size"]
    assert size["values"][0] == pytest.approx(
        float(encoder.inverse_transform(whole["size"])[4, 0]), rel=1e-4
    )
    assert size["unit"] == "cm"
    assert [each["label"] for each in tame["shares"]] == ["no", "yes"]
    assert sum(each["share"] for each in tame["shares"]) == pytest.approx(1, abs=1e-5)


def test_a_row_can_be_shown_and_typed_again_with_the_same_answer(trained, answering):
    shown = ask(answering, data=data(trained), row=4, show=True)["cells"]
    assert shown == {"x": "4.5", "tone": "red", "words": "a b"}
    assert ask(answering, cells=shown) == ask(answering, data=data(trained), row=4)


def test_a_shown_row_has_its_targets(trained, answering):
    """They are missing where a table has none of them."""
    shown = ask(answering, data=data(trained), row=4, show=True)
    assert shown["targets"] == {"kind": "dog", "size": "14", "tame": "no"}
    bare = trained.run.path.parent / "bare.csv"
    bare.write_text("x,tone,words,tame\n1.5,red,a b,\n")
    assert ask(answering, data=str(bare), row=0, show=True)["targets"] == {}


def test_a_row_with_decimal_commas_is_shown_with_points_and_answered_alike(trained, answering):
    german = trained.run.path.parent / "german.csv"
    lines = ROWS.replace(",", ";").replace(".5", ",500").splitlines()
    german.write_text("\n".join(["x;tone;words;kind;size;tame", *lines]) + "\n")
    shown = ask(answering, data=str(german), row=4, show=True)["cells"]
    assert shown == {"x": "4.500", "tone": "red", "words": "a b"}
    assert ask(answering, data=str(german), row=4) == ask(answering, cells=shown)


def test_what_is_typed_takes_the_place_of_the_rows_own_cell(trained, answering):
    typed = ask(answering, data=data(trained), row=4, cells={"tone": "blue", "x": "4,5"})
    assert typed == ask(answering, cells={"x": 4.5, "tone": "blue", "words": "a b"})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"cells": {"x": 1, "tone": "green", "words": "a"}}, "label-unknown"),
        ({"cells": {"x": "many", "tone": "red", "words": "a"}}, "column-kind"),
        ({"cells": {"tone": "red"}}, "cell-missing"),
        ({"cells": 3}, "usage"),
        ({"data": "rows.csv"}, "usage"),
    ],
)
def test_a_mistake_is_a_finding_and_the_next_row_is_answered(trained, answering, asked, code):
    answer = ask(answering, **asked)
    assert not answer["ok"]
    assert code in {each["code"] for each in answer["diagnostics"]}
    assert ask(answering, data=data(trained), row=0)["ok"]


def test_a_mistake_is_said_of_its_cell_and_not_of_a_row(trained, answering):
    asked = ({"x": "many", "tone": "red", "words": "a"}, {"x": 1, "tone": "green", "words": "a"})
    for cells, column in zip((*asked, {"tone": "red"}), ("x", "tone", "x"), strict=True):
        (found,) = ask(answering, cells=cells)["diagnostics"]
        assert found["place"] == f"column {column}"
        assert "row" not in " ".join(
            [found["message"], found["found"], *map(str, found.get("fixes", ()))]
        )


def test_all_that_is_wrong_with_a_row_is_said_at_once(trained, answering):
    found = ask(answering, cells={"x": " ", "tone": "green", "words": "a"})["diagnostics"]
    assert [(each["code"], each["place"]) for each in found] == [
        ("cell-missing", "column x"), ("label-unknown", "column tone"),
    ]  # fmt: skip


def test_what_is_far_from_the_rows_trained_on_is_noted_and_answered(trained, answering):
    assert ask(answering, data=data(trained), row=4)["notes"] == {}
    answer = ask(answering, cells={"x": 1, "tone": "red", "words": "a zulu"})
    assert answer["notes"] == {"words": "Unknown words: zulu"}
    assert len(answer["outputs"]) == 3


def test_a_typed_row_is_noted_by_the_command_too(trained):
    row = json.dumps({"x": 1, "tone": "red", "words": "zulu"})
    command = [sys.executable, "-m", "engine", "predict", str(trained.run.path), "--row", row]
    done = subprocess.run(command, text=True, check=True, capture_output=True)
    assert done.stderr.splitlines()[-1] == "words: none of these words is in the vocabulary"
    done = subprocess.run([*command, "--json"], text=True, check=True, capture_output=True)
    assert json.loads(done.stdout)["notes"] == {"words": "None of these words is in the vocabulary"}
    two = [*command, "--row", row.replace("1", "2")]
    done = subprocess.run(two, text=True, check=True, capture_output=True)
    assert len(done.stdout.splitlines()) == 4  # heads, a line below them, and two rows


def test_a_row_that_is_not_there_is_named(trained, answering):
    answer = ask(answering, data=data(trained), row=60)
    assert answer["diagnostics"][0]["code"] == "row-beyond"


@pytest.mark.slow
def test_the_command_answers_line_by_line(trained):
    asked = [{"data": data(trained), "row": 2}, {"cells": {}}]
    done = subprocess.run(
        [sys.executable, "-m", "engine", "answer", str(trained.run.path)], text=True, check=True,
        input="".join(json.dumps(each) + "\n" for each in asked), capture_output=True,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["column"] for each in said[0]["fields"]] == ["x", "tone", "words"]
    assert said[1] == {"ok": True, "ready": True, "weights": "final"}
    assert [each["ok"] for each in said[2:]] == [True, False]


def test_some_rows_of_a_table_are_read_in_the_order_asked(trained, monkeypatch):
    whole = read_table_rows(trained.run.path.parent.parent / "rows.csv", [7, 2, 59, 2])
    assert list(format_cells(whole.columns["x"])) == ["0.5", "2.5", "3.5", "2.5"]
    arrays = trained.run.path.parent / "arrays.npz"
    np.savez(arrays, n=np.arange(200_000), m=np.arange(2_400_000).reshape(-1, 12))
    found = read_table_rows(arrays, [199_999, 3, 70_000])
    assert list(format_cells(found.columns["n"])) == ["199999", "3", "70000"]
    assert next(format_cells(found.columns["m"])).endswith("… (12)")


def test_an_invalid_value_is_told_by_the_kind_of_its_field(tmp_path):
    given = project(
        node("grid", "Input", shape=[2, 2]), node("flat", "Flatten", "grid"),
        node("d", "Dense", "flat", units=1), node("y", "Output", "d", loss="mse"), epochs=1,
    )  # fmt: skip
    graph, table = tmp_path / "g.loom.json", tmp_path / "rows.npz"
    graph.write_text(dumps(given))
    np.savez(table, grid=np.arange(80.0).reshape(20, 2, 2), y=np.arange(20.0))
    trained = TrainedModel.open(run(TrainRequest(graph, table))[0].path)
    server = PredictionServer(trained, input_fields(trained.report, trained.fitted))
    (found,) = ask(server, cells={"grid": "many"})["diagnostics"]
    assert found["message"] == "'many' is not an array"
