"""The network as a torch module, which executes the steps of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.compile.plan import Plan, Step
from engine.core.exceptions import NODE_NOTE_PREFIX
from engine.layers.activation import apply_activation
from engine.layers.base import Weight
from engine.runtime.model import keras_weight_layout
from engine.runtime.model.nn_namespace import NN_NAMESPACE
from engine.runtime.model.segment import Penalties, Segment, Variables
from engine.runtime.sharded_tensor import is_sharded, whole

Call = Callable[..., Any]
Capture = AbstractContextManager[dict[str, list[Tensor]]]


@dataclass
class ForwardOutput:
    """The result of a forward pass, in the form that losses need.

    Args:
        heads: tensors by output name: logits if the loss applies the activation, else predictions.
        masks: masks of the tensors in `heads`, by output name; only of tensors that have a mask.
        penalties: penalties of activity regularizers by node name.
    """

    heads: dict[str, Tensor]
    masks: dict[str, Tensor] = field(default_factory=dict)
    penalties: dict[str, Tensor] = field(default_factory=dict)

    def to(self, device: torch.device) -> ForwardOutput:
        """Return the same with all tensors on a device."""
        parts = (self.heads, self.masks, self.penalties)
        return ForwardOutput(*({k: x.to(device) for k, x in part.items()} for part in parts))


class Network(nn.Module):
    """The torch module of a graph.

    Args:
        plan: steps to compute.
        seed: seed of the initial weights; None keeps torch's initial values, for a network whose
            weights will be loaded.
        shared_modules: modules of another network that this network shares, by node name.
    """

    _segments: list[Segment]

    def __init__(
        self,
        plan: Plan,
        seed: int | None = None,
        shared_modules: Mapping[str, nn.Module] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._plan = plan
        for step in plan.steps:
            if step.owns_module and step.owner in shared_modules:
                self.add_module(plan.attributes[step.owner], shared_modules[step.owner])
            elif step.owns_module:
                self._build(step, plan.attributes[step.owner], seed)
        self._executors = {s.node: self._executor(s, s.layer.call) for s in plan.steps}
        set_segments(self, plan.segments)
        self._regularized = list(self._find_regularized())

    @property
    def plan(self) -> Plan:
        """The plan that this module executes."""
        return self._plan

    def set_class_weights(self, weights: Mapping[str, tuple[float, ...]]) -> None:
        """Set the class weights of outputs, by output name; other outputs keep their weights."""
        self._set_in_heads("class_weight", weights)

    def set_loss_weights(self, weights: Mapping[str, float]) -> None:
        """Set the loss weights by output name; outputs that are not named keep their weights."""
        self._set_in_heads("loss_weight", weights)

    def _set_in_heads(self, field: str, values: Mapping[str, Any]) -> None:
        heads = []
        for planned in self._plan.heads:
            name = planned.head.name
            if name in values:
                planned = replace(planned, head=replace(planned.head, **{field: values[name]}))
            heads.append(planned)
        self._plan = replace(self._plan, heads=tuple(heads))

    def _build(self, step: Step, attribute: str, seed: int | None) -> None:
        assert step.layer.build is not None
        with keras_weight_layout.SkipInitialization() if seed is not None else nullcontext():
            module: nn.Module = step.layer.build(NN_NAMESPACE, *step.specs)
        if seed is not None:
            weights = step.layer.weights(*step.wired_specs)
            keras_weight_layout.initialize_module(module, weights, seed, step.owner)
        self.add_module(attribute, module)

    def _executor(self, step: Step, call: Call) -> Callable[[Variables, Penalties], None]:
        """Return a function that executes one step of the network's plan, computed by `call`.

        The function reads the inputs of the step from a dict of variables, its first argument, and
        adds the outputs to this dict. It adds activity penalties to its second argument.
        """
        layer = step.layer
        uses_mask, several_inputs = layer.mask_rule == "use", layer.has_multiple_inputs()
        module: tuple[nn.Module, ...] = ()
        if layer.build is not None:
            module = (self.get_submodule(self._plan.attributes[step.owner]),)
        penalties = layer.activity_penalties()

        def execute(env: Variables, added: Penalties) -> None:
            inputs = [env[variable] for variable in step.inputs]
            mask_argument = {}
            masks = tuple(env[mask] for mask in step.masks)
            if uses_mask:
                mask_argument = {"mask": masks if several_inputs else masks[0]}
            capture: Capture = nullcontext({})
            if penalties:
                capture = capture_submodule_outputs(module, penalties)
            with capture as submodule_outputs:
                result = call(torch, *module, *inputs, **mask_argument)
            if step.mask:
                env[step.mask] = layer.compute_mask(torch, *inputs, masks=masks)
            if isinstance(result, dict):
                env.update((step.outputs[name], value) for name, value in result.items())
            else:
                if step.pre_activation:
                    env[step.pre_activation] = result
                env[step.output] = apply_activation(torch, step.activation, result)
            if "" in penalties:  # an activity regularizer of the layer itself
                outputs = result.values() if isinstance(result, dict) else (result,)
                activation = layer.output_activation()
                submodule_outputs[""] = [apply_activation(torch, activation, x) for x in outputs]
            if penalties:
                added[step.node] = activity_penalty(penalties, submodule_outputs)

        return execute

    def _initial_variables(self, inputs: Mapping[str, Tensor]) -> Variables:
        # None has the value None: it stands for an unwired input, or no mask.
        return {None: None} | {given.variable: inputs[given.name] for given in self._plan.inputs}

    def _execute(self, nodes: Iterable[str], env: Variables, penalties: Penalties) -> None:
        for node in nodes:
            try:
                self._executors[node](env, penalties)
            except Exception as error:
                error.add_note(f"{NODE_NOTE_PREFIX}{node}")
                raise

    def forward_output(self, inputs: Mapping[str, Tensor]) -> ForwardOutput:
        """Run the forward pass for tensors by input name; return the tensors that losses need."""
        env, raw = self._initial_variables(inputs), ForwardOutput({})
        if self._segments and torch.is_grad_enabled():
            for segment in self._segments:
                segment.execute(env, raw.penalties)
        else:
            self._execute(self._executors, env, raw.penalties)
        for head in self._plan.heads:
            raw.heads[head.head.name] = env[head.variable]
            if head.mask:
                raw.masks[head.head.name] = env[head.mask]
        return raw

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the predictions by output name, with final activations such as softmax applied."""
        return self.apply_activations(self.forward_output(inputs))

    def apply_activations(self, raw: ForwardOutput) -> dict[str, Tensor]:
        """Return the predictions by output name: activations are applied to the logits in `raw`."""
        heads = (planned.head for planned in self._plan.heads)
        return {
            head.name: apply_activation(torch, head.activation, raw.heads[head.name])
            if head.fold
            else raw.heads[head.name]
            for head in heads
        }

    def _find_regularized(self) -> Iterator[tuple[str, Weight, list[Callable[[Self], Tensor]]]]:
        for node, attribute, weights in self._plan.weights():
            for weight in weights:
                if weight.regularizer is not None:
                    # Not the parameters themselves, which sharding replaces.
                    paths = [f"{attribute}.{layout.param}" for layout in weight.layouts]
                    yield f"{node}/{weight.name}", weight, [*map(attrgetter, paths)]

    def penalties(self) -> dict[str, Tensor]:
        """Return the penalties of weight regularizers by "node/weight"."""
        terms = {}
        for name, weight, parameters in self._regularized:
            tensors = [parameter(self) for parameter in parameters]
            if is_sharded(tensors[0]):  # the whole weight is not kept until the backward pass
                terms[name] = checkpoint(_penalty, weight, *tensors, use_reentrant=False)
            else:
                terms[name] = _penalty(weight, *tensors)
        return terms

    @property
    def split_parameters(self) -> list[tuple[str, ...]]:
        """The torch parameter names, a tuple for each trainable Keras weight that torch splits."""
        return [
            tuple(f"{attribute}.{layout.param}" for layout in weight.layouts)
            for _, attribute, weights in self._plan.weights()
            for weight in weights
            if weight.trainable and len(weight.layouts) > 1
        ]

    @property
    def is_finite(self) -> bool:
        """True if no trainable weight is infinite or NaN."""
        return all(map(is_finite, self.parameters()))

    def get_weights(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return all weights in Keras' layout, by "node/weight"."""
        return {
            f"{node}/{weight.name}": keras_weight_layout.get_weight(
                self.get_submodule(attribute), weight
            )
            for node, attribute, weights in self._plan.weights()
            for weight in weights
        }

    def set_weights(self, values: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Set all weights, given in Keras' layout by "node/weight".

        Raises:
            KeyError: if a weight is missing.
            ValueError: if a weight has the wrong shape.
        """
        for node, attribute, weights in self._plan.weights():
            module = self.get_submodule(attribute)
            for weight in weights:
                keras_weight_layout.set_weight(module, weight, values[f"{node}/{weight.name}"])


@torch.no_grad()
def is_finite(tensor: Tensor) -> bool:
    """Return whether all values of a tensor are finite.

    Why: summing is one pass over memory, without a temporary tensor. If the sum is finite, so are
        all values. Otherwise, the sum may have overflowed, so each value is checked.
    """
    if torch.isfinite(whole(tensor.sum())):
        return True
    return not whole((~torch.isfinite(tensor)).sum())


@torch.no_grad()
def head_masks(network: Network, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the masks of a forward pass by output name, computed as in prediction.

    Only what the masks depend on is computed, which is rarely more than an embedding.
    """
    masks = {planned.head.name: planned.mask for planned in network.plan.heads if planned.mask}
    if not masks:
        return {}
    needed, computed = set[str | None](masks.values()), []
    for step in reversed(network.plan.steps):
        has_output = not needed.isdisjoint(step.outputs.values())
        if has_output or step.mask in needed:
            reads_input = has_output or step.layer.mask_reads_input
            needed.update(step.masks, step.inputs if reads_input else ())
            needed.discard(None)
            computed.append((step, has_output))
    env, was_training = network._initial_variables(inputs), network.training
    network.eval()
    if any(has_output for _, has_output in computed) and any(map(is_sharded, network.parameters())):
        whole_output = network.forward_output(inputs)  # FSDP computes a network only as a whole
        network.train(was_training)
        return whole_output.masks
    for step, has_output in reversed(computed):
        if has_output:
            network._executors[step.node](env, {})
        else:
            step_inputs, step_masks = map(env.get, step.inputs), tuple(map(env.get, step.masks))
            env[step.mask] = step.layer.compute_mask(torch, *step_inputs, masks=step_masks)
    network.train(was_training)
    return {name: env[mask] for name, mask in masks.items()}


def node_outputs(
    network: Network, inputs: Mapping[str, Tensor]
) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield the floating-point outputs of each node for a batch, in the order of execution."""
    env = network._initial_variables(inputs)
    for node, execute in network._executors.items():
        known = set(env)
        execute(env, {})
        new = (env[var] for var in env.keys() - known)
        yield node, [out for out in new if isinstance(out, Tensor) and out.is_floating_point()]


def replace_calls(network: Network, plan: Plan, calls: Mapping[str, Call]) -> None:
    """Compute the steps of a network by other functions.

    Args:
        plan: a plan with the nodes and weights of the network's own plan, in the same order.
        calls: by node name, a function with the parameters of `step.layer.call`.
    Why: not a method, whose name no node of existing checkpoints could keep (`plan.RESERVED`).
    """
    network._plan = plan
    network._executors = {s.node: network._executor(s, calls[s.node]) for s in plan.steps}


def set_segments(network: Network, segments: Iterable[Sequence[str]]) -> None:
    """Compute a network in segments, with gradient checkpointing; () keeps all activations.

    Args:
        segments: the nodes of the network's plan in their order, divided into segments.
    """
    plan, parts = network.plan, []
    heads = {variable for head in plan.heads for variable in (head.variable, head.mask)}
    for nodes in segments:
        others = (step for step in plan.steps if step.node not in nodes)
        read = {variable for step in others for variable in (*step.inputs, *step.masks)}
        owners = {s.owner for s in plan.steps if s.node in nodes and s.layer.build is not None}
        modules = [network.get_submodule(plan.attributes[owner]) for owner in owners]
        parts.append(Segment(partial(network._execute, nodes), modules, read | heads))
    network._segments = parts


@contextmanager
def capture_submodule_outputs(
    module: tuple[nn.Module, ...], parts: Iterable[str]
) -> Iterator[dict[str, list[Tensor]]]:
    """Capture the outputs of submodules by forward hooks while the context is active.

    Args:
        module: the module as a tuple of one element, or () if there is none.
        parts: names of submodules; "" is ignored.

    Yields:
        The outputs by submodule name: a dict that is filled when the module is called.
    """
    outputs: dict[str, list[Tensor]] = {}

    def capture(part: str, _: nn.Module, __: Any, output: Any) -> None:
        outputs[part] = list(output) if isinstance(output, tuple) else [output]

    with ExitStack() as hooks:
        for part in filter(None, parts):
            submodule = module[0].get_submodule(part)
            hooks.enter_context(submodule.register_forward_hook(partial(capture, part)))
        yield outputs


def activity_penalty(penalties: Mapping[str, Any], outputs: Mapping[str, list[Tensor]]) -> Tensor:
    """Return the sum of the activity penalties, divided by the batch size as in Keras.

    `penalties` are the regularizers by submodule name, `outputs` the output tensors by submodule
    name.
    """
    terms = [
        penalty.penalty(torch, output) / max(len(output), 1)
        for part, penalty in penalties.items()
        for output in outputs[part]
    ]
    return torch.stack(terms).sum()


def _penalty(weight: Weight, *tensors: Tensor) -> Tensor:
    """Return the penalty of a weight's regularizer; `tensors` are its torch parameters."""
    pairs = zip(tensors, weight.layouts, strict=True)
    parts = [_to_keras_axes(whole(tensor), layout.axes) for tensor, layout in pairs]
    value = torch.stack(parts) if len(parts) > 1 else parts[0]
    penalty: Tensor = weight.regularizer.penalty(torch, value.reshape(weight.shape))
    return penalty


def _to_keras_axes(tensor: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return a torch weight in Keras' axis order; `axes` is the permutation from Keras to torch."""
    inverse = sorted(range(len(axes)), key=axes.__getitem__)
    return tensor.permute(inverse) if axes and tensor.ndim == len(axes) else tensor
