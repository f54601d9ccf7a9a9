"""Hypothesis strategies for sound projects: any layers, merges, sharing, bypasses, outputs."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from engine.check.report import check
from engine.core.symbolic.tensor import default_layer_name
from engine.core.tensor_spec import TensorSpec
from engine.graph.edits.node_edits import rename_node
from engine.graph.model import Graph, Node, Project
from engine.graph.node_names import unique_name
from engine.layers import catalogue

INPUTS = (
    {"shape": [6]},
    {"shape": [6], "dtype": "float32"},
    {"shape": [8, 4]},
    {"shape": [None, 4]},
    {"shape": [8, 8, 2]},
    {"shape": [None], "dtype": "int32"},
    {"shape": [5], "dtype": "int32"},
)
GRU = {"kind": "GRU", "params": {"units": 3, "return_sequences": True}}
PARAMS: dict[str, tuple[dict[str, Any], ...]] = {
    "Dense": (
        {"units": 4},
        {"units": 1, "activation": "sigmoid", "use_bias": False},
        {"units": 3, "kernel_initializer": "he_normal", "bias_initializer": "zeros"},
        {"units": 3, "kernel_initializer": {"kind": "random_normal", "params": {"seed": 4}}},
        {"units": 2, "kernel_regularizer": {"kind": "l1_l2", "params": {"l1": 0.1, "l2": 1e-4}}},
        {"units": 4, "kernel_regularizer": {"kind": "l2", "params": {"l2": 0.5}}},
        {"units": 4, "bias_regularizer": {"kind": "l1_l2", "params": {"l2": 0.5}}},
    ),
    "Embedding": (
        {"input_dim": 9, "output_dim": 4},
        {"input_dim": 9, "output_dim": 4, "mask_zero": True},
    ),
    "LSTM": ({"units": 4}, {"units": 4, "return_state": True, "return_sequences": True}),
    "GRU": ({"units": 4, "return_sequences": True}, {"units": 3, "return_state": True}),
    "Bidirectional": ({"layer": GRU}, {"layer": GRU, "merge_mode": None}),
    "Conv1D": (
        {"filters": 4, "kernel_size": 3, "padding": "same"},
        {"filters": 2, "kernel_size": 2},
    ),
    "Conv2D": ({"filters": 2, "kernel_size": [3, 3], "padding": "same", "activation": "relu"},),
    "MaxPooling1D": ({}, {"pool_size": 2, "strides": 1, "padding": "same"}),
    "GlobalAveragePooling1D": ({}, {"keepdims": True}),
    "GlobalMaxPooling2D": ({},),
    "Flatten": ({},),
    "Reshape": ({"target_shape": [3, 2]},),
    "Dropout": ({"rate": 0.25}, {"rate": 0.5, "seed": 3}),
    "Activation": ({"activation": "tanh"},),
    "BatchNormalization": ({}, {"momentum": 0.5}),
    "RandomFlip": ({}, {"mode": "horizontal", "seed": 2}),
    "RandomZoom": ({"height_factor": 0.2}, {"height_factor": [-0.2, 0.1], "width_factor": 0.5}),
    "RandomContrast": ({"factor": 0.5, "value_range": [0.0, 1.0]},),
    "Concatenate": ({}, {"axis": 1}),
    "Add": ({},),
    "Multiply": ({},),
    "Subtract": ({},),
    "Dot": ({"axes": -1}, {"axes": [1, 1], "normalize": True}),
    "MultiHeadAttention": (
        {"num_heads": 2, "key_dim": 3},
        {"num_heads": 1, "key_dim": 2, "use_bias": False},
    ),
    "Attention": ({}, {"use_scale": True}),
}  # fmt: skip
# Some stand in the written text already, some are what layers are called by themselves.
NAMES = (
    "model", "layers", "train", "Input", "inputs", "dense", "dense_1", "lstm_1", "add", "größe",
)  # fmt: skip
LOSSES = ("mse", "mean_absolute_error", {"kind": "huber", "params": {"delta": 2.0}}, None)
METRICS = ("mae", "rmse", {"kind": "cosine_similarity", "params": {"axis": 1}})

recipes = st.fixed_dictionaries(
    {},
    optional={
        "optimizer": st.sampled_from(
            ("adam", "RMSprop", {"kind": "SGD", "params": {"learning_rate": 0.1, "nesterov": True}})
        ),
        "schedule": st.sampled_from(
            ("cosine", {"kind": "step", "params": {"every": 3}}, {"kind": "plateau", "params": {}})
        ),
        "epochs": st.integers(1, 50),
        "batch_size": st.sampled_from((1, 64)),
        "shuffle": st.booleans(),
        "seed": st.integers(0, 9),
        "validation_split": st.sampled_from((0.0, 0.2, 0.5)),
        "stopping": st.sampled_from(
            (
                None,
                {},
                {"patience": 2, "restore_best": False},
                {"monitors": [{"name": "loss", "min_delta": 0.5}]},
                {"monitors": [{"name": "loss", "mode": "min"}], "start_from_epoch": 2},
            )
        ),
        "precision": st.just("float64"),
        "checkpoint_every": st.just({"epochs": 2}),
    },
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Draw a project that checks without errors."""
    nodes = [
        Node(draw(_name(f"in_{place}", ())), "Input", params=draw(st.sampled_from(INPUTS)))
        for place in range(draw(st.integers(1, 3)))
    ]
    assume(len({node.name for node in nodes}) == len(nodes))
    for _ in range(draw(st.integers(1, 9))):
        node = draw(_layer(nodes))
        if _fits([*nodes, node], node.name):
            nodes.append(node)
    nodes += draw(_outputs(nodes))
    project = Project(Graph(tuple(nodes)), recipe=draw(recipes))
    if draw(st.booleans()):
        project = _headed(project)
    assume(not check(project).errors)
    return project


