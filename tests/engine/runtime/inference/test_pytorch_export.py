"""An exported network stands alone: torch, numpy and safetensors are all that it needs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.diagnostic import DiagnosticError
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.runtime.inference.pytorch_export import export_pytorch
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import line, node, ordered, predicted_values, project, run, straight
from tests.engine.runtime.small import network as small

# Runs where nothing of Layerloom can be found: a folder of links to what may be imported.
ALONE = """
import importlib.util, sys
import numpy, torch

torch.set_num_threads(1)
assert importlib.util.find_spec("engine") is None
assert importlib.util.find_spec("pydantic") is None
import exported

network = exported.load()
data = numpy.load("inputs.npz")
with torch.no_grad():
    answers = network(*(torch.from_numpy(data[name]) for name in data["order"].tolist()))
numpy.savez("answers.npz", **{name: answer.numpy() for name, answer in answers.items()})
"""
NEEDED = (
    "torch", "numpy", "numpy.libs", "safetensors", "typing_extensions", "sympy", "mpmath",
    "networkx", "jinja2", "markupsafe", "filelock", "fsspec", "functorch", "torchgen", "packaging",
)  # fmt: skip


def rich():
    """Masks, both directions, batch statistics, dropout, shared weights, merges, folded heads."""
    layer = {"kind": "LSTM", "params": {"units": 4, "return_sequences": True}}
    return project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("asked", "Input", shape=[None], dtype="int32"),
        node("points", "Input", shape=[3]),
        node("vectors", "Embedding", "words", input_dim=12, output_dim=6, mask_zero=True),
        node("asked_vectors", "Embedding", "asked", shares="vectors"),
        node("both", "Bidirectional", "vectors", layer=layer),
        node("drop", "Dropout", "both", rate=0.3, seed=5),
        node("noise", "GaussianNoise", "drop", stddev=0.1),
        node("look", "MultiHeadAttention", {"query": "noise", "value": "noise"},
             num_heads=2, key_dim=4),
        node("mean", "GlobalAveragePooling1D", "look"),
        node("read", "GRU", "asked_vectors", units=5, return_state=True),
        node("norm", "BatchNormalization", "points"),
        node("scaled", "LayerNormalization", "norm"),
        node("off", "Dense", "scaled", off=True, units=3),
        node("all", "Concatenate", {"xs": ["mean", "read", "read.state_h", "off"]}),
        node("p", "Dense", "all", units=3, activation="softmax"),
        node("more", "Dense", "p", units=1),
        node("q", "Dense", "all", units=1, activation="sigmoid"),
        node("kind", "Output", "p", loss="categorical_crossentropy"),
        node("size", "Output", "more", loss="mse"),
        node("yes", "Output", "q", loss="binary_crossentropy"),
        data={"targets": {"size": {"column": "size", "scale": "standardize"}}},
        epochs=2, threads=1,
    )  # fmt: skip


def rows(count=60):
    rng = np.random.default_rng(0)
    words = rng.integers(1, 12, (count, 7)).astype("int32")
    words[::2, 4:] = 0
    points = rng.normal(size=(count, 3)).astype("float32")
    return {
        "words": words,
        "asked": words[:, ::-1].copy(),
        "points": points,
        "kind": np.eye(3, dtype="float32")[rng.integers(0, 3, count)],
        "size": (30 + 5 * points[:, 0]).astype("float32"),
        "yes": rng.integers(0, 2, count),
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("export")
    folder, _ = run(ordered(place, rich(), rows()))
    return TrainedModel.open(folder.path, device="cpu"), place


def site(place: Path) -> Path:
    """Return a folder that holds links to the packages which an export needs, and no others."""
    place.mkdir()
    for name in NEEDED:
        if name == "numpy.libs":
            continue
        spec = find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (place / source.name).symlink_to(source)
    return place


@pytest.mark.slow
def test_an_exported_run_predicts_the_same_bits_without_the_engine(trained, tmp_path):
    network, place = trained
    code, weights = export_pytorch(network.network, "exported", tmp_path, network.fitted)
    assert (code.name, weights.name) == ("exported.py", "exported.safetensors")
    order = [given.name for given in network.network.plan.inputs]
    np.savez(tmp_path / "inputs.npz", order=np.array(order), **{n: rows()[n] for n in order})
    path = os.pathsep.join([str(tmp_path), str(site(tmp_path / "site"))])
    done = subprocess.run(
        # -S: no site-packages; -I would ignore the path as well.
        [sys.executable, "-S", "-c", ALONE],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = predicted_values(network, place / "small.npz")
    with np.load(tmp_path / "answers.npz") as answers:
        assert set(answers) == set(expected) == {"kind", "size", "yes"}
        for name, values in expected.items():
            assert answers[name].tobytes() == values.tobytes(), name


def test_the_exported_file_imports_nothing_but_torch_and_python(trained, tmp_path):
    network, _ = trained
    code, _ = export_pytorch(network.network, "small net", tmp_path, network.fitted)
    assert code.name == "small_net.py"
    modules = set()
    for part in ast.walk(ast.parse(code.read_text())):
        if isinstance(part, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in part.names}
        elif isinstance(part, ast.ImportFrom):
            modules.add(str(part.module).split(".")[0])
    assert modules - set(sys.stdlib_module_names) == {"torch", "safetensors"}


def test_the_docstring_says_in_which_units_numbers_go_in_and_out(trained, tmp_path):
    network, _ = trained
    code, _ = export_pytorch(network.network, "exported", tmp_path, network.fitted)
    told = ast.get_docstring(ast.parse(code.read_text()))
    encoder = network.fitted.targets["size"]
    assert f"{encoder.center[0]:.9g}" in told
    assert f"{encoder.spread[0]:.9g}" in told


def test_the_docstring_tells_every_label_and_where_it_stands(trained, tmp_path):
    """Yes and no, classes as numbers and as columns, and labels that only the Output has."""
    network, _ = trained
    category = {"kind": "Category", "params": {"labels": ["ant", "bee"]}}
    hot = {"kind": "Category", "params": {"labels": ["red", "blue"], "hot": True}}
    fitted = FittedEncoders.from_params({
        "inputs": {"words": category, "points": hot},
        "targets": {"yes": {"kind": "Boolean", "params": {"labels": ["no", "yes"]}}},
    })  # fmt: skip
    code, _ = export_pytorch(network.network, "exported", tmp_path, fitted)
    told = ast.get_docstring(ast.parse(code.read_text())).splitlines()
    assert "words takes a class index: 0 is ant, 1 is bee." in told
    assert "points takes one column per label, in this order: red, blue." in told
    assert "yes gives one number: 0 is no, 1 is yes." in told
    own = small(project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=2, activation="softmax"),
        node("e", "Dense", "x", units=1, activation="sigmoid"),
        node("kind", "Output", "d", loss="categorical_crossentropy", labels=["cat", "dog"]),
        node("tall", "Output", "e", loss="binary_crossentropy", labels=["short", "long"]),
    ))  # fmt: skip
    code, _ = export_pytorch(own, "own", tmp_path, FittedEncoders())
    told = ast.get_docstring(ast.parse(code.read_text())).splitlines()
    assert "kind gives one column per label, in this order: cat, dog." in told
    assert "tall gives one number: 0 is short, 1 is long." in told


@pytest.mark.parametrize("name", ["LSTM", "tensor", "Attention"])
def test_a_network_called_like_a_pasted_class_is_not_built_of_itself(trained, tmp_path, name):
    network, _ = trained
    code, weights = export_pytorch(network.network, name, tmp_path, network.fitted)
    space = {}
    exec(compile(code.read_text(), "exported", "exec"), space)
    loaded = space["load"](weights)
    assert loaded.state_dict().keys() == network.network.state_dict().keys()
    classes = [n.name for n in ast.parse(code.read_text()).body if isinstance(n, ast.ClassDef)]
    assert len(classes) == len(set(classes))


def test_labels_of_a_table_cannot_put_code_into_the_file(trained, tmp_path):
    network, _ = trained
    category = {"kind": "Category", "params": {"labels": ['"""', "import os\n\\", 'x"']}}
    fitted = type(network.fitted).from_params({"targets": {"kind": category}})
    code, _ = export_pytorch(network.network, "exported", tmp_path, fitted)
    tree = ast.parse(code.read_text())
    assert "import os" in ast.get_docstring(tree)
    names = [a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names]
    assert names == ["torch"]


@pytest.mark.parametrize("name", ['x").evil("', "{0.__class__}", "torch", "3d", "", "../up"])
def test_any_name_gives_a_file_in_the_folder_that_can_be_imported(trained, tmp_path, name):
    network, _ = trained
    written = export_pytorch(network.network, name, tmp_path / "out", network.fitted)
    assert {path.parent for path in written} == {tmp_path / "out"}
    assert written[0].stem.isidentifier()
    assert written[0].stem != "torch"
    compile(written[0].read_text(), "exported", "exec")


def test_a_folder_that_cannot_be_made_is_a_finding(trained, tmp_path):
    network, _ = trained
    (tmp_path / "taken").write_text("")
    with pytest.raises(DiagnosticError):
        export_pytorch(network.network, "x", tmp_path / "taken", network.fitted)


def test_a_run_in_float64_is_exported_in_float64(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=1, precision="float64"), line()))
    network = TrainedModel.open(folder.path)
    code, weights = export_pytorch(network.network, "exported", tmp_path, network.fitted)
    space = {}
    exec(code.read_text(), space)
    loaded = space["load"](weights)
    for name, value in network.network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)
