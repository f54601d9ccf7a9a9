"""The encoding of a column: the default one by its content, the suggested one by all statistics."""

from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.encoding_choice.choice import (
    default_encodings,
    joint_row_shape,
    suggest_joint_source,
    suggest_numeric_source,
    suggest_source,
)
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.transform import transform_port
from engine.data.profile.statistics import ColumnContent
from engine.data.profile.table_profile import profile_table
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import (
    ENCODINGS,
    Boolean,
    Category,
    Date,
    Ids,
    Image,
    Multilabel,
    Number,
    Text,
)

DYNAMIC = DynamicLength("x")
PORTS = {
    "one": TensorSpec((1,)),
    "three": TensorSpec((3,)),
    "picture": TensorSpec((8, 8, 3)),
    "id": TensorSpec((), "int32"),
    "ids": TensorSpec((DYNAMIC,), "int32"),
    "number": TargetSpec("y", (1,), "number", loss="mse"),
    "yes": TargetSpec("y", (1,), "binary", 2),
    "several": TargetSpec("y", (3,), "binary"),
    "index": TargetSpec("y", (), "index", 4),
}
# The default encoding: a row per content, a column per port.
DEFAULTS = """
              | one       | three      | picture    | id       | ids    | number | yes        | several    | index
integers      | number    | number     | number     | number   | number | number | number     | number     | number
numbers       | number    | number     | number     | number   | number | number | number     | number     | number
dates         | date      | date       | date       | category | category | number | number   | number     | number
number lists  | number    | number     | number     | ids      | ids    | number | number     | number     | number
text lists    | multilabel | multilabel | multilabel | text    | text   | number | multilabel | multilabel | multilabel
integer texts | number    | number     | number     | number   | ids    | number | number     | number     | number
number texts  | number    | number     | number     | number   | text   | number | number     | number     | number
date texts    | date      | date       | image      | category | text   | number | boolean    | multilabel | category
id list texts | boolean   | category   | image      | category | ids    | number | boolean    | multilabel | category
texts         | boolean   | category   | image      | category | text   | number | boolean    | multilabel | category
"""  # noqa: E501
TABLE_CELLS = [[cell.strip() for cell in line.split("|")] for line in DEFAULTS.splitlines()[1:]]


@pytest.mark.parametrize(("content", "names"), [(row[0], row[1:]) for row in TABLE_CELLS[1:]])
def test_content_and_port_decide_the_default(content, names):
    for port, name in zip(PORTS, names, strict=True):
        (encoding,) = default_encodings([content], Source(column="x"), PORTS[port])
        assert encoding == ENCODINGS[name](), port


def test_the_table_of_defaults_has_all_contents_and_ports():
    assert [row[0] for row in TABLE_CELLS[1:]] == list(get_args(ColumnContent))
    assert TABLE_CELLS[0][1:] == list(PORTS)


LISTABLE = ["integers", "integer texts", "number texts", "date texts", "id list texts", "texts"]


LABELS = {
    "one": Boolean(), "three": Category(), "id": Category(), "ids": Category(), "yes": Boolean(),
    "several": Multilabel(), "index": Category(), "number": Number(),
}  # fmt: skip


@pytest.mark.parametrize("content", get_args(ColumnContent))
def test_labels_of_the_mapping_make_single_cells_labels(content):
    plain, listed = Source(column="x"), Source(column="x", labels=("a", "b"))
    for port, expected in LABELS.items():
        (default,) = default_encodings([content], plain, PORTS[port])
        (encoding,) = default_encodings([content], listed, PORTS[port])
        assert encoding == (expected if content in LISTABLE else default), port


