"""The smallest network around one layer: its Inputs, the layer, an Output for each tensor."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.graph.model import Graph, Node, Project
from engine.layers.base import Layer
from engine.runtime.model.network import Network

ROWS = 4
LENGTH = 24  # of every free axis

# Something that can be trained, since ids and class numbers that a layer hands on can't be.
BESIDE = (
    Node("beside", "Input", params={"shape": [2]}),
    Node("mean", "Dense", {"x": "beside"}, {"units": 1}),
    Node("trained", "Output", {"x": "mean"}, {"loss": "mse"}),
)


def project_of(layer: Layer, specs: tuple[TensorSpec, ...]) -> Project:
    """Draw the network; where a spec carries a mask, a Masking stands in front."""
    nodes, sources = [], []
    for place, spec in enumerate(specs):
        name = f"x{place}"
        shape = [dim if isinstance(dim, int) else None for dim in spec.shape]
        nodes.append(Node(name, "Input", params={"shape": shape, "dtype": spec.dtype}))
        if spec.mask:
            nodes.append(Node(f"{name}_masked", "Masking", {"x": name}))
            name = f"{name}_masked"
        sources.append(name)
    wired: dict[str, Any] = {}
    for port in type(layer).ports():
        wired[port.name] = tuple(sources) if port.many else sources.pop(0)
        if not sources:
            break
    nodes.append(Node("subject", layer.kind(), wired, layer.params()))
    outs = layer.infer(*specs)
    names = [""] if isinstance(outs, TensorSpec) else [f".{name}" for name in outs]
    nodes += [
        Node(f"out{place}", "Output", {"x": f"subject{name}"}) for place, name in enumerate(names)
    ]
    return Project(Graph((*nodes, *BESIDE)))


def build(layer: Layer, specs: tuple[TensorSpec, ...]) -> tuple[Project, Network]:
    """Return the network in float64, and the project it was built from."""
    project = project_of(layer, specs)
    report = check(project, available=2**40)
    assert not report.errors, [str(found) for found in report.errors]
    return project, Network(build_plan(project.graph, report), seed=1).double()


def inputs_for(layer: Layer, specs: tuple[TensorSpec, ...]) -> dict[str, torch.Tensor]:
    """Return random rows; of masked ones another number of steps counts in each row."""
    rng = np.random.default_rng(3)
    arrays = {"beside": torch.from_numpy(rng.normal(size=(ROWS, 2)))}
    for place, spec in enumerate(specs):
        shape = (
            ROWS,
            *(
                dim.size_for(LENGTH) if isinstance(dim, DynamicLength) else dim
                for dim in spec.shape
            ),
        )
        if spec.dtype == "int32":
            known = getattr(layer, "input_dim", 5)
            arrays[f"x{place}"] = torch.from_numpy(rng.integers(0, known, shape).astype("int32"))
        else:
            values = rng.normal(size=shape)
            if spec.mask:
                values[rng.random(shape[:2]) < 0.3] = 0
                values[1:, -2:] = 0
                values[:-1, 1] = 0.9  # no row is empty
                values[-1] = 0  # but the last one
            arrays[f"x{place}"] = torch.from_numpy(values)
    return arrays
