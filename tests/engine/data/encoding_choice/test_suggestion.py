"""What is proposed for a column and a port fits both, and is no more than it has to be."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.encoding_choice.suggestion import suggest_numeric_source, suggest_source
from engine.data.ports.target_spec import TargetSpec
from engine.data.profile.table_profile import profile_table
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import Boolean, Category, Date, Ids, Image, Multilabel, Number, Text

ROWS = 40
WORDS = ["quick brown fox", "jumps over", "the lazy dog and runs away", "far"]
COLUMNS = {
    "height": np.linspace(1.5, 2, ROWS),
    "age": np.where(np.arange(ROWS) % 7, np.linspace(1.0, 90, ROWS), np.nan),
    "flag": np.arange(ROWS) % 2,
    "class": np.arange(ROWS) % 4,
    "smokes": text_column(["yes", "no"] * (ROWS // 2)),
    "city": text_column(["a", "b", "c", "d"] * (ROWS // 4)),
    "holes": text_column(["a", "b", "", "d"] * (ROWS // 4)),
    "story": text_column([f"{WORDS[row % 4]} {row} and so on" for row in range(ROWS)]),
    "ids": text_column(["3 17 4", "5 6"] * (ROWS // 2)),
    "tags": text_column(["x|y", "y", "z|x", "y|z"] * (ROWS // 4)),
    "day": text_column([f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(ROWS)]),
    "time": np.datetime64("2024-01-01T00:00", "us") + np.arange(ROWS) * np.timedelta64(7, "h"),
    "photo": text_column([f"p/{row}.png" for row in range(ROWS)]),
    "list": pa.array([["x"], ["y", "x"]] * (ROWS // 2), pa.large_list(pa.large_string())),
    "array": np.arange(ROWS * 3.0).reshape(ROWS, 3),
}
TABLE = Table(Path("t.csv"), COLUMNS)
FACTS = {facts.name: facts for facts in profile_table(TABLE)}
FLOATS = TensorSpec((DynamicLength("x"),))
ONE_ID = TensorSpec((), "int32")
SEQUENCE = TensorSpec((DynamicLength("x"),), "int32")
MSE = TargetSpec("y", (1,), "number", loss="mse")
YES = TargetSpec("y", (1,), "binary", 2)
FOUR = TargetSpec("y", (), "index", 4)
THREE_AT_ONCE = TargetSpec("y", (3,), "binary")


@pytest.mark.parametrize(
    ("column", "port", "encoding"),
    [
        ("height", FLOATS, Number(scale="standardize")),
        ("age", FLOATS, Number(scale="standardize", fill="median")),
        ("array", FLOATS, Number(scale="standardize")),
        ("flag", TensorSpec((1,)), None),
        ("smokes", TensorSpec((1,)), Boolean()),
        ("city", FLOATS, Category()),
        ("holes", FLOATS, Category(fill="other")),
        ("tags", FLOATS, Multilabel()),
        ("list", FLOATS, Multilabel()),
        ("day", FLOATS, Date()),
        ("time", FLOATS, Date(parts=("year", "month", "day", "weekday", "hour"))),
        ("photo", TensorSpec((8, 8, 3)), Image()),
        ("city", ONE_ID, Category(unknown="other")),
        ("holes", ONE_ID, Category(unknown="other", fill="other")),
        ("class", ONE_ID, Category(unknown="other")),
        ("story", SEQUENCE, Text(length=10)),
        ("story", TensorSpec((12,), "int32"), Text()),
        ("ids", SEQUENCE, Ids(length=3)),
        ("height", MSE, Number(scale="standardize")),
        ("height", TargetSpec("y", (1,), "number", loss="poisson"), None),
        ("flag", YES, None),
        ("smokes", YES, Boolean()),
        ("city", FOUR, Category()),
        ("class", FOUR, None),
        ("tags", THREE_AT_ONCE, Multilabel()),
    ],
)
def test_a_column_and_its_port_decide_the_encoding(column, port, encoding):
    (proposed,) = suggest_source(FACTS[column], port).encodings
    assert proposed == encoding


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "photo"])
def test_what_is_proposed_can_be_read(column):
    for spec in (FLOATS, ONE_ID, SEQUENCE):
        source = suggest_source(FACTS[column], spec)
        kinds = {type(each) for each in source.encodings}
        fits = not kinds & ({Text, Ids} if spec.dtype == "float32" else {Date, Multilabel})
        fits &= (spec.rank > 0) or not kinds & {Text, Ids}
        fits &= spec.dtype == "float32" or column not in ("array", "height", "age")
        if fits and not (spec is FLOATS and column in ("story", "ids")):
            mapping = DataMapping(inputs={"x": source})
            assert build_dataset(TABLE, mapping, {"x": spec}, []).row_count == ROWS


def test_a_few_rows_that_are_far_longer_than_the_others_are_cut():
    cells = [f"some few words of {row}" for row in range(100)] + ["word " * 500]
    (facts,) = profile_table(Table(Path("t.csv"), {"x": text_column(cells)}))
    assert suggest_source(facts, SEQUENCE).encodings == (Text(length=5),)


def test_numbers_stand_together_and_share_a_fill():
    assert suggest_numeric_source([FACTS["height"], FACTS["class"]]) == Source(
        columns=("height", "class"), scale="standardize"
    )
    assert (
        suggest_numeric_source([FACTS["height"], FACTS["age"]]).encodings
        == (Number(scale="standardize", fill="median"),) * 2
    )
    assert suggest_numeric_source([FACTS["height"]]) == Source(column="height", scale="standardize")
