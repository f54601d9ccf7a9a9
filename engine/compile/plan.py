"""The plan of a network: steps in order of computation, with variable names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node
from engine.graph.node_names import unique_name
from engine.graph.view import segments
from engine.layers.base import Layer, Weights
from engine.layers.io import Output
from engine.objectives.head import Head

# Names that generated source uses, attributes of `Network` (former ones too, since parameter names
# in existing checkpoints depend on this list), and attributes of every torch module.
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
    """.split()  # noqa: SIM905 - a hundred quotation marks are harder to read
)


@dataclass(frozen=True)
class Step:
    """The computation of one node.

    Args:
        owner: the node that owns the weights of this node.
        builds_module: False if the step uses the module that an earlier step builds.
        specs: a spec for each input port, None for an unwired optional port.
        inputs, masks: the variables of the inputs and of their masks; None if there is no input or
            no mask.
        outputs: the variables by output name; the main output has the name "".
        mask: the variable of the outputs' mask, None if there is no mask.
        pre_activation: the variable of the main output before its activation, if a loss uses it.
        activation: the activation of the main output, "linear" if none is applied.
        implementation: the name of a faster implementation in training, "" for the default.
    """

    node: str
    layer: Layer
    owner: str
    builds_module: bool
    specs: tuple[TensorSpec | None, ...]
    inputs: tuple[str | None, ...]
    masks: tuple[str | None, ...]
    outputs: Mapping[str, str]
    mask: str | None = None
    pre_activation: str | None = None
    activation: str = "linear"
    implementation: str = ""

    @property
    def wired_specs(self) -> tuple[TensorSpec, ...]:
        """The specs of the wired input ports, in order: `specs` without None."""
        return tuple(spec for spec in self.specs if spec is not None)

    @property
    def output(self) -> str:
        """The name of the variable in the source code that holds the main output of the node."""
        return self.outputs[MAIN_OUTPUT]

    @property
    def owns_module(self) -> bool:
        """True if this step has a torch module and is the first step that uses the module.

        Why: the first step may not be that of the weight owner, which may be bypassed or unused.
        """
        return self.layer.build is not None and self.builds_module


@dataclass(frozen=True)
class PlanInput:
    """An Input: its name, its variable in the source code, and its spec."""

    name: str
    variable: str
    spec: TensorSpec


@dataclass(frozen=True)
class PlanHead:
    """An Output: its loss and metrics (`head`), and the names of two variables in the source code.

    `variable` holds the predictions or, if `head.fold` is set, the values before the activation.
    `mask` holds the mask of these values. It is None if there is no mask.
    """

    head: Head
    variable: str
    mask: str | None


@dataclass(frozen=True)
class Plan:
    """A plan that computes a network: its inputs, its steps in order of computation, its Outputs.

    attributes: by node name, the name of the `Network` attribute that holds the node's torch
        module, if it has one. Nodes whose weights other nodes use are included, even if no Output
        needs them.
    segments: the nodes of `steps`, divided into segments of gradient checkpointing; () without.
    """

    inputs: tuple[PlanInput, ...]
    steps: tuple[Step, ...]
    heads: tuple[PlanHead, ...]
    attributes: Mapping[str, str]
    segments: tuple[tuple[str, ...], ...] = ()

    def weights(self) -> Iterator[tuple[str, str, Weights]]:
        """Yield (owner, attribute, weights) for each torch module of the network.

        The owner is the name of the node that owns the weights. The attribute is the name of the
        network's attribute for the module. The weights are the descriptions of its weight arrays.
        """
        for step in self.steps:
            if step.owns_module:
                yield step.owner, self.attributes[step.owner], step.layer.weights(*step.wired_specs)


def build_plan(graph: Graph, report: Report) -> Plan:
    """Return a plan to compute the Outputs of `graph`. The graph's report must have no errors."""
    assert not report.errors, "only a valid graph can be planned"
    return _Planner(graph, report).plan()


