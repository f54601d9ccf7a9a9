"""Graph files that are refused: one coded error, nothing half written.

`tests/reliability/findings.py` has a file for each code; here is one of each stage of reading.
"""

import json

import pytest

from engine.core.codes import CODES, ExitCode
from tests.end_to_end.sound import node, project, text

FILES = {
    "UTF-16": (json.dumps(project()).encode("utf-16"), "not-utf8"),
    "brackets without end": (b"[" * 100_000, "limit-passed"),
    "a loop": (
        text(project(node("mean", "GlobalAveragePooling1D", "both"))),
        "graph-loop",
    ),
    "an input from a node that is not there": (
        text(project(node("mean", "GlobalAveragePooling1D", "vektors"))),
        "source-missing",
    ),
    "an accuracy on a number": (
        text(project(node("mass", "Output", "mass_head", loss="mse", metrics=["acc"]))),
        "metric-unfit",
    ),
    "Dense(10**12)": (
        text(
            project(
                node("wide", "Dense", "both", units=10**12),
                node("mass_head", "Dense", "wide", units=1),
            )
        ),
        "out-of-memory",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_graph_file_that_can_not_be_trained_is_refused(case, refused, tmp_path, data):
    content, code = FILES[case]
    file = tmp_path / "net.loom.json"
    file.write_bytes(content)
    for words in (("check", file), ("train", file, "--data", data)):
        refused(words, code, CODES[code].exit)
    assert CODES[code].exit in (ExitCode.GRAPH, ExitCode.MEMORY)


@pytest.mark.parametrize("part", [{"data": {"inputs": {"size": {}}}}, {"recipe": {"epochs": "x"}}])
def test_a_faulty_mapping_or_recipe_is_one_finding_with_data_too(part, refused, tmp_path, data):
    file = tmp_path / "net.loom.json"
    file.write_bytes(text(project(**part)))
    for command in ("check", "train"):
        told = refused((command, file, "--data", data), "param-invalid", ExitCode.GRAPH)
        assert told.count("error[") == 1


@pytest.mark.parametrize("case", ["a loop", "an input from a node that is not there"])
def test_a_fault_in_the_graph_names_its_node(case, refused, tmp_path):
    content, code = FILES[case]
    file = tmp_path / "net.loom.json"
    file.write_bytes(content)
    assert f"error[{code}] mean: " in refused(("check", file), code, 65)
