"""Self-test of the native kernels, which compares their results and gradients with torch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.runtime.acceleration import lstm
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding
from engine.runtime.acceleration.fused_conv_pool import DeferredConv, PoolWindow, fused_max_pool
from engine.runtime.acceleration.kernel_bindings import Kernels, Library
from engine.runtime.acceleration.updates.flat_parameters import ROW, ParameterSlice
from engine.runtime.acceleration.updates.kernel import ADAGRAD, DESCENT, Rule, step_rows, step_slice
from engine.runtime.acceleration.updates.lazy_state import LazyRowState
from engine.runtime.nn_extras.recurrent import LSTM

TOLERANCE = 1e-5  # tolerance, relative to the largest absolute value


def differs(library: Library) -> str:
    """Return a description of the first kernel whose results differ from torch; "" if none does.

    Why: an error of the compiler or processor could make training fail or diverge. The test takes a
        few milliseconds.
    """
    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(1)
        with torch.enable_grad():
            checks = {
                "the LSTM": _lstm_agrees,
                "the LSTM on words": _lstm_of_words_agrees,
                "the convolution with max pooling": _max_pooling_agrees,
                "the convolution of words with max pooling": _max_pooling_of_words_agrees,
                "the optimizer update": _update_agrees,
            }
            return next((name for name, agrees in checks.items() if not agrees(library)), "")
    finally:
        torch.random.set_rng_state(state)


def _lstm_agrees(library: Library) -> bool:
    rnn = LSTM(5, 16, return_sequences=True)
    x = torch.randn(11, 7, 5)
    mask = torch.rand(11, 7) > 0.3
    inputs = [x, *rnn.parameters()]
    expected = _with_gradients(lambda x: rnn(x, mask), inputs)

    def agrees(kernels: Kernels) -> bool:
        output = _with_gradients(lambda x: _tensor(lstm.run(rnn, kernels, x, mask)), inputs)
        return _is_close(expected, output)

    return agrees(Kernels(library)) and agrees(Kernels(library, None))


def _lstm_of_words_agrees(library: Library) -> bool:
    rnn, kernels = LSTM(5, 16), Kernels(library)
    ids = torch.arange(77).view(11, 7) * 3 % 20
    mask, inputs = ids % 4 > 0, [torch.randn(20, 5), *rnn.parameters()]

    def fused(table: Tensor) -> Tensor:
        return _tensor(lstm.run_on_words(rnn, kernels, DeferredEmbedding(table, ids, False), mask))

    plain = _with_gradients(lambda table: rnn(functional.embedding(ids, table), mask), inputs)
    return _is_close(plain, _with_gradients(fused, inputs))


def _tensor(output: lstm.Output) -> Tensor:
    assert isinstance(output, Tensor)  # no states are returned
    return output


def _max_pooling_agrees(library: Library) -> bool:
    # The kernel processes a window of size 4 as 3 + 1, and one of size 5 at once or as 3 + 2.
    windows_agree = all(_windows_agree(library, size) for size in (4, 5))
    return windows_agree and _equal_maxima_agree(library)


def _windows_agree(library: Library, size: int) -> bool:
    conv, pool, window = nn.Conv1d(40, 32, size), nn.MaxPool1d(4), PoolWindow(4, 4)
    inputs = [torch.randn(9, 23, 40), *conv.parameters()]
    plain = _with_gradients(lambda x: pool(conv(x.mT)).mT, inputs)
    fused = _with_gradients(lambda x: _pooled(library, conv, x, window), inputs)
    return _is_close(plain, fused)


def _equal_maxima_agree(library: Library) -> bool:
    """Return whether max pooling before a ReLU splits gradients of equal maxima like torch."""
    conv = nn.Conv1d(40, 32, 3)
    x = torch.randn(6, 11, 40)
    x[::2, 2:] = 0
    inputs = [x, *conv.parameters()]
    plain = _with_gradients(lambda x: conv(x.mT).amax(2, keepdim=True).mT.relu(), inputs)
    fused = _with_gradients(lambda x: _pooled(library, conv, x, PoolWindow()).relu(), inputs)
    return _is_close(plain, fused)


def _max_pooling_of_words_agrees(library: Library) -> bool:
    conv, window = nn.Conv1d(48, 32, 4), PoolWindow(4, 4)
    ids = torch.arange(63).view(9, 7) * 5 % 17
    inputs = [torch.randn(17, 48), *conv.parameters()]

    def fused(table: Tensor) -> Tensor:
        return _pooled(library, conv, DeferredEmbedding(table, ids, False), window)

    def plain(table: Tensor) -> Tensor:
        return functional.max_pool1d(conv(functional.embedding(ids, table).mT), 4, 4).mT

    return _is_close(_with_gradients(plain, inputs), _with_gradients(fused, inputs))


def _pooled(
    library: Library, conv: nn.Conv1d, x: Tensor | DeferredEmbedding, window: PoolWindow
) -> Tensor:
    return fused_max_pool(DeferredConv(conv, x), window, Kernels(library))


def _update_agrees(library: Library) -> bool:
    return _rmsprop_agrees(library) and _adagrad_agrees(library) and _sgd_agrees(library)


def _rmsprop_agrees(library: Library) -> bool:
    """Return whether the library's RMSprop correctly updates rows that missed earlier steps."""
    table, velocity, gradient = torch.randn(9, 16), torch.rand(9, 16), torch.randn(3, 16)
    rows, state = torch.tensor([1, 4, 8]), LazyRowState(torch.arange(9), lambda state, steps: None)
    decayed = velocity[rows] * 0.9 ** (10 - rows).unsqueeze(-1)
    mean = 0.9 * decayed + (1 - 0.9) * gradient**2
    expected = [table.index_add(0, rows, -0.1 * gradient / (mean + 1e-7).sqrt()),
              velocity.index_copy(0, rows, mean)]  # fmt: skip
    slice_ = ParameterSlice(table, gradient, {"velocity": velocity}, rows, state)
    step_rows(library, Rule(0.9, 1e-7, "velocity"), slice_, rows, 10, 0.1)
    is_updated = bool((state.steps[rows] == 11).all())
    return is_updated and _is_close(expected, [table, velocity])


