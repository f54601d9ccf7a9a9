"""Whatever is wrong with what comes in: one coded error, a documented exit, nothing half written.

Each row of the tables is a case: what a person does, the code that answers, and the exit.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.codes import CODES, ExitCode
from engine.graph.templates import read_template

Arrays = dict[str, Any]


def node(name: str, kind: str, inputs: Any = None, **params: Any) -> dict[str, Any]:
    wires = {"xs" if isinstance(inputs, list) else "x": inputs} if inputs else {}
    return {"name": name, "kind": kind, "inputs": wires, "params": params}


SOUND = [
    node("words", "Input", shape=[None], dtype="int32"),
    node("size", "Input", shape=[3]),
    node("vectors", "Embedding", "words", input_dim=10, output_dim=4),
    node("mean", "GlobalAveragePooling1D", "vectors"),
    node("both", "Concatenate", ["mean", "size"]),
    node("kind_head", "Dense", "both", units=3, activation="softmax"),
    node("mass_head", "Dense", "both", units=1),
    node("kind", "Output", "kind_head", loss="categorical_crossentropy", metrics=["acc"]),
    node("mass", "Output", "mass_head", loss="mse", metrics=["mae"]),
]


def project(*changed: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a sound project with some nodes changed or added."""
    nodes = {each["name"]: each for each in (*SOUND, *changed)}
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": [*nodes.values()]}}
    return {**whole, "recipe": {"epochs": 1, "batch_size": 8, "validation_split": 0.0}, **parts}


def text(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def sound_arrays(rows: int = 32) -> Arrays:
    rng = np.random.default_rng(1)
    return {
        "words": rng.integers(0, 10, (rows, 6)).astype(np.int32),
        "size": rng.normal(size=(rows, 3)).astype(np.float32),
        "kind": np.eye(3, dtype=np.float32)[np.arange(rows) % 3],
        "mass": rng.normal(size=rows).astype(np.float32),
    }


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    file = tmp_path / "net.loom.json"
    file.write_bytes(text(project()))
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "data.npz"
    np.savez(file, **sound_arrays())
    return file


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"a folder"
        for path in folder.rglob("*")
    }


@pytest.fixture
def refused(engine, tmp_path) -> Callable[..., str]:
    """Run a command that has to be refused with one code, and leave no trace."""

    def run(words: tuple[object, ...], code: str, exit_code: int) -> str:
        before = everything(tmp_path)
        answer = engine(*words)
        as_json = engine(words[0], "--json", *words[1:])
        assert f"error[{code}]" in answer.err
        assert answer.code == as_json.code == exit_code == CODES[code].exit
        assert "Traceback" not in answer.err + answer.out
        assert answer.out == ""
        for head in (
            "  found:    ",
            "  expected: ",
            "  fix:      1. ",
            "  more:     engine explain ",
        ):
            assert head in answer.err
        told = as_json.json
        assert told["ok"] is False
        assert code in [found["code"] for found in told["diagnostics"]]
        assert everything(tmp_path) == before
        return answer.err

    return run


