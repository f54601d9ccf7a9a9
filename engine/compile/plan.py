"""A checked graph as ordered steps with variable names: what every compiler reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node
from engine.graph.node_names import unique_name
from engine.layers.base import Layer, Weights
from engine.layers.io import Output
from engine.objectives.head import Head

# Names that the written source uses, those of `Network` (former ones too, since parameter names in
# existing checkpoints depend on this list), and those of every torch module.
RESERVED = frozenset(
    """
    self torch nn forward logits raw plan activated finite penalties get_weights set_weights
    forward_output apply_activations is_finite set_class_weights set_loss_weights
    split_parameters sparse_gradients kernels
    together weigh_classes weigh_losses by_rows native
    add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float get_buffer get_extra_state get_parameter get_submodule
    half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad T_destination
    """.split()  # noqa: SIM905 - a hundred quotation marks would not read better
)


@dataclass(frozen=True)
class Step:
    """One node's work.

    Args:
        node: its name.
        layer: what it does.
        owner: the node that its weights are named after; shared ones have one owner.
        builds: False if an earlier step has built the module that both use.
        specs: what comes in at each port, None at an unwired optional one.
        inputs, masks: the variables that hold it, and their masks where they carry one.
        outs: by output name, the variable that holds what comes out; the main one under "".
        mask: the variable that holds the mask of what comes out, if it carries one.
        raw: the variable that holds the main output before its activation, if a head trains on it.
        curve: the activation applied to the main output, "linear" where nobody needs it.
        way: how training computes it where that is faster, "" for the layer's own way.
    """

    node: str
    layer: Layer
    owner: str
    builds: bool
    specs: tuple[TensorSpec | None, ...]
    inputs: tuple[str | None, ...]
    masks: tuple[str | None, ...]
    outs: Mapping[str, str]
    mask: str | None = None
    raw: str | None = None
    curve: str = "linear"
    way: str = ""

    @property
    def given(self) -> tuple[TensorSpec, ...]:
        """The specs at the wired ports."""
        return tuple(spec for spec in self.specs if spec is not None)

    @property
    def out(self) -> str:
        """The variable of the main output."""
        return self.outs[MAIN]

    @property
    def owns_module(self) -> bool:
        """True if this step is the one that builds its module: the first that is at work.

        Why: the owner may be bypassed, or lead to no Output, while others use its weights.
        """
        return self.layer.build is not None and self.builds


@dataclass(frozen=True)
class PlanInput:
    """An Input: its name, the variable that holds it, and its spec."""

    name: str
    var: str
    spec: TensorSpec


@dataclass(frozen=True)
class PlanHead:
    """An Output: what it trains on, and the variables of its tensor and its mask.

    Where `head.fold` holds, the tensor is the one before the activation.
    """

    head: Head
    var: str
    mask: str | None


@dataclass(frozen=True)
class Plan:
    """A network as straight-line work: inputs, steps in order, heads."""

    inputs: tuple[PlanInput, ...]
    steps: tuple[Step, ...]
    heads: tuple[PlanHead, ...]
    attributes: Mapping[str, str]

    def weights(self) -> Iterator[tuple[str, str, Weights]]:
        """Yield (owner, module attribute, weights) for each module."""
        for step in self.steps:
            if step.owns_module:
                yield step.owner, self.attributes[step.owner], step.layer.weights(*step.given)


def plan(graph: Graph, report: Report) -> Plan:
    """Order the work that the Outputs need.

    Args:
        graph: a graph whose report holds no errors.
        report: what `engine.check.report.check` answered for it.
    """
    assert not report.errors, "only a sound graph can be planned"
    return _Planner(graph, report).plan()


class _Planner:
    """Names variables and collects steps, in the order of the graph."""

    def __init__(self, graph: Graph, report: Report) -> None:
        self.graph = graph
        self.shapes = report.shapes
        self.heads = report.heads
        self.taken = set(RESERVED)
        self.vars: dict[str, str] = {}
        self.masks: dict[str, str] = {}
        self.raw: dict[str, str] = {}
        self.owners: set[str] = set()  # of the modules built so far

    def plan(self) -> Plan:
        nodes = [
            node for node in self.graph.topological_order if node.name in self.graph.required_names
        ]
        inputs = [self._input(node) for node in nodes if node.kind == "Input"]
        attributes = {node.name: self._name(node.name) for node in nodes if node.kind != "Input"}
        for node in nodes:
            owner = self.graph.weight_owner(node).name
            if owner not in attributes and node.kind != "Input":
                attributes[owner] = self._name(owner)
        self.attributes = attributes
        self.folded = {
            self.graph.resolve_bypassed(str(n.inputs["x"])) for n in nodes if self._folds(n)
        }
        self.used = {
            self.graph.resolve_bypassed(reference)
            for node in nodes
            if not self._folds(node) and not node.off
            for _, _, reference in node.wires()
        }
        steps = [
            self._step(node)
            for node in nodes
            if node.kind not in ("Input", "Output") and not node.off
        ]
        heads = [self._head(node) for node in self.graph.outputs]
        return Plan(tuple(inputs), tuple(steps), tuple(heads), attributes)

    def _name(self, wish: str) -> str:
        name = unique_name(wish, self.taken)
        self.taken.add(name)
        return name

    def _folds(self, node: Node) -> bool:
        return isinstance(self.shapes.layers[node.name], Output) and self.heads[node.name].fold

    def _input(self, node: Node) -> PlanInput:
        spec = self.shapes.outs[node.name][MAIN]
        self.vars[node.name] = self._name(node.name)
        return PlanInput(node.name, self.vars[node.name], spec)

    def _step(self, node: Node) -> Step:
        layer = self.shapes.layers[node.name]
        specs = self.shapes.fed[node.name]
        references = [
            self.graph.resolve_bypassed(reference) for reference in _port_order(node, layer)
        ]
        wired = iter(references)
        fed = [None if spec is None else next(wired) for spec in specs]
        owner = self.graph.weight_owner(node).name
        step = Step(
            node.name,
            layer,
            owner,
            owner not in self.owners,
            specs,
            tuple(None if ref is None else self.vars[ref] for ref in fed),
            tuple(None if ref is None else self.masks.get(ref) for ref in fed),
            self._outs(node),
            curve=layer.curve(),
        )
        self.owners.add(owner)
        return self._activated(self._masked(step))

    def _outs(self, node: Node) -> dict[str, str]:
        main = self.attributes[node.name]
        self.vars[node.name] = main
        outs = {MAIN: main}
        for place, name in enumerate(n for n in self.shapes.outs[node.name] if n != MAIN):
            outs[name] = main if place == 0 else self._name(f"{main}_{name}")
            self.vars[f"{node.name}.{name}"] = outs[name]
        return outs

    def _masked(self, step: Step) -> Step:
        if not any(spec.mask for spec in self.shapes.outs[step.node].values()):
            return step
        mask = self._name(f"{step.out}_mask")
        for name, spec in self.shapes.outs[step.node].items():
            if spec.mask:
                self.masks[f"{step.node}.{name}" if name else step.node] = mask
        return replace(step, mask=mask)

    def _activated(self, step: Step) -> Step:
        """Keep the value before the activation where a head trains on it."""
        if step.node not in self.folded:
            return step
        if step.node not in self.used:
            self.raw[step.node] = step.out
            return replace(step, curve="linear", raw=step.out)
        self.raw[step.node] = self._name(f"{step.out}_logits")
        return replace(step, raw=self.raw[step.node])

    def _head(self, node: Node) -> PlanHead:
        head = self.heads[node.name]
        reference = self.graph.resolve_bypassed(str(node.inputs["x"]))
        var = self.raw[reference] if head.fold else self.vars[reference]
        return PlanHead(head, var, self.masks.get(reference))


def _port_order(node: Node, layer: Layer) -> Iterator[str]:
    for port in layer.ports():
        wired = node.inputs.get(port.name, ())
        yield from (wired,) if isinstance(wired, str) else wired