def _name(wish: str, taken: Any) -> st.SearchStrategy[str]:
    return st.sampled_from((wish, wish, *NAMES)).map(lambda name: unique_name(name, taken))


def _fits(nodes: list[Node], name: str) -> bool:
    report = check(Project(Graph(tuple(nodes))))
    wrong = any(found.is_error and found.node == name for found in report.diagnostics)
    return not wrong and name in report.shapes.outputs


@st.composite
def _layer(draw: st.DrawFn, nodes: list[Node]) -> Node:
    """Draw a node on tensors that there are, the newest above all; most fit."""
    report = check(Project(Graph(tuple(nodes))))
    specs = {
        f"{name}.{output}" if output else name: spec
        for name, outs in report.shapes.outputs.items()
        for output, spec in outs.items()
    }
    newest = list(reversed(specs))
    first = draw(st.sampled_from([*newest[:2] * 3, *newest]))
    alike = st.sampled_from([other for other in newest if specs[other] == specs[first]])
    owners = [
        node
        for node in nodes
        if node.shares is None and report.shapes.inputs[node.name][:1] == (specs[first],)
    ]
    owners = [node for node in owners if node.name in report.costs.weights] or owners
    owner = draw(st.sampled_from(owners)) if owners and draw(st.integers(0, 2)) == 0 else None
    kind = owner.kind if owner else draw(st.sampled_from(_kinds(specs[first])))
    inputs: dict[str, Any] = {}
    for place, port in enumerate(catalogue.layer_classes()[kind].ports()):
        if port.many:
            inputs[port.name] = (first, *draw(st.lists(alike, min_size=1, max_size=2)))
        elif not port.optional or draw(st.booleans()):
            inputs[port.name] = draw(alike) if place else first
    name = draw(_name(default_layer_name(kind), {node.name for node in nodes}))
    if owner:
        return Node(name, kind, inputs, shares=owner.name, off=draw(st.integers(0, 9)) == 0)
    params = draw(st.sampled_from(PARAMS[kind]))
    return Node(name, kind, inputs, params, off=draw(st.integers(0, 9)) == 0)


def _kinds(spec: TensorSpec) -> list[str]:
    """Return the kinds that may fit a tensor."""
    if spec.dtype == "int32":
        return ["Embedding"]
    others = ("1D", "2D", "GRU", "LSTM", "Bidirectional", "Attention", "Reshape", "Embedding",
              "Random")  # fmt: skip
    plain = [kind for kind in PARAMS if not any(other in kind for other in others)]
    by_rank = {
        1: ["Reshape"],
        2: ["Conv1D", "MaxPooling1D", "GlobalAveragePooling1D", "GRU", "LSTM", "Bidirectional",
            "MultiHeadAttention", "Attention"],
        3: ["Conv2D", "GlobalMaxPooling2D", "RandomFlip", "RandomZoom", "RandomContrast"],
    }  # fmt: skip
    return [*by_rank.get(spec.rank, ()), *plain]


def _references(nodes: list[Node]) -> list[str]:
    outs = check(Project(Graph(tuple(nodes)))).shapes.outputs
    return [f"{name}.{output}" if output else name for name in outs for output in outs[name]]


@st.composite
def _outputs(draw: st.DrawFn, nodes: list[Node]) -> list[Node]:
    references = _references(nodes)
    outputs: list[Node] = []
    for _ in range(draw(st.integers(1, 3))):
        taken = {node.name for node in (*nodes, *outputs)}
        newest = references[-6:][::-1]
        fed = draw(st.sampled_from([newest[0], *newest]))
        source = fed.split(".")[0]
        wish = source.removesuffix("_head") if draw(st.booleans()) else "out"
        name = unique_name(wish, taken)
        loss = draw(st.sampled_from(LOSSES)) if outputs else "mse"
        params: dict[str, Any] = {"loss": loss} if loss else {}
        if loss and draw(st.booleans()):
            params["metrics"] = [draw(st.sampled_from(METRICS))]
        if loss and draw(st.booleans()):
            params["loss_weight"] = draw(st.sampled_from((0.25, 1.0, 2)))
        off = bool(outputs) and draw(st.integers(0, 5)) == 0
        outputs.append(Node(name, "Output", {"x": fed}, params, off=off))
    return outputs


def _headed(project: Project) -> Project:
    """Return the project with layers called after the Output that they end in."""
    for output in project.graph.of_kind("Output"):
        source = str(project.graph[output.name].inputs["x"]).split(".")[0]
        name = f"{output.name}_head"
        if project.graph[source].kind != "Input" and name not in project.graph:
            project = rename_node(project, source, name)
    return project