TWICE = b'{"format": "layerloom", "version": 1, "version": 1}'
FILES = {
    "an empty file": (b"", "file-empty"),
    "broken JSON": (b'{"format": "layerloom", "version": 1, "graph": {"nodes": [', "not-json"),
    "a trailing comma": (b'{"format": "layerloom",}', "not-json"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not-utf8"),
    "UTF-16": (json.dumps(project()).encode("utf-16"), "not-utf8"),
    "another program's JSON": (b'{"cells": []}', "other-format"),
    "a list": (b"[1, 2]", "other-format"),
    "a newer version": (text(project(version=99)), "file-newer"),
    "a key that stands twice": (TWICE, "duplicate-key"),
    "NaN": (b'{"format": "layerloom", "version": 1, "recipe": {"seed": NaN}}', "number-unfit"),
    "brackets without end": (b"[" * 100_000, "limit-passed"),
    "a duplicate name": (
        text(project(graph={"nodes": [*SOUND, SOUND[0]]})),
        "duplicate-name",
    ),
    "a loop": (
        text(project(node("mean", "GlobalAveragePooling1D", "both"))),
        "graph-loop",
    ),
    "an input from a node that is not there": (
        text(project(node("mean", "GlobalAveragePooling1D", "vektors"))),
        "source-missing",
    ),
    "a port without a wire": (text(project(node("mean", "GlobalAveragePooling1D"))), "port-loose"),
    "a port that the layer does not have": (
        text(project({**node("mean", "GlobalAveragePooling1D"), "inputs": {"y": "vectors"}})),
        "no-such-port",
    ),
    "an unknown kind": (
        text(project(node("kind_head", "Densee", "both", units=3))),
        "kind-unknown",
    ),
    "an unknown parameter": (
        text(project(node("mass_head", "Dense", "both", unit=1))),
        "param-unknown",
    ),
    "a parameter of another type": (
        text(project(node("mass_head", "Dense", "both", units="many"))),
        "param-invalid",
    ),
    "shapes that do not fit": (
        text(project(node("both", "Add", ["mean", "size"]))),
        "shapes-differ",
    ),
    "the wrong rank": (text(project(node("mean", "LSTM", "size", units=4))), "wrong-rank"),
    "an accuracy on a number": (
        text(project(node("mass", "Output", "mass_head", loss="mse", metrics=["acc"]))),
        "metric-unfit",
    ),
    "no output": (text(project(graph={"nodes": SOUND[:2]})), "no-output"),
    "an unknown optimizer": (text(project(recipe={"optimizer": "Adaam"})), "kind-unknown"),
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
@pytest.mark.parametrize("command", ["check", "train"])
def test_a_graph_file_that_can_not_be_trained_is_refused(case, command, refused, tmp_path, data):
    content, code = FILES[case]
    file = tmp_path / "net.loom.json"
    file.write_bytes(content)
    words = (command, file, *(("--data", data) if command == "train" else ()))
    refused(words, code, CODES[code].exit)
    assert CODES[code].exit in (ExitCode.GRAPH, ExitCode.MEMORY)


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize("part", [{"data": {"inputs": {"size": {}}}}, {"recipe": {"epochs": "x"}}])
def test_a_faulty_mapping_or_recipe_is_one_finding_with_data_too(
    part, command, refused, tmp_path, data
):
    file = tmp_path / "net.loom.json"
    file.write_bytes(text(project(**part)))
    told = refused((command, file, "--data", data), "param-invalid", ExitCode.GRAPH)
    assert told.count("error[") == 1


def test_broken_json_is_told_with_line_and_column(refused, tmp_path):
    file = tmp_path / "net.loom.json"
    file.write_bytes(b'{\n "format": "layerloom"\n "version": 1}')
    assert "line 3, column 2" in refused(("check", file), "not-json", 65)


@pytest.mark.parametrize("case", ["a loop", "an input from a node that is not there"])
def test_a_fault_in_the_graph_names_its_node(case, refused, tmp_path):
    content, code = FILES[case]
    file = tmp_path / "net.loom.json"
    file.write_bytes(content)
    assert f"error[{code}] mean: " in refused(("check", file), code, 65)


def with_(**changed: Any) -> Arrays:
    return {**sound_arrays(), **changed}


def without(name: str) -> Arrays:
    return {key: array for key, array in sound_arrays().items() if key != name}


def holed(array: Any) -> Any:
    array[3] = np.nan
    return array


DATA = {
    "a missing column": (without("size"), "column-missing"),
    "mismatched lengths": (with_(mass=np.zeros(31, np.float32)), "rows-differ"),
    "an id beyond the vocabulary": (
        with_(words=np.full((32, 6), 10, np.int32)),
        "id-out-of-vocabulary",
    ),
    "a negative id": (with_(words=np.full((32, 6), -1, np.int32)), "id-negative"),
    "floats as ids": (with_(words=sound_arrays()["words"] + 0.5), "ids-not-whole"),
    "all-zero one-hot rows": (with_(kind=np.zeros((32, 3), np.float32)), "one-hot-empty"),
    "rows of several classes": (with_(kind=np.ones((32, 3), np.float32)), "one-hot-several"),
    "random numbers for classes": (
        with_(kind=np.random.default_rng(2).random((32, 3)).astype(np.float32)),
        "not-distribution",
    ),
    "class numbers for one-hot rows": (with_(kind=np.arange(32) % 3), "target-form"),
    "NaN in an input": (with_(size=holed(sound_arrays()["size"])), "not-finite"),
    "NaN in a target": (with_(mass=holed(sound_arrays()["mass"])), "not-finite"),
    "infinity": (with_(size=np.full((32, 3), np.inf, np.float32)), "not-finite"),
    "a constant target": (with_(mass=np.ones(32, np.float32)), "target-constant"),
    "the wrong rank": (with_(size=np.zeros((32, 3, 2), np.float32)), "array-shape"),
    "swapped inputs": (
        with_(words=sound_arrays()["size"], size=sound_arrays()["words"].astype(np.float32)),
        "array-shape",
    ),
    "complex numbers": (with_(mass=np.zeros(32, np.complex64)), "array-dtype"),
    "no rows": ({name: array[:0] for name, array in sound_arrays().items()}, "no-rows"),
}


@pytest.mark.parametrize("case", DATA)
@pytest.mark.parametrize("command", ["check", "train"])
def test_data_that_would_mislead_a_training_is_refused(case, command, refused, graph, data):
    arrays, code = DATA[case]
    np.savez(data, **arrays)
    refused((command, graph, "--data", data), code, ExitCode.DATA)


def test_python_objects_are_never_read(refused, graph, data):
    np.savez(data, **with_(kind=np.array([{}] * 32, object)))
    refused(("train", graph, "--data", data), "array-dtype", ExitCode.DATA)


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
    "an empty .npz": ("data.npz", b"", "no-rows"),
    "a text called .npy": ("words.npy", b"1 2 3", "data-format"),
    "an empty CSV": ("data.csv", b"", "no-rows"),
    "a header that stands twice": ("data.csv", b"size,size\n1,2\n", "csv-header"),
    "a CSV line that is too short": ("data.csv", b"words,size\n1,2\n3\n", "csv-broken"),
    "half of a CSV in UTF-16": (
        "data.csv",
        "words,size\n1,2\n".encode("utf-16")[:-1],
        "csv-broken",
    ),
    "a CSV in another alphabet": ("data.csv", "слова,a\n1,2\n".encode("cp1251"), "csv-broken"),
    "another kind of file": ("data.xlsx", b"PK", "data-format"),
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
    said = refused(words, "number-unreadable", ExitCode.DATA)
    assert "about 4000" in said
    assert "body_mass" in said


WORDS: dict[str, tuple[str, str, int]] = {
    "no such command": ("chek net.loom.json", "usage", ExitCode.USAGE),
    "no such option": ("check net.loom.json --fast", "usage", ExitCode.USAGE),
    "no file": ("train", "usage", ExitCode.USAGE),
    "no data": ("train net.loom.json", "usage", ExitCode.USAGE),
    "an option without its value": ("train net.loom.json --data", "usage", ExitCode.USAGE),
    "a word for a number": (
        "train net.loom.json --data data.npz --epochs x",
        "usage",
        ExitCode.USAGE,
    ),
    "a device that there is not": (
        "train net.loom.json --data data.npz --device tpu",
        "usage",
        ExitCode.USAGE,
    ),
    "events to a file": ("train net.loom.json --data data.npz --events f", "usage", ExitCode.USAGE),
    "--resume with settings": ("train --run r --resume --epochs 3", "usage", ExitCode.USAGE),
    "an unknown field": (
        "train net.loom.json --data data.npz --set foo=1",
        "setting-unfit",
        ExitCode.USAGE,
    ),
    "a field without a value": (
        "train net.loom.json --data data.npz --set epochs",
        "setting-unfit",
        ExitCode.USAGE,
    ),
    "a bad value": (
        "train net.loom.json --data data.npz --set optimizer.learning_rate=fast",
        "param-invalid",
        ExitCode.GRAPH,
    ),
    "no epochs": (
        "train net.loom.json --data data.npz --epochs 0",
        "param-invalid",
        ExitCode.GRAPH,
    ),
    "--resume without a run": ("train --resume", "run-missing", ExitCode.RUN),
    "--resume of nothing": ("train --run nothing --resume", "run-missing", ExitCode.RUN),
    "a run among other files": (
        "train net.loom.json --data data.npz --run .",
        "run-folder-foreign",
        ExitCode.RUN,
    ),
    "a graph that is not there": ("check nothing.loom.json", "file-missing", ExitCode.IO),
    "a folder in place of a graph": ("check .", "file-is-folder", ExitCode.IO),
    "a folder without data": ("train net.loom.json --data .", "data-not-found", ExitCode.DATA),
    "evaluate of no run": ("evaluate . --data data.npz", "run-missing", ExitCode.RUN),
    "predict of a graph file": (
        "predict net.loom.json --data data.npz --out p.csv",
        "run-missing",
        ExitCode.RUN,
    ),
    "predict to a text": ("predict r --data data.npz --out p.txt", "data-format", ExitCode.DATA),
    "export of no run": ("export . --to pytorch --out o", "run-missing", ExitCode.RUN),
    "export to a form that there is not": (
        "export net.loom.json --to fortran --out o",
        "usage",
        ExitCode.USAGE,
    ),
    "export into a file": (
        "export net.loom.json --to pytorch --out data.npz",
        "file-in-the-way",
        ExitCode.IO,
    ),
    "no such template": ("new post p.loom.json", "template-unknown", ExitCode.USAGE),
    "a file that is there": ("new posts net.loom.json", "file-exists", ExitCode.IO),
    "a folder that is there": ("new posts . --force", "file-exists", ExitCode.IO),
    "a place that is not there": ("new posts no/where/p.loom.json", "file-missing", ExitCode.IO),
    "no such sample": ("sample post d", "sample-unknown", ExitCode.USAGE),
    "a sample into a file": ("sample sequential data.npz", "file-in-the-way", ExitCode.IO),
    "no such layer": ("layers Densee", "kind-unknown", ExitCode.GRAPH),
    "no such code": ("explain nonsense", "code-unknown", ExitCode.USAGE),
}


@pytest.mark.parametrize("case", WORDS)
@pytest.mark.usefixtures("graph", "data")
def test_words_that_do_not_fit_are_refused(case, refused):
    words, code, exit_code = WORDS[case]
    refused(tuple(words.split()), code, exit_code)


@pytest.mark.usefixtures("data")
def test_a_device_that_is_not_there_is_refused_before_anything_is_written(refused, graph):
    """The tests hide the machine's own GPUs."""
    words = ("train", graph, "--data", "data.npz", "--device", "cuda")
    refused(words, "device-missing", ExitCode.MEMORY)


@pytest.fixture
def as_nobody(tmp_path: Path) -> Iterator[None]:
    """Take away the right to write: root may write anywhere, so root becomes nobody meanwhile."""
    tmp_path.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        for folder in tmp_path.parents:
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        read_template("posts")  # the program's own files may lie where nobody may look
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    "words",
    [
        "new posts p.loom.json",
        "sample sequential d",
        "train net.loom.json --data data.npz",
        "train net.loom.json --data data.npz --run r",
        "export net.loom.json --to pytorch --out o",
    ],
)
@pytest.mark.usefixtures("graph", "data")
def test_a_place_that_can_not_be_written_is_told(words, refused, request):
    request.getfixturevalue("as_nobody")
    refused(tuple(words.split()), "file-denied", ExitCode.PERMISSION)


@pytest.mark.usefixtures("graph", "data")
def test_a_training_that_can_not_begin_leaves_no_run_folder(engine, tmp_path):
    engine("train", "net.loom.json", "--data", "data.npz", "--set", "foo=1")
    assert not (tmp_path / "runs").exists()
    assert engine("train", "net.loom.json", "--data", "data.npz").code == 0
    assert [run.name for run in (tmp_path / "runs").iterdir()] == ["net-001"]


@pytest.mark.usefixtures("graph", "data")
def test_a_number_with_a_comma_is_understood(engine):
    setting = ("--set", "optimizer.learning_rate=0,01")
    answer = engine("train", "net.loom.json", "--data", "data.npz", *setting, "--json")
    assert answer.code == 0
    graph = json.loads(Path(answer.json["run"], "graph.loom.json").read_text(encoding="utf-8"))
    assert graph["recipe"]["optimizer"]["params"] == {"learning_rate": 0.01}


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ("check nothing.loom.json", "file-missing", ExitCode.IO),
        ("chek", "usage", ExitCode.USAGE),
        ("train net.loom.json --data data.npz --set foo=1", "setting-unfit", ExitCode.USAGE),
    ],
)
@pytest.mark.usefixtures("graph", "data")
def test_it_is_the_same_in_a_process_of_its_own(process, words, code, exit_code):
    answer = process(*words.split())
    assert answer.code == exit_code
    assert f"error[{code}]" in answer.err
    assert "Traceback" not in answer.err
