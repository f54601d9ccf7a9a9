"""A plan as a torch module: the same lines as the written source, run instead of written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.compile.plan import Plan, Step
from engine.core.exceptions import NODE
from engine.layers.activation import bend
from engine.layers.base import Weight
from engine.runtime.acceleration.dispatch import call_of, lay
from engine.runtime.acceleration.kernels.bindings import Kernels
from engine.runtime.model.nn_namespace import MODULES
from engine.runtime.model.weight_layout import Undrawn, gather, initialise, put, slots

Env = dict[str, Any]


@dataclass
class Raw:
    """What a forward pass answers to the losses.

    Args:
        heads: by output, the tensor its loss sees (before a folded activation).
        masks: by output, the mask of that tensor, where it carries one.
        penalties: by node, the penalty of its activity regulariser.
    """

    heads: dict[str, Tensor]
    masks: dict[str, Tensor] = field(default_factory=dict)
    penalties: dict[str, Tensor] = field(default_factory=dict)


class Network(nn.Module):
    """The module that is trained.

    Args:
        plan: what to compute.
        seed: gives every weight its starting values; None leaves torch's own, for weights that
            are loaded next.
        built: by node, a module that another network holds too; what one learns, both know.

    by_rows: whether the optimizer takes gradients of some rows of an embedding.
    native: the compiled kernels, None to compute with torch alone.
    """

    by_rows: bool = False
    native: Kernels | None = None

    def __init__(
        self,
        plan: Plan,
        seed: int | None = None,
        built: Mapping[str, nn.Module] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._plan = plan
        for step in plan.steps:
            if step.owns_module and step.owner in built:
                self.add_module(plan.attributes[step.owner], built[step.owner])
            elif step.owns_module:
                self._build(step, plan.attributes[step.owner], seed)
        self._work = [(step.node, self._worker(step)) for step in plan.steps]
        self._penalised = list(self._find_penalised())

    @property
    def plan(self) -> Plan:
        """What this module computes."""
        return self._plan

    def weigh_classes(self, weights: Mapping[str, tuple[float, ...]]) -> None:
        """Let each class of an output count so much, where that was found in the data."""
        heads = (
            replace(planned, head=replace(planned.head, class_weight=weights[planned.head.name]))
            if planned.head.name in weights
            else planned
            for planned in self._plan.heads
        )
        self._plan = replace(self._plan, heads=tuple(heads))

    def weigh_losses(self, weights: Mapping[str, float]) -> None:
        """Let the loss of each output count so much in the total from now on."""
        heads = (
            replace(planned, head=replace(planned.head, loss_weight=weights[planned.head.name]))
            if planned.head.name in weights
            else planned
            for planned in self._plan.heads
        )
        self._plan = replace(self._plan, heads=tuple(heads))

    def _build(self, step: Step, attribute: str, seed: int | None) -> None:
        assert step.layer.build is not None
        with Undrawn() if seed is not None else nullcontext():
            module: nn.Module = step.layer.build(MODULES, *step.specs)
        if seed is not None:
            initialise(module, step.layer.weights(*step.given), seed, step.owner)
        lay(step, module)
        self.add_module(attribute, module)

    def _worker(self, step: Step) -> Callable[[Env, Raw], None]:
        """Return a function that does one step on the variables so far."""
        layer, call, read = step.layer, call_of(step, self), _reader(step)
        module: tuple[nn.Module, ...] = ()
        if layer.build is not None:
            module = (self.get_submodule(self._plan.attributes[step.owner]),)
        penalties = layer.activities()

        def work(env: Env, raw: Raw) -> None:
            inputs, known = read(env)
            with heard(module, penalties) as outs:
                answer = call(torch, *module, *inputs, **known)
            if step.mask:
                masks = tuple(env[mask] if mask else None for mask in step.masks)
                env[step.mask] = layer.mask_of(torch, *inputs, masks=masks)
            if isinstance(answer, Mapping):
                env.update((step.outs[name], value) for name, value in answer.items())
            else:
                if step.raw:
                    env[step.raw] = answer
                env[step.out] = bend(torch, step.curve, answer)
            if "" in penalties:
                ends = answer.values() if isinstance(answer, Mapping) else (answer,)
                outs[""] = [bend(torch, layer.curve(), out) for out in ends]
            if penalties:
                raw.penalties[step.node] = penalised(penalties, outs)

        return work

    def raw(self, inputs: Mapping[str, Tensor]) -> Raw:
        """Return what the losses see.

        Args:
            inputs: by the name of the Input; channels last, batch axis first.
        """
        env: Env = {given.var: inputs[given.name] for given in self._plan.inputs}
        raw = Raw({})
        for node, work in self._work:
            try:
                work(env, raw)
            except Exception as error:
                error.add_note(f"{NODE}{node}")
                raise
        for head in self._plan.heads:
            raw.heads[head.head.name] = env[head.var]
            if head.mask:
                raw.masks[head.head.name] = env[head.mask]
        return raw

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the predictions by output name."""
        return self.activated(self.raw(inputs))

    def activated(self, raw: Raw) -> dict[str, Tensor]:
        """Return predictions for a pass that is already done."""
        heads = (planned.head for planned in self._plan.heads)
        return {
            head.name: bend(torch, head.activation, raw.heads[head.name])
            if head.fold
            else raw.heads[head.name]
            for head in heads
        }

    def _find_penalised(self) -> Iterator[tuple[str, Weight, list[Tensor]]]:
        own = slots(self)
        for node, attribute, weights in self._plan.weights():
            for weight in weights:
                if weight.regularizer is not None:
                    tensors = [own[f"{attribute}.{layout.param}"] for layout in weight.layouts]
                    yield f"{node}/{weight.name}", weight, tensors

    def penalties(self) -> dict[str, Tensor]:
        """Return the penalty of each weight regulariser, by node and weight."""
        terms = {}
        for name, weight, tensors in self._penalised:
            parts = [
                _keras_order(tensor, layout.axes)
                for tensor, layout in zip(tensors, weight.layouts, strict=True)
            ]
            whole = torch.stack(parts) if len(parts) > 1 else parts[0]
            terms[name] = weight.regularizer.penalty(torch, whole.reshape(weight.shape))
        return terms

    @property
    def together(self) -> list[tuple[str, ...]]:
        """The parameters that are parts of one weight, where torch splits it."""
        return [
            tuple(f"{attribute}.{layout.param}" for layout in weight.layouts)
            for _, attribute, weights in self._plan.weights()
            for weight in weights
            if weight.trainable and len(weight.layouts) > 1
        ]

    @property
    def finite(self) -> bool:
        """True if every weight is a number, none infinite."""
        return all(map(finite, self.parameters()))

    def get_weights(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return every weight in Keras' layout, by "node/weight"."""
        own = {name: tensor.detach().cpu() for name, tensor in slots(self).items()}
        return {
            f"{node}/{weight.name}": gather(weight, _below(own, attribute))
            for node, attribute, weights in self._plan.weights()
            for weight in weights
        }

    def set_weights(self, values: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Take every weight in Keras' layout, by "node/weight".

        Raises:
            KeyError: if one is missing.
            ValueError: if one has another shape.
        """
        for node, attribute, weights in self._plan.weights():
            module = self.get_submodule(attribute)
            for weight in weights:
                put(module, weight, values[f"{node}/{weight.name}"])


@torch.no_grad()
def finite(tensor: Tensor) -> bool:
    """True if all numbers of a tensor are finite.

    Why: a sum is one pass over memory and no finite one hides an infinity; only where the sum
        itself overflows does every number have to be looked at.
    """
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())


def answers(network: Network, inputs: Mapping[str, Tensor]) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield what each node makes of a batch, in the order of computing; real numbers only."""
    env: Env = {given.var: inputs[given.name] for given in network.plan.inputs}
    raw = Raw({})
    for node, work in network._work:
        known = set(env)
        work(env, raw)
        new = (env[var] for var in env.keys() - known)
        yield node, [each for each in new if isinstance(each, Tensor) and each.is_floating_point()]


def _reader(step: Step) -> Callable[[Env], tuple[list[Any], dict[str, Any]]]:
    """Return a function that takes a step's tensors, and masks if its layer uses them."""
    uses_mask = step.layer.mask_rule == "use"
    many = step.layer.takes_several()

    def read(env: Env) -> tuple[list[Any], dict[str, Any]]:
        inputs = [env[var] if var else None for var in step.inputs]
        if not uses_mask:
            return inputs, {}
        masks = tuple(env[mask] if mask else None for mask in step.masks)
        return inputs, {"mask": masks if many else masks[0]}

    return read


@contextmanager
def heard(module: tuple[nn.Module, ...], parts: Iterable[str]) -> Iterator[dict[str, list[Tensor]]]:
    """Return a dict that fills, while the module is called, with what parts of it answer."""
    outs: dict[str, list[Tensor]] = {}

    def listening(part: str) -> Callable[[nn.Module, Any, Any], None]:
        def hear(_: nn.Module, __: Any, answer: Any) -> None:
            outs[part] = list(answer) if isinstance(answer, tuple) else [answer]

        return hear

    hooks = [
        module[0].get_submodule(part).register_forward_hook(listening(part))
        for part in parts
        if part
    ]
    try:
        yield outs
    finally:
        for hook in hooks:
            hook.remove()


def penalised(penalties: Mapping[str, Any], outs: Mapping[str, list[Tensor]]) -> Tensor:
    """Return the sum of penalties on outputs, by the row as in Keras, whatever the batch's size."""
    terms = [
        penalty.penalty(torch, out) / max(len(out), 1)
        for part, penalty in penalties.items()
        for out in outs[part]
    ]
    return torch.stack(terms).sum()


def _below(own: Mapping[str, Tensor], attribute: str) -> dict[str, Tensor]:
    start = attribute + "."
    return {name[len(start) :]: value for name, value in own.items() if name.startswith(start)}


def _keras_order(tensor: Tensor, axes: tuple[int, ...]) -> Tensor:
    back = sorted(range(len(axes)), key=axes.__getitem__)
    return tensor.permute(back) if axes and tensor.ndim == len(axes) else tensor
