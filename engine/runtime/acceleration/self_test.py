"""Self-test of the native kernels, which compares their results and gradients with torch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.runtime.acceleration import lstm
from engine.runtime.acceleration.conv_pool import DeferredConv, PoolWindow, conv_max_pool
from engine.runtime.acceleration.embedding import Words
from engine.runtime.nn_extras.recurrent import LSTM

TOLERANCE = 1e-5  # tolerance, relative to the largest absolute value


def differs() -> str:
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
                "the embedding": _embedding_agrees,
                "the optimizer update": _update_agrees,
            }
            return next((name for name, agrees in checks.items() if not agrees()), "")
    finally:
        torch.random.set_rng_state(state)


def _lstm_agrees() -> bool:
    rnn = LSTM(5, 16, return_sequences=True)
    x, mask = torch.randn(11, 7, 5), torch.rand(11, 7) > 0.3
    inputs = [x, *rnn.parameters()]
    return _agree(lambda x: rnn(x, mask), lambda x: _tensor(lstm.run(rnn, x, mask)), inputs)


def _lstm_of_words_agrees() -> bool:
    rnn, ids = LSTM(5, 16), torch.arange(77).view(11, 7) * 3 % 20
    mask, inputs = ids % 4 > 0, [torch.randn(20, 5), *rnn.parameters()]
    return _agree(
        lambda table: rnn(functional.embedding(ids, table), mask),
        lambda table: _tensor(lstm.run(rnn, Words(table, ids, False, True), mask)),
        inputs,
    )


def _tensor(output: lstm.Output) -> Tensor:
    assert isinstance(output, Tensor)  # no states are returned
    return output


def _max_pooling_agrees() -> bool:
    # The kernel processes a window of size 4 as 3 + 1, and one of size 5 at once or as 3 + 2.
    return all(map(_windows_agree, (4, 5))) and _equal_maxima_agree()


def _windows_agree(size: int) -> bool:
    conv, pool, window = nn.Conv1d(40, 32, size), nn.MaxPool1d(4), PoolWindow(4, 4)
    inputs = [torch.randn(9, 23, 40), *conv.parameters()]
    return _agree(
        lambda x: pool(conv(x.mT)).mT,
        lambda x: conv_max_pool(DeferredConv(conv, x), window),
        inputs,
    )


def _equal_maxima_agree() -> bool:
    """Return whether max pooling before a ReLU splits gradients of equal maxima like torch."""
    conv, x = nn.Conv1d(40, 32, 3), torch.randn(6, 11, 40)
    x[::2, 2:] = 0
    return _agree(
        lambda x: conv(x.mT).amax(2, keepdim=True).mT.relu(),
        lambda x: conv_max_pool(DeferredConv(conv, x), PoolWindow()).relu(),
        [x, *conv.parameters()],
    )


def _embedding_agrees() -> bool:
    ids = torch.arange(63).view(9, 7) * 5 % 17
    return _agree(
        lambda table: functional.embedding(ids, table).tanh(),
        lambda table: Words(table, ids, False, True).look_up().tanh(),
        [torch.randn(17, 48)],
    )


def _update_agrees() -> bool:
    """Return whether all rows, or those that missed steps, move as in RMSprop, Adagrad and SGD."""
    return all(
        _rows_agree(is_dense, has_slot, decay, growth)
        for is_dense in (False, True)
        for has_slot, decay, growth in ((True, 0.9, 0.1), (True, 1.0, 1.0), (False, 1.0, 1.0))
    )


def _rows_agree(is_dense: bool, has_slot: bool, decay: float, growth: float) -> bool:
    rows = torch.arange(9) if is_dense else torch.tensor([1, 4, 8])
    table, gradient = torch.randn(9, 16), torch.randn(len(rows), 16)
    slot = torch.rand(9, 16) if has_slot else None
    steps = None if is_dense or decay == 1 else torch.arange(9)
    root, expected = torch.ones_like(gradient), []
    if slot is not None:
        powers = torch.ones(len(rows), 1) if steps is None else (11 - rows).unsqueeze(-1)
        mean = slot[rows] * decay**powers + growth * gradient**2
        root, expected = (mean + 1e-7).sqrt(), [slot.index_copy(0, rows, mean)]
    expected.append(table.index_add(0, rows, -0.1 * gradient / root))
    torch.ops.layerloom.update_rows(
        table, slot, steps, None if is_dense else rows, gradient, 10, 0.1, decay, growth, 1e-7
    )
    is_counted = steps is None or bool((steps[rows] == 11).all())
    return is_counted and _is_close(expected, [x for x in (slot, table) if x is not None])


def _agree(
    plain: Callable[[Tensor], Tensor], fused: Callable[[Tensor], Tensor], inputs: list[Tensor]
) -> bool:
    return _is_close(_with_gradients(plain, inputs), _with_gradients(fused, inputs))


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
