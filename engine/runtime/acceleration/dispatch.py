"""Selects how each step of a plan is computed: by its layer, or by an accelerated function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from torch import Tensor, nn

from engine.compile import optimization
from engine.compile.plan import Step
from engine.layers import recurrent
from engine.layers.dense import Embedding
from engine.runtime.acceleration import fused_conv_pool, lstm
from engine.runtime.acceleration.channels_last import apply_conv, apply_pool, set_channels_last
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding
from engine.runtime.acceleration.fused_conv_pool import DeferredConv, PoolWindow
from engine.runtime.acceleration.kernel_bindings import Kernels
from engine.runtime.acceleration.updates.sparse_gradients import look_up
from engine.runtime.nn_extras.recurrent import LSTM

Call = Callable[..., Any]


class AcceleratedNetwork(Protocol):
    """Protocol of a network: the attributes that accelerated functions read."""

    sparse_gradients: bool
    training: bool
    kernels: Kernels | None


def select_call(step: Step, network: AcceleratedNetwork) -> Call:
    """Return the function that computes a step; it has the parameters of `step.layer.call`."""
    if isinstance(step.layer, Embedding) and step.implementation:
        return _lookup(step, network)
    if isinstance(step.layer, recurrent.LSTM) and not step.layer.activity_penalties():
        return _fused_lstm(step.layer, network)
    if isinstance(step.layer, recurrent.RecurrentLayer) and step.implementation:
        return _recurrence_of_words(step.layer)
    if not step.implementation:
        return step.layer.call
    implementations = {
        optimization.CHANNELS_LAST: _channels_last,
        optimization.DEFERRED_CONV: _deferred_convolution,
        optimization.FUSED_MAX_POOLING: _fused_max_pooling,
    }
    return implementations[step.implementation](step, network)


def set_layout(step: Step, module: nn.Module) -> None:
    """Store the weights of `module` channels-last if the function for `step` needs this layout."""
    if step.implementation in optimization.CHANNELS_LAST_MODES:
        set_channels_last(module)


def _lookup(step: Step, network: AcceleratedNetwork) -> Call:
    is_deferred = step.implementation == optimization.DEFERRED_LOOKUP
    function: Call = DeferredEmbedding if is_deferred else look_up

    def call(_: Any, table: nn.Embedding, x: Tensor) -> Any:
        return function(table.weight, x, network.sparse_gradients and network.training)

    return call


def _recurrence_of_words(layer: recurrent.RecurrentLayer) -> Call:
    def call(torch: Any, rnn: nn.Module, x: DeferredEmbedding, mask: Tensor | None = None) -> Any:
        return layer.call(torch, rnn, x.time_major(), mask)

    return call


def _fused_lstm(layer: recurrent.LSTM, network: AcceleratedNetwork) -> Call:
    def call(
        torch: Any, rnn: LSTM, x: Tensor | DeferredEmbedding, mask: Tensor | None = None
    ) -> Any:
        kernels = network.kernels
        if isinstance(x, DeferredEmbedding):
            if kernels is not None and lstm.supports_words(rnn, x):
                return layer.call(torch, partial(lstm.run_on_words, rnn, kernels), x, mask)
            x = x.time_major()
        if kernels is None or not lstm.supports(rnn, x):
            return layer.call(torch, rnn, x, mask)
        return layer.call(torch, partial(lstm.run, rnn, kernels), x, mask)

    return call


def _channels_last(step: Step, network: AcceleratedNetwork) -> Call:
    def call(_: Any, module: nn.Module, x: Tensor) -> Tensor:
        if isinstance(module, nn.Conv1d):
            return apply_conv(module, x)
        assert isinstance(module, nn.MaxPool1d | nn.AvgPool1d)
        return apply_pool(module, x)

    return call


def _deferred_convolution(_: Step, network: AcceleratedNetwork) -> Call:
    def call(torch: Any, conv: nn.Conv1d, x: Tensor | DeferredEmbedding) -> Tensor | DeferredConv:
        deferred = DeferredConv(conv, x)
        is_faster = network.kernels is not None or isinstance(x, DeferredEmbedding)
        # Without gradients, the output may be inspected, so the convolution is computed now.
        return deferred if is_faster and torch.is_grad_enabled() else deferred.compute()

    return call


def _fused_max_pooling(step: Step, network: AcceleratedNetwork) -> Call:
    layer = step.layer

    def call(torch: Any, *given: Any) -> Tensor:
        *module, x = given
        if isinstance(x, DeferredConv):
            # Global pooling has no module.
            window = PoolWindow(module[0].kernel_size, module[0].stride) if module else PoolWindow()
            x = x.trim(window)
            if network.kernels is not None and fused_conv_pool.supports(*x):
                maximum = fused_conv_pool.fused_max_pool(x, window, network.kernels)
                has_steps = module or getattr(layer, "keepdims", False)
                return maximum if has_steps else maximum.squeeze(1)
            x = x.compute()
        return apply_pool(module[0], x) if module else layer.call(torch, x)

    return call