def _adagrad_agrees(library: Library) -> bool:
    table, sums, gradient = torch.randn(9, 16), torch.rand(9, 16), torch.randn(3, 16)
    rows = torch.tensor([1, 4, 8])
    total = sums.index_add(0, rows, gradient**2)
    expected = [table.index_add(0, rows, -0.1 * gradient / (total[rows] + 1e-7).sqrt()), total]
    slice_ = ParameterSlice(table, gradient, {"accumulator": sums}, rows)
    step_rows(library, Rule(ADAGRAD, 1e-7, "accumulator"), slice_, rows, 10, 0.1)
    return _is_close(expected, [table, sums])


def _sgd_agrees(library: Library) -> bool:
    flat, gradient = torch.randn(3 * ROW), torch.randn(3 * ROW)
    expected = [flat - 0.1 * gradient]
    step_slice(library, Rule(DESCENT), ParameterSlice(flat, gradient, {}), 10, 0.1)
    return _is_close(expected, [flat])


def _with_gradients(function: Callable[[Tensor], Tensor], inputs: list[Tensor]) -> list[Tensor]:
    """Return the tensor `function(inputs[0])`, followed by one gradient per tensor in `inputs`.

    `function` also depends on the other `inputs`. The gradients are those of a weighted sum of
    the elements of the returned tensor; each element has a different weight.
    """
    x = inputs[0].clone().requires_grad_()
    output = function(x)
    weights = torch.linspace(-1, 1, output.numel()).view_as(output)
    return [output, *torch.autograd.grad((output * weights).sum(), [x, *inputs[1:]])]


def _is_close(expected: list[Tensor], actual: list[Tensor]) -> bool:
    return all(
        bool((wanted - found).abs().max() <= TOLERANCE * wanted.abs().max().clamp(min=1))
        for wanted, found in zip(expected, actual, strict=True)
    )
