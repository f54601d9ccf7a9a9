"""What an encoding is where none is written is told from facts as the feed itself decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoding_choice.default_from_rows import (
    default_input_encodings,
    default_target_encodings,
)
from engine.data.encoding_choice.default_from_statistics import default_encoding_name
from engine.data.ports.port_columns import PortColumns, encoding_name
from engine.data.ports.target_spec import TargetSpec
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.table.table import Table
from engine.recipe.data_mapping import Source

ROWS = 60
SPECS = {
    "one": TensorSpec((1,)), "scalar": TensorSpec(()), "three": TensorSpec((3,)),
    "picture": TensorSpec((8, 8, 3)), "id": TensorSpec((), "int32"),
    "ids": TensorSpec((DynamicLength("port", 0),), "int32"),
}  # fmt: skip
PORTS = {
    "number": TargetSpec("y", (1,), "number", loss="mse"),
    "binary": TargetSpec("y", (1,), "binary", loss="binary_crossentropy"),
    "several": TargetSpec("y", (3,), "binary", loss="binary_crossentropy"),
    "index": TargetSpec("y", (), "index", 3, loss="sparse_categorical_crossentropy"),
}
COLUMNS = ["height", "count", "kind", "town", "story", "day", "flag", "tags", "ids", "key"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = Path(tmp_path_factory.mktemp("usual")) / "mixed.csv"
    lines = [",".join(COLUMNS)]
    for n in range(ROWS):
        words = " ".join(f"word{n * 7 % 50 + k}" for k in range(4 + n % 9))
        lines.append(
            f"{n * 0.37 + 0.1:.2f},{n % 7 + 3},{'abc'[n % 3]},town {n % 20},{words},"
            f"2024-0{n % 9 + 1}-1{n % 7},{'yes' if n % 2 else 'no'},"
            f"{'red|blue' if n % 2 else 'blue|green' if n % 3 else 'red|green'},{n} {n + 1} 4,k{n}"
        )
    path.write_text("\n".join(lines))
    read = open_table(path)
    return Table(path, {**read.columns, "array": np.ones((ROWS, 3))}, dialect=read.dialect)


@pytest.mark.parametrize("labels", [None, ("a", "b", "c")])
@pytest.mark.parametrize("name", [*COLUMNS, "array"])
@pytest.mark.parametrize("port", [*SPECS, *PORTS])
def test_what_is_told_is_what_the_feed_decides(table, name, port, labels):
    facts = {each.name: each for each in profile_table(table)}
    source, columns = Source(column=name, labels=labels), [table.columns[name]]
    reading = PortColumns(table, source, "float32")
    if port in SPECS:
        told = default_encoding_name([facts[name]], source, SPECS[port])
        (decided,) = default_input_encodings(reading, columns, SPECS[port])
    else:
        told = default_encoding_name([facts[name]], source, PORTS[port])
        (decided,) = default_target_encodings(reading, columns, PORTS[port])
    assert told in ("", encoding_name(decided))


def test_what_people_meet_most_is_told(table):
    facts = {each.name: each for each in profile_table(table)}

    def told(*names: str, port: TensorSpec | TargetSpec) -> str:
        source = Source(columns=names) if len(names) > 1 else Source(column=names[0])
        return default_encoding_name([facts[name] for name in names], source, port)

    assert told("kind", port=PORTS["index"]) == "category"
    assert told("flag", port=PORTS["binary"]) == "boolean"
    assert told("height", "count", port=TensorSpec((2,))) == "number"
    assert told("story", port=SPECS["ids"]) == "text"
    assert told("height", "kind", port=TensorSpec((4,))) == "", "each column has its own"