def test_an_encoding_of_the_mapping_replaces_the_default_of_its_column():
    source = Source(columns=("x", "y", "z"), encode=(None, Date(fill="zero"), None))
    contents: list[ColumnContent] = ["texts", "date texts", "id list texts"]
    expected = [Category(), Date(fill="zero"), Category()]
    assert default_encodings(contents, source, TensorSpec((1,))) == expected
    assert default_encodings(contents[:1], Source(column="x"), TensorSpec((1,))) == [Boolean()]
    pair = Source(columns=("x", "y"))
    assert default_encodings(["texts"] * 2, pair, PORTS["index"]) == [Number()] * 2
    assert default_encodings(["texts"] * 2, pair, PORTS["ids"]) == [Category()] * 2


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
    "same": text_column(["a"] * ROWS),
    "same day": text_column(["2024-03-02"] * ROWS),
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
STATISTICS = {statistics.name: statistics for statistics in profile_table(TABLE)}
FLOATS = TensorSpec((DYNAMIC,))
SUGGESTIONS = [
    ("height", FLOATS, Number(scale="standardize", fill="mean")),
    ("age", FLOATS, Number(scale="standardize", fill="median")),
    ("array", FLOATS, Number(scale="standardize", fill="mean")),
    ("flag", PORTS["one"], Number(fill="mean")),
    ("smokes", PORTS["one"], Boolean(fill="most_frequent")),
    ("city", FLOATS, Category(unknown="ignore", fill="most_frequent")),
    ("holes", FLOATS, Category(unknown="other", fill="other")),
    ("same", FLOATS, Category(unknown="ignore", fill="most_frequent")),
    ("same day", FLOATS, Date(fill="zero")),
    ("tags", FLOATS, Multilabel(unknown="ignore")),
    ("list", FLOATS, Multilabel(unknown="ignore")),
    ("day", FLOATS, Date(fill="zero")),
    ("time", FLOATS, Date(parts=("year", "month", "day", "weekday", "hour"), fill="zero")),
    ("photo", PORTS["picture"], Image()),
    ("city", PORTS["id"], Category(unknown="other", fill="other")),
    ("holes", PORTS["id"], Category(unknown="other", fill="other")),
    ("class", PORTS["id"], Category(unknown="other", fill="other")),
    ("story", PORTS["ids"], Text(length=10)),
    ("story", TensorSpec((12,), "int32"), Text()),
    ("ids", PORTS["ids"], Ids(length=3)),
    ("height", PORTS["number"], Number(scale="standardize")),
    ("height", TargetSpec("y", (1,), "number", loss="poisson"), None),
    ("flag", PORTS["yes"], None),
    ("smokes", PORTS["yes"], Boolean()),
    ("city", PORTS["index"], Category()),
    ("class", PORTS["index"], None),
    ("tags", PORTS["several"], Multilabel()),
]


@pytest.mark.parametrize(("column", "port", "encoding"), SUGGESTIONS)
def test_statistics_and_port_decide_the_suggestion(column, port, encoding):
    source = suggest_source(STATISTICS[column], port)
    assert source.encodings == (encoding,)
    if isinstance(port, TensorSpec) and not isinstance(encoding, Image):
        data = PortColumns(TABLE, source, "float32")
        row = joint_row_shape([STATISTICS[column]], source, port.dtype == "int32")
        if FLOATS is port and row is not None:
            port = TensorSpec(tuple(row) or (1,))
        assert len(transform_port(data, "x", port).values) == ROWS


def test_rows_that_are_far_longer_than_the_others_are_truncated():
    cells = [f"some few words of {row}" for row in range(100)] + ["word " * 500]
    (statistics,) = profile_table(Table(Path("t.csv"), {"x": text_column(cells)}))
    assert suggest_source(statistics, PORTS["ids"]).encodings == (Text(length=5),)


def test_numbers_share_a_scale_and_a_fill():
    def suggested(*names: str) -> Source:
        return suggest_numeric_source([STATISTICS[name] for name in names])

    mean = Number(scale="standardize", fill="mean")
    assert suggested("height", "class") == Source(columns=("height", "class"), encode=mean)
    filled = Number(scale="standardize", fill="median")
    assert suggested("height", "age") == Source(columns=("height", "age"), encode=filled)
    assert suggested("height") == Source(column="height", encode=mean)


def test_several_columns_get_an_encoding_each():
    def suggested(names: str, port: TensorSpec | TargetSpec | None) -> Source:
        return suggest_joint_source([STATISTICS[name] for name in names.split()], port)

    assert suggested("height", None) == Source(column="height")
    assert suggested("height class", None) == Source(columns=("height", "class"))
    standardized = Source(columns=("height", "class"), scale="standardize")
    mean = Number(scale="standardize", fill="mean")
    filled = Source(columns=("height", "class"), encode=mean)
    assert suggested("height class", TensorSpec((2,))) == filled
    assert suggested("height class", PORTS["number"]) == standardized
    mixed = suggested("height city", TensorSpec((5,)))
    assert mixed.encode == (mean, Category(unknown="ignore", fill="most_frequent"))
    found = build_dataset(TABLE, DataMapping(inputs={"x": mixed}), {"x": TensorSpec((5,))}, [])
    assert found.inputs["x"].shape == (ROWS, 5)
