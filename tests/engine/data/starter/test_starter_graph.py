"""From a table and its targets to a graph that passes every check, whatever the columns hold."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError, only_errors
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.prepared_data import check_data, prepare_data
from engine.data.profile.table_profile import profile_table
from engine.data.readers.images import common_image_shape
from engine.data.readers.table_file import open_table
from engine.data.splits.random_split import random_split
from engine.data.splits.split_rows import SplitSizes
from engine.data.starter.input_branches import few_labels
from engine.data.starter.new_input import suggest_input
from engine.data.starter.starter_graph import build_starter_project
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.graph.node_names import suggest_name
from engine.graph.serialization.file import dumps, parse
from engine.recipe.csv_dialect import Dialect
from tests.tiers import cases, noted

ROWS = 120
RNG = np.random.default_rng(5)
CITIES = [f"city {number}" for number in range(15)]
WORDS = ["quick", "brown", "fox", "jumps", "over", "lazy", "dog", "and", "runs", "away"]


def some(values, rows=ROWS):
    return text_column([values[row % len(values)] for row in range(rows)])


def stories(rows=ROWS):
    return text_column([" ".join(RNG.choice(WORDS, 9)) + f" {row}" for row in range(rows)])


INPUTS = {
    "height": RNG.normal(170, 10, ROWS),
    "weight": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(70, 9, ROWS)),
    "flag": np.arange(ROWS) % 2,
    "smokes": some(["yes", "no"]),
    "holes": some(["yes", "no", ""]),
    "island": some(["a", "b", "c"]),
    "kind": some(["a", "b", "other", ""]),
    "city": some([*CITIES, ""]),
    "story": stories(),
    "ids": some(["3 17 4", "5 6"]),
    "tags": some(["x|y", "y", "z|x", "y|z"]),
    "day": text_column([f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(ROWS)]),
    "when": np.datetime64("2024-01-01T00:00", "us") + np.arange(ROWS) * np.timedelta64(7, "h"),
    "lists": pa.array([[1, 2], [3]] * (ROWS // 2), pa.large_list(pa.int64())),
    "pairs": pa.array([[0.5, 2.0], [3.0, 1.5]] * (ROWS // 2), pa.large_list(pa.float64())),
    "array": RNG.normal(size=(ROWS, 5)),
    "signal": RNG.normal(size=(ROWS, 20, 3)),
    "pixels": RNG.normal(size=(ROWS, 12, 9, 1)),
    "posts": RNG.integers(0, 30, (ROWS, 7)),
}
TARGETS = {
    "mass": (RNG.normal(4000, 300, ROWS), "mse"),
    "species": (some(["Adelie", "Gentoo", "Chinstrap"]), "sparse_categorical_crossentropy"),
    "class": (np.arange(ROWS) % 4, "sparse_categorical_crossentropy"),
    "sex": (some(["male", "female"]), "binary_crossentropy"),
    "alive": (np.arange(ROWS) % 2, "binary_crossentropy"),
    "grade": (some(["A", "B", "", "C"]), "sparse_categorical_crossentropy"),
    "topics": (some(["news|sport", "sport", "art|news", "art"]), "binary_crossentropy"),
    "parts of": (np.where(np.arange(ROWS) % 9, RNG.normal(size=ROWS), np.nan), "mse"),
    "visits": (np.arange(ROWS) % 3 * (np.arange(ROWS) % 7 == 0) * 4, "poisson"),
    "rating": (1 + np.arange(ROWS) % 5, "mse"),
    "price": (np.exp(RNG.normal(8, 3, ROWS)), "mse"),
}


def started(columns, targets, path=Path("t.csv")):
    return build_starter_project(Table(path, columns), targets)


def sound(columns, targets, path=Path("t.csv"), **options):
    """Check the graph and every row of its data, and answer the report."""
    table = Table(path, columns)
    begun = build_starter_project(table, targets, **options)
    project = parse(dumps(begun.project).encode()).project
    report = check(project)
    assert report.diagnostics == (), "a first graph has nothing that one would mend"
    train = random_split(SplitSizes(table.row_count, 0.2), 1).train
    dataset = encode_for_graph(report, table, train=train)
    assert only_errors(check_against_graph(report, dataset)) == []
    return report


def test_each_kind_of_column_is_read_by_a_sound_graph():
    for column in INPUTS:
        with noted(column):
            report = sound({column: INPUTS[column], "y": TARGETS["mass"][0]}, ["y"])
            assert list(report.input_specs()) == [column]


@pytest.mark.parametrize("target", TARGETS)
def test_each_kind_of_target_has_its_loss(target):
    values, loss = TARGETS[target]
    report = sound({"height": INPUTS["height"], target: values}, [target])
    (head,) = report.heads.values()
    assert head.name == suggest_name(target)
    assert type(head.loss).__name__.lower() == loss.replace("_", "").replace(
        "mse", "meansquarederror"
    )


@settings(deadline=None, max_examples=cases(10, 25), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(sorted(INPUTS)), min_size=1, unique=True),
    st.lists(st.sampled_from(sorted(TARGETS)), min_size=1, unique=True),
)
def test_any_columns_and_targets_make_a_sound_graph(inputs, targets):
    columns = {name: INPUTS[name] for name in inputs}
    columns |= {name: TARGETS[name][0] for name in targets}
    report = sound(columns, targets)
    assert len(report.heads) == len(targets)


def test_skewed_numbers_are_predicted_as_factors_of_their_mean_or_as_logarithms():
    for target, scale in {"mass": "standardize", "visits": "mean", "price": "log"}.items():
        with noted(target):
            begun = started({"height": INPUTS["height"], target: TARGETS[target][0]}, [target])
            encode = begun.project.data["targets"][target]
            assert encode.get("scale") or encode["encode"]["params"]["scale"] == scale
            assert [note.code for note in begun.notes] == ["target-choice"][target == "mass" :]
            if target == "visits":
                assert begun.notes[0].message.endswith("the loss is poisson")


def test_the_loss_of_whole_numbers_is_told():
    """Days in hospital have no tail that is long enough for a Poisson loss, counts of 0 have."""
    days = RNG.permutation(np.linspace(1, 83, ROWS)).round()
    for values, loss in ((days, "mse"), (days**4 // 10**6, "poisson")):
        begun = started({"height": INPUTS["height"], "days": values.astype(int)}, ["days"])
        (head,) = check(begun.project).heads.values()
        (note,) = begun.notes
        assert note.message.endswith(f"the loss is {loss}")
        assert {"mse": "MeanSquaredError", "poisson": "Poisson"}[loss] == type(head.loss).__name__


@pytest.mark.parametrize("rows", range(2, 13))
def test_the_smallest_tables_are_trained_as_they_are(rows, tmp_path):
    path = tmp_path / "t.csv"
    cells = [f"{row},{'ab'[row % 2]}" for row in range(rows)]
    path.write_text("\n".join(["x,y", *cells]) + "\n")
    report = check(build_starter_project(open_table(path), ["y"]).project)
    assert prepare_data(report, path, None).train.row_count >= min(rows, 9)


@pytest.mark.parametrize("start", [0, 1])
def test_whole_numbers_are_classes_or_numbers_by_choice(start):
    columns = {"height": INPUTS["height"], "rating": start + np.arange(ROWS) % 5}
    for chosen in (None, True, False):
        with noted(chosen):
            classes = {} if chosen is None else {"rating": chosen}
            begun = build_starter_project(
                Table(Path("t.csv"), columns), ["rating"], classes=classes
            )
            assert [note.code for note in begun.notes] == ["target-choice"][: not chosen]
            is_class = start == 0 if chosen is None else chosen
            (head,) = check(begun.project).heads.values()
            assert (head.class_count == 5) == is_class
            sound(columns, ["rating"], classes=classes)


def test_several_targets_count_by_what_each_can_gain_and_end_training_together():
    columns = {"height": RNG.normal(size=1_000)}
    columns |= {name: np.resize(TARGETS[name][0], 1_000) for name in ("mass", "class", "alive")}
    project = started(columns, ["mass", "class", "alive"]).project
    heads = check(project).heads.values()
    entropies = [1, np.log(4), np.log(2)]
    assert [head.loss_weight for head in heads] == [round(1 / each, 2) for each in entropies]
    assert project.recipe["stopping"]["monitors"] == [f"{head.name}/loss" for head in heads]
    assert project.recipe["best"] == {}, "by the total loss"


@pytest.mark.parametrize(
    ("rows", "targets", "has_bins"),
    [
        (99, ["sex"], False),
        (100, ["sex"], True),
        (100, ["sex", "mass"], False),
        (999, ["mass"], False),
        (1_000, ["mass"], True),
    ],
)
def test_numbers_of_larger_tables_are_ranked_and_encoded_in_bins_classes_need_fewer_rows(
    rows, targets, has_bins
):
    columns = {"height": RNG.lognormal(size=rows), "mass": RNG.normal(size=rows)}
    columns["sex"] = some(["f", "m"], rows)
    report = sound({name: columns[name] for name in ("height", *targets)}, targets)
    kinds = [node.kind for node in report.project.graph]
    assert kinds.count("PiecewiseLinearEncoding") == has_bins


def test_plain_numbers_share_one_input():
    report = sound({name: INPUTS[name] for name in ("height", "weight", "flag")} | {
        "y": TARGETS["mass"][0]}, ["y"])  # fmt: skip
    assert [spec.shape for spec in report.input_specs().values()] == [(3,)]


def test_a_new_input_lists_two_labels_since_the_training_rows_may_hold_only_one():
    plan = text_column(["basic"] * (ROWS - 1) + ["pro"])
    paid = text_column(["Yes", "no"] * (ROWS // 2))
    table = Table(Path("t.csv"), {"plan": plan, "paid": paid, "mass": plan})
    for stats, labels in zip(profile_table(table), [("basic", "pro"), ("no", "Yes")], strict=False):
        listed = few_labels(stats, table.columns[stats.name])
        assert suggest_input([stats], listed)[1].labels == labels
        source = started(table.columns, ["mass"]).project.data["inputs"][stats.name]
        assert "labels" not in source, "a first graph lists no two labels"


def test_pictures_are_looked_at_by_convolutions(tmp_path):
    for row in range(ROWS):
        Pillow.new("RGB", (9, 9), (row, 0, 0)).save(tmp_path / f"{row}.png")
    columns = {"photo": text_column([f"{row}.png" for row in range(ROWS)]), "y": TARGETS["sex"][0]}
    report = sound(columns, ["y"], tmp_path / "table.csv")
    kinds = [node.kind for node in report.project.graph]
    assert kinds.count("Conv2D") == 3


def test_what_says_nothing_of_other_rows_is_left_out_with_a_note():
    columns = {
        "id": np.arange(ROWS),
        "empty": text_column([""] * ROWS),
        "same": some(["x"]),
        "height": INPUTS["height"],
        "mass": TARGETS["mass"][0],
    }
    begun = started(columns, ["mass"])
    assert [(note.code, note.place) for note in begun.notes] == [
        ("column-left-out", f"column {name}") for name in ("id", "empty", "same")
    ]
    assert [node.name for node in begun.project.graph.of_kind("Input")] == ["height"]


def test_missing_targets_are_masked():
    columns = {"height": INPUTS["height"], "grade": TARGETS["grade"][0]}
    graph = started(columns, ["grade"]).project.graph
    assert graph["grade"].params["missing"] == "mask"


def test_rows_are_divided_so_that_each_class_is_on_both_sides():
    columns = {"height": INPUTS["height"], "sex": TARGETS["sex"][0]}
    assert started(columns, ["sex"]).project.data["split"] == {
        "kind": "stratified",
        "params": {"column": "sex"},
    }


def test_names_that_are_none_become_legal_ones():
    columns = {"body mass (g)": TARGETS["mass"][0], "1st": INPUTS["height"], "all": INPUTS["city"]}
    report = sound(columns, ["body mass (g)"])
    assert list(report.heads) == ["body_mass_g"]


def test_a_target_may_be_called_as_a_part_of_the_graph():
    sound({"height": INPUTS["height"], "hidden": TARGETS["mass"][0]}, ["hidden"])


@pytest.mark.parametrize(
    ("columns", "targets", "code"),
    [
        ({"height": INPUTS["height"], "mass": TARGETS["mass"][0]}, ["mas"], "column-missing"),
        ({"height": INPUTS["height"]}, [], "column-missing"),
        ({"height": INPUTS["height"], "story": INPUTS["story"]}, ["story"], "target-unfit"),
        ({"height": INPUTS["height"], "day": INPUTS["day"]}, ["day"], "target-unfit"),
        ({"height": INPUTS["height"], "same": some(["x"])}, ["same"], "target-unfit"),
        ({"id": np.arange(ROWS), "mass": TARGETS["mass"][0]}, ["mass"], "nothing-to-learn-from"),
    ],
)
def test_what_can_not_be_drawn_is_refused(columns, targets, code):
    with pytest.raises(DiagnosticError) as refused:
        started(columns, targets)
    assert [found.code for found in refused.value.diagnostics] == [code]


def test_what_a_person_asks_for_is_read_even_if_nobody_would_propose_it():
    columns = {
        "id": np.arange(ROWS),
        "code": text_column([f"x{row}" for row in range(ROWS)]),
        "same": some(["x"]),
        "one": np.ones(ROWS),
        "height": INPUTS["height"],
        "mass": TARGETS["mass"][0],
    }
    table = Table(Path("t.csv"), columns)
    begun = build_starter_project(table, ["mass"], ["id", "code", "same", "one"])
    report = check(begun.project)
    assert report.errors == []
    assert begun.notes == ()
    named = [
        name
        for port in report.input_specs()
        for name in report.mapping.source("inputs", port).column_names
    ]
    assert sorted(named) == ["code", "id", "one", "same"]
    encode_for_graph(report, table)


def test_a_column_to_learn_from_that_is_not_there_is_refused():
    table = Table(Path("t.csv"), {"height": INPUTS["height"], "mass": TARGETS["mass"][0]})
    with pytest.raises(DiagnosticError) as refused:
        build_starter_project(table, ["mass"], ["hight"])
    assert 'Use "height".' in str(refused.value)


def test_a_table_without_rows_begins_nothing(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(DiagnosticError) as refused:
        build_starter_project(open_table(tmp_path / "t.csv"), ["a"])
    assert refused.value.diagnostics[0].message == '"t.csv" has a header and no rows'


def test_what_is_taken_as_missing_stays_so_in_the_graph(tmp_path):
    lines = [f"{row},{row % 7},{'?' if row == 5 else row % 9 + 0.5}" for row in range(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["y,a,b", *lines]) + "\n")
    table = open_table(tmp_path / "t.csv", dialect=Dialect(missing=("?",)))
    begun = build_starter_project(table, ["y"], file=Dialect(missing=("?",)))
    assert (begun.notes, begun.project.data["file"]) == ((), {"missing": ["?"]})
    report = check(begun.project)
    assert only_errors(check_data(report, table.path)) == []
    assert (
        "file"
        not in build_starter_project(open_table(tmp_path / "t.csv"), ["y"], ["a"]).project.data
    )


def test_images_too_large_to_open_are_left_to_the_check_of_the_data(tmp_path, monkeypatch):
    Pillow.new("L", (9, 7)).save(tmp_path / "a.png")
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 20)
    assert common_image_shape([tmp_path / "a.png"], 96) == (96, 96, 3)
