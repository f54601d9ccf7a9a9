"""The interface of this package: `accelerate`, for a network and its optimizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from engine.compile import optimization
from engine.compile.plan import Plan, Step
from engine.layers import recurrent
from engine.layers.dense import Embedding
from engine.recipe.loss_weighting import GradNorm
from engine.recipe.recipe import Recipe
from engine.runtime.acceleration import conv_pool, lstm
from engine.runtime.acceleration.allocator import keep_memory
from engine.runtime.acceleration.channels_last import conv1d, pool1d, set_channels_last
from engine.runtime.acceleration.conv_pool import DeferredConv, PoolWindow
from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.kernel_build import unavailable_reason
from engine.runtime.model.network import Call, Network, replace_calls
from engine.runtime.nn_extras.recurrent import LSTM
from engine.runtime.optimizers.base import Optimizer
from engine.runtime.optimizers.lazy_rows import LazyRows, RowKernel, RowRule, UpdateStep, row_rule


class ActiveAcceleration(NamedTuple):
    """Whether native kernels are used; if they could not be although they were wanted, why."""

    native: bool = False
    native_why: str = ""


def accelerate(
    network: Network, optimizer: Optimizer[Any], recipe: Recipe, native: bool = True
) -> ActiveAcceleration:
    """Accelerate a network and its optimizer in place; names and values of weights stay the same.

    1. The steps of the network's plan are computed by faster functions (`compile.optimization`).
    2. On a CPU, the optimizer updates only those rows of embedding tables that a batch uses.
    3. On a CPU in float32, native kernels are used, if this machine can compile them.

    Results differ from those of the plain network by rounding errors only.

    Args:
        network: a new network on its device.
        optimizer: its optimizer, before the first step.
        native: whether native kernels are allowed.
    """
    keep_memory()
    if recipe.sharded:  # kernels and lazy updates need whole weights
        return ActiveAcceleration()
    parameter = next(network.parameters(), torch.empty(0))
    # torch.compile optimizes torch's own operators instead.
    can_specialize = parameter.device.type == "cpu" and not recipe.compile
    wants_native = native and can_specialize and parameter.dtype == torch.float32
    reason = unavailable_reason() if wants_native else ""
    native = wants_native and not reason
    plan = optimization.optimize_plan(network.plan)
    for step in plan.steps:
        module = network.get_submodule(plan.attributes[step.owner]) if step.layer.build else None
        is_channels_last = step.implementation in optimization.CHANNELS_LAST_MODES
        if isinstance(module, nn.Conv1d) and is_channels_last:
            set_channels_last(module)
    rule = row_rule(optimizer.schema)
    if native and rule is not None:
        optimizer.update_kernel = partial(update_variables, rule, optimizer.update_step)
    # GradNorm computes gradients by torch.autograd.grad, which needs dense ones.
    if can_specialize and rule is not None and not isinstance(recipe.balance, GradNorm):
        _update_lazily(network, optimizer, rule, update_rows if native else None)
    lazy = {step.node: _weight_name(plan, step) in optimizer.lazy_rows for step in plan.steps}
    calls = {step.node: _select_call(step, lazy[step.node], native) for step in plan.steps}
    replace_calls(network, plan, calls)
    return ActiveAcceleration(native, reason)


def _weight_name(plan: Plan, step: Step) -> str:
    return f"{plan.attributes[step.owner]}.weight"


def _update_lazily(
    network: Network, optimizer: Optimizer[Any], rule: RowRule, kernel: RowKernel | None
) -> None:
    """Make the optimizer update single rows of embedding tables, by its rule for rows.

    Why: not with a regularizer, whose penalty gives every row a gradient.
    """
    for step in network.plan.steps:
        layer = step.layer
        is_table = isinstance(layer, Embedding) and not layer.embeddings_regularizer
        if is_table and step.owns_module:
            name = _weight_name(network.plan, step)
            table, state = optimizer.parameters[name], optimizer.state[name]
            optimizer.lazy_rows[name] = LazyRows(table, state, rule, optimizer.update_step, kernel)


def update_rows(lazy: LazyRows, rows: Tensor, values: Tensor, now: int, rate: float) -> None:
    """Update rows of an embedding table by the native kernel."""
    slot, *factors = lazy.rule
    slots = lazy.state.get(slot), lazy.state.get("steps")
    torch.ops.layerloom.update_rows(lazy.table, *slots, rows, values, now, rate, *factors)


def update_variables(
    rule: RowRule,
    update_step: UpdateStep,
    gradients: list[Tensor],
    variables: list[Tensor],
    lr: float,
    slots: Mapping[str, list[Tensor]],
) -> None:
    """Update variables as `update_step` does, by the native kernel where their layout allows it.

    Why: torch reads and writes the memory of the variables five times, the kernel once.
    """
    numbers = 0, lr, *rule[1:]
    for variable, gradient, *slot in zip(variables, gradients, *slots.values(), strict=True):
        # The weight of a channels-last convolution is contiguous only if it is transposed.
        is_plain = variable.is_contiguous() or variable.dim() < 2
        values, table, *state = (x if is_plain else x.mT for x in (gradient, variable, *slot))
        if all(x.is_contiguous() for x in (table, *state)):
            torch.ops.layerloom.update_rows(table, *(state or [None]), None, None, values, *numbers)
        else:
            own = {name: [x] for name, x in zip(slots, slot, strict=True)}
            update_step([gradient], [variable], lr, own)


def _select_call(step: Step, is_lazy: bool, native: bool) -> Call:
    """Return the function that computes a step; it has the parameters of `step.layer.call`.

    `is_lazy` tells whether the gradient of an embedding table is sparse.
    """
    layer = step.layer
    if isinstance(layer, Embedding) and step.implementation:
        is_deferred = step.implementation == optimization.DEFERRED_LOOKUP
        return partial(_embed, is_lazy, native, is_deferred)
    if isinstance(layer, recurrent.LSTM) and not layer.activity_penalties():
        return partial(_run_lstm, layer, native)
    if isinstance(layer, recurrent.RecurrentLayer) and step.implementation:
        return partial(_run_recurrence, layer)
    if not step.implementation:
        return layer.call
    if step.implementation == optimization.CHANNELS_LAST:
        return _convolve_or_pool
    if step.implementation == optimization.DEFERRED_CONV:
        return partial(_defer_convolution, native)
    assert step.implementation == optimization.FUSED_MAX_POOLING
    return partial(_pool_convolution, layer, native)


def _embed(
    is_lazy: bool, native: bool, is_deferred: bool, _: Any, table: nn.Embedding, x: Tensor
) -> Tensor | Words:
    words = Words(table.weight, x, is_lazy and table.training, native)
    return words if is_deferred else words.look_up()


def _run_lstm(
    layer: recurrent.LSTM,
    native: bool,
    torch: Any,
    rnn: LSTM,
    x: Tensor | Words,
    mask: Tensor | None = None,
) -> Any:
    if native and lstm.supports(rnn, x):
        return layer.call(torch, partial(lstm.run, rnn), x, mask)
    return _run_recurrence(layer, torch, rnn, x, mask)


def _run_recurrence(
    layer: recurrent.RecurrentLayer,
    torch: Any,
    rnn: nn.Module,
    x: Tensor | Words,
    mask: Tensor | None = None,
) -> Any:
    return layer.call(torch, rnn, x.time_major() if isinstance(x, Words) else x, mask)


def _convolve_or_pool(_: Any, module: nn.Module, x: Tensor) -> Tensor:
    if isinstance(module, nn.Conv1d):
        return conv1d(module, x)
    assert isinstance(module, nn.MaxPool1d | nn.AvgPool1d)
    return pool1d(module, x)


def _defer_convolution(
    native: bool, torch: Any, conv: nn.Conv1d, x: Tensor | Words
) -> Tensor | DeferredConv:
    deferred = DeferredConv(conv, x)
    is_faster = native or isinstance(x, Words)
    # Without gradients, the output may be inspected, so the convolution is computed now.
    return deferred if is_faster and torch.is_grad_enabled() else deferred.compute()


def _pool_convolution(layer: Any, native: bool, torch: Any, *given: Any) -> Tensor:
    *module, x = given  # global pooling has no module
    if isinstance(x, DeferredConv):
        window = PoolWindow(module[0].kernel_size, module[0].stride) if module else PoolWindow()
        x = x.trim(window)
        if native and conv_pool.supports(x):
            maximum = conv_pool.conv_max_pool(x, window)
            has_steps = module or getattr(layer, "keepdims", False)
            return maximum if has_steps else maximum.squeeze(1)
        x = x.compute()
    pooled: Callable[..., Tensor] = layer.call
    return pool1d(module[0], x) if module else pooled(torch, x)
