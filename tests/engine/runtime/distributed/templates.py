"""Every template as a case: as it is shipped, and with everything that must not change its curve.

Sizes are reduced (vocabularies, widths), so that a hundred steps take seconds; the layers, wires,
losses and the recipe are those of the template.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from engine.check.report import check
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template, template_names
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from tests.engine.runtime.distributed.cases import Rows, Trained, train

LARGEST = {"units": 8, "filters": 8, "output_dim": 8, "input_dim": 60}
LENGTHS = {"posts": 53, "posts-longer": 269}  # of the others: 9
BATCH, EPOCHS = 8, 10  # ten batches an epoch
STEPS = 10 * EPOCHS
# The last batch of an epoch is uneven, or has fewer rows than ranks.
ROWS = {"shipped": 77, "masked": 75, "loaded": 73}
VARIANTS = ("shipped/1", "loaded/1", "loaded/3")  # the number is that of accumulated batches
CASES = [f"{name}/{variant}" for name in template_names() for variant in VARIANTS]
Nodes = list[dict[str, Any]]


def train_template(name: str, group: ProcessGroup = SINGLE_PROCESS, **recipe: Any) -> Trained:
    """Return the events and the final weights of a case, one of `CASES`."""
    given, rows = template_case(name, **recipe)
    return train(given, rows, group)


def template_case(name: str, **recipe: Any) -> tuple[Project, Rows]:
    """Return the project and the rows of a case; `recipe` replaces fields of the recipe."""
    template, variant, accumulate = name.split("/")
    plain = json.loads(read_template(template))
    plain.pop("view")
    nodes: Nodes = plain["graph"]["nodes"]
    _reduce(nodes)
    fields = {"epochs": EPOCHS, "batch_size": BATCH, "accumulate": int(accumulate)}
    if variant != "shipped":
        _mask_targets(nodes)
    if variant == "loaded":
        _add_layers(nodes)
        # This optimizer updates embeddings by rows.
        fields["optimizer"] = {"kind": "RMSprop", "params": {"global_clipnorm": 1.0}}
    plain["recipe"] |= {**fields, "device": "cpu", "precision": "float64", **recipe}
    given = parse(json.dumps(plain).encode()).project
    return given, _rows(given, ROWS[variant], LENGTHS.get(template, 9), variant != "shipped")


def _reduce(nodes: Nodes) -> None:
    heads = {node["inputs"]["x"] for node in nodes if node["kind"] == "Output"}
    for node in nodes:
        if node["name"] not in heads:
            params = node.get("params", {})
            params |= {
                key: min(params[key], most) for key, most in LARGEST.items() if key in params
            }


def _mask_targets(nodes: Nodes) -> None:
    """Let targets be missing; add class weights, and metrics that are no means."""
    metrics = {"mse": ["mae", "r2_score"], "binary_crossentropy": ["accuracy", "auc"]}
    for params in [node["params"] for node in nodes if node["kind"] == "Output"]:
        params["missing"] = "mask"
        params["metrics"] = metrics.get(params["loss"], ["accuracy", "f1_score"])
        if params["loss"] != "mse":
            params["class_weight"] = {"0": 0.5, "1": 2.0}


def _add_layers(nodes: Nodes) -> None:
    """Add augmentation, and batch normalization and dropout after the first layer of each branch.

    Why: normalization multiplies rounding errors where the rows of a batch hardly differ, which
        adds up over layers. After a linear layer, its bias would get a gradient of rounding noise.
    """
    normalized: set[str] = set()
    for node in list(nodes):
        name, params = node["name"], node.setdefault("params", {})
        wired = node.get("inputs", {}).values()
        sources = {
            source for port in wired for source in ([port] if isinstance(port, str) else port)
        }
        if node["kind"] == "Input" and len(params["shape"]) == 3:
            _insert(nodes, name, "RandomFlip", {})
            _insert(nodes, f"{name}_randomflip", "RandomRotation", {"factor": 0.1})
        elif sources & normalized:
            normalized.add(name)
        elif node["kind"] == "LSTM" or params.get("activation") == "relu":
            _insert(nodes, name, "BatchNormalization", {})
            normalized.add(_insert(nodes, f"{name}_batchnormalization", "Dropout", {"rate": 0.2}))


def _insert(nodes: Nodes, source: str, kind: str, params: dict[str, Any]) -> str:
    """Insert a node between `source` and all that read it; return its name."""
    name = f"{source}_{kind.lower()}"
    for node in nodes:
        for port, wired in node.get("inputs", {}).items():
            sources = [wired] if isinstance(wired, str) else wired
            sources = [name if each == source else each for each in sources]
            node["inputs"][port] = sources[0] if isinstance(wired, str) else sources
    nodes.append({"name": name, "kind": kind, "inputs": {"x": source}, "params": params})
    return name


def _rows(given: Project, count: int, length: int, is_masked: bool) -> Rows:
    rng = np.random.default_rng(7)
    rows: Rows = {"inputs": {}, "targets": {}, "weights": {}, "masks": {}}
    for node in given.graph:
        if node.kind == "Input":
            rows["inputs"][node.name] = _input(node.params, count, length, rng)
    for index, head in enumerate(check(given).heads.values()):
        shape = (count, *head.target_shape)
        if head.target_form == "number":
            target = rng.normal(size=shape)
        elif head.target_form == "binary":
            target = rng.integers(0, 2, shape).astype(float)
        else:
            target = np.eye(head.class_count)[rng.integers(0, head.class_count, count)]
        rows["targets"][head.name] = target
        if is_masked:
            rows["masks"][head.name] = rng.random(count) < 0.7
            if index % 2 == 0:
                rows["weights"][head.name] = rng.random(count)
    return rows


def _input(params: Any, count: int, length: int, rng: np.random.Generator) -> Any:
    shape = [length if size is None else size for size in params["shape"]]
    if params.get("dtype") != "int32":
        return rng.normal(size=(count, *shape))
    ids = rng.integers(1, 30, (count, *shape)).astype("int32")
    ids[np.arange(shape[0]) >= rng.integers(1, shape[0] + 1, (count, 1))] = 0
    return ids
