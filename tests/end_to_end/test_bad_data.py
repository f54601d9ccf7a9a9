"""Data that is refused: one coded error, a documented exit, nothing half written.

`tests/reliability/findings_data.py` has a table for each code.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.codes import ExitCode
from tests.end_to_end.sound import sound_arrays

Arrays = dict[str, Any]


def with_(**changed: Any) -> Arrays:
    return {**sound_arrays(), **changed}


def without(name: str) -> Arrays:
    return {key: array for key, array in sound_arrays().items() if key != name}


DATA = {
    "a missing column": (without("size"), "column-missing"),
    "mismatched lengths": (with_(mass=np.zeros(31, np.float32)), "rows-differ"),
    "an id beyond the vocabulary": (
        with_(words=np.full((32, 6), 10, np.int32)),
        "id-out-of-vocabulary",
    ),
    "swapped inputs": (
        with_(words=sound_arrays()["size"], size=sound_arrays()["words"].astype(np.float32)),
        "array-shape",
    ),
}


@pytest.mark.parametrize("case", DATA)
def test_data_that_would_mislead_a_training_is_refused(case, refused, graph, data):
    arrays, code = DATA[case]
    np.savez(data, **arrays)
    for command in ("check", "train"):
        refused((command, graph, "--data", data), code, ExitCode.DATA)


@pytest.mark.parametrize("axis", ["train", "validation"])
def test_validation_data_is_looked_at_too(axis, refused, graph, data, tmp_path):
    bad = tmp_path / "bad.npz"
    np.savez(bad, **DATA["an id beyond the vocabulary"][0])
    sides = (bad, data) if axis == "train" else (data, bad)
    words = ("train", graph, "--data", sides[0], "--validation", sides[1])
    refused(words, "id-out-of-vocabulary", ExitCode.DATA)


BROKEN = {
    "a text called .npz": ("data.npz", b"words,size\n1,2\n", "data-format"),
    "half an .npz": ("half.npz", None, "data-format"),
    "nothing at all": ("nothing.npz", None, "data-not-found"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_data_file_that_can_not_be_read_is_refused(case, refused, graph, data, tmp_path):
    name, content, code = BROKEN[case]
    file = tmp_path / name
    if case == "half an .npz":
        content = data.read_bytes()[: data.stat().st_size // 2]
    if content is not None:
        file.write_bytes(content)
    refused(("train", graph, "--data", file), code, ExitCode.DATA)


def test_a_cell_that_is_no_number_is_told_with_its_line(refused, engine, tmp_path):
    assert engine("new", "penguins", tmp_path / "p.loom.json").code == 0
    assert engine("sample", "penguins", tmp_path / "d").code == 0
    table = tmp_path / "d" / "train.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = lines[7].split(",")
    cells[lines[0].split(",").index("body_mass_g")] = "about 4000"
    table.write_text("\n".join([*lines[:7], ",".join(cells), *lines[8:]]) + "\n", encoding="utf-8")
    words = ("train", tmp_path / "p.loom.json", "--data", tmp_path / "d")
    said = refused(words, "not-finite", ExitCode.DATA)  # the number of an output has no fill
    assert "warning[number-unreadable]" in said
    assert "about 4000" in said
    assert "body_mass" in said


@pytest.mark.usefixtures("graph", "data")
def test_a_number_with_a_comma_is_understood(engine):
    setting = ("--set", "optimizer.learning_rate=0,01")
    answer = engine("train", "net.loom.json", "--data", "data.npz", *setting, "--json")
    assert answer.code == 0
    graph = json.loads(Path(answer.json["run"], "graph.loom.json").read_text(encoding="utf-8"))
    assert graph["recipe"]["optimizer"]["params"] == {"learning_rate": 0.01}