class _Planner:
    """Builds a plan: names the variables and creates the steps in topological order."""

    def __init__(self, graph: Graph, report: Report) -> None:
        self.graph = graph
        self.shapes = report.shapes
        self.heads = report.heads
        self.segments = segments(report.project) if report.costs.is_checkpointed else ()
        self.used_names = set(RESERVED)
        self.variables: dict[str, str] = {}
        self.masks: dict[str, str] = {}
        self.pre_activations: dict[str, str] = {}
        self.owners: set[str] = set()  # owners whose modules are built by the steps so far

    def plan(self) -> Plan:
        required = self.graph.required_names
        nodes = [node for node in self.graph.topological_order if node.name in required]
        inputs = [self._input(node) for node in nodes if node.kind == "Input"]
        attributes = {node.name: self._name(node.name) for node in nodes if node.kind != "Input"}
        for node in nodes:
            owner = self.graph.weight_owner(node).name
            if owner not in attributes and node.kind != "Input":
                attributes[owner] = self._name(owner)
        self.attributes = attributes
        folded = (str(node.inputs["x"]) for node in nodes if self._folds(node))
        self.folded_sources = set(map(self.graph.resolve_bypassed, folded))
        self.activated_sources = {
            self.graph.resolve_bypassed(reference)
            for node in nodes
            if not self._folds(node) and not node.off
            for _, _, reference in node.wires()
        }
        computed = (n for n in nodes if n.kind not in ("Input", "Output") and not n.off)
        steps = [self._step(node) for node in computed]
        heads = [self._head(node) for node in self.graph.outputs]
        return Plan(tuple(inputs), tuple(steps), tuple(heads), attributes, self.segments)

    def _name(self, preferred: str) -> str:
        name = unique_name(preferred, self.used_names)
        self.used_names.add(name)
        return name

    def _folds(self, node: Node) -> bool:
        return isinstance(self.shapes.layers[node.name], Output) and self.heads[node.name].fold

    def _input(self, node: Node) -> PlanInput:
        spec = self.shapes.outputs[node.name][MAIN_OUTPUT]
        self.variables[node.name] = self._name(node.name)
        return PlanInput(node.name, self.variables[node.name], spec)

    def _step(self, node: Node) -> Step:
        layer = self.shapes.layers[node.name]
        specs = self.shapes.inputs[node.name]
        sources = map(self.graph.resolve_bypassed, wires_in_port_order(node, layer))
        refs = [None if spec is None else next(sources) for spec in specs]
        owner = self.graph.weight_owner(node).name
        step = Step(
            node.name,
            layer,
            owner,
            owner not in self.owners,
            specs,
            tuple(None if ref is None else self.variables[ref] for ref in refs),
            tuple(None if ref is None else self.masks.get(ref) for ref in refs),
            self._outs(node),
            activation=layer.output_activation(),
        )
        self.owners.add(owner)
        return self._with_pre_activation(self._with_mask(step))

    def _outs(self, node: Node) -> dict[str, str]:
        main = self.attributes[node.name]
        self.variables[node.name] = main
        outs = {MAIN_OUTPUT: main}
        for index, name in enumerate(n for n in self.shapes.outputs[node.name] if n != MAIN_OUTPUT):
            outs[name] = main if index == 0 else self._name(f"{main}_{name}")
            self.variables[f"{node.name}.{name}"] = outs[name]
        return outs

    def _with_mask(self, step: Step) -> Step:
        if not any(spec.mask for spec in self.shapes.outputs[step.node].values()):
            return step
        mask = self._name(f"{step.output}_mask")
        for name, spec in self.shapes.outputs[step.node].items():
            if spec.mask:
                self.masks[f"{step.node}.{name}" if name else step.node] = mask
        return replace(step, mask=mask)

    def _with_pre_activation(self, step: Step) -> Step:
        """Return `step`. If a loss uses its value before the activation, add a variable for it."""
        if step.node not in self.folded_sources:
            return step
        if step.node not in self.activated_sources:
            self.pre_activations[step.node] = step.output
            return replace(step, activation="linear", pre_activation=step.output)
        self.pre_activations[step.node] = self._name(f"{step.output}_logits")
        return replace(step, pre_activation=self.pre_activations[step.node])

    def _head(self, node: Node) -> PlanHead:
        head = self.heads[node.name]
        reference = self.graph.resolve_bypassed(str(node.inputs["x"]))
        var = self.pre_activations[reference] if head.fold else self.variables[reference]
        return PlanHead(head, var, self.masks.get(reference))


def wires_in_port_order(node: Node, layer: Layer) -> Iterator[str]:
    """Yield the source of each wire into a node, such as "lstm.state_c", in port order."""
    for port in layer.ports():
        wired = node.inputs.get(port.name, ())
        yield from (wired,) if isinstance(wired, str) else wired
