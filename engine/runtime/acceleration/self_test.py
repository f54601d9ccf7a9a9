"""The native part beside torch, on small numbers: what is not the same is not used."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.runtime.acceleration import fused_conv_pool, lstm
from engine.runtime.acceleration.deferred_embedding import Words
from engine.runtime.acceleration.kernel_bindings import Kernels, Library
from engine.runtime.acceleration.updates.flat_parameters import ROW
from engine.runtime.acceleration.updates.flat_slice import Piece
from engine.runtime.acceleration.updates.kernel import (
    ADAGRAD,
    DESCENT,
    Rule,
    move_rows,
    move_whole,
)
from engine.runtime.acceleration.updates.lazy_state import Lag
from engine.runtime.nn_extras.recurrent import LSTM

NEAR = 1e-5  # how much of the largest number two answers may differ


def differs(library: Library) -> str:
    """Return which kernel does something else than torch here, "" if none does.

    Why: a compiler or a processor that gets one of them wrong costs a network its training, and
        this costs milliseconds.
    """
    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(1)
        with torch.enable_grad():
            checks = {
                "the LSTM": _lstm, "an LSTM of words": _words, "the pooling": _pooling,
                "the pooling of words": _pooled_words, "the step on rows": _rows,
            }  # fmt: skip
            return next((name for name, same in checks.items() if not same(library)), "")
    finally:
        torch.random.set_rng_state(state)


def _lstm(library: Library) -> bool:
    rnn = LSTM(5, 16, return_sequences=True)
    x = torch.randn(11, 7, 5)
    mask = torch.rand(11, 7) > 0.3
    given = [x, *rnn.parameters()]
    plain = _all(lambda x: rnn(x, mask), given)

    def same(kernels: Kernels) -> bool:
        return _near(plain, _all(lambda x: _tensor(lstm.run(rnn, kernels, x, mask)), given))

    return same(Kernels(library)) and same(Kernels(library, None))


def _words(library: Library) -> bool:
    rnn, own = LSTM(5, 16), Kernels(library)
    ids = torch.arange(77).view(11, 7) * 3 % 20
    mask, given = ids % 4 > 0, [torch.randn(20, 5), *rnn.parameters()]
    return _near(
        _all(lambda table: rnn(functional.embedding(ids, table), mask), given),
        _all(lambda table: _tensor(lstm.read(rnn, own, Words(table, ids, False), mask)), given),
    )


def _tensor(answer: lstm.Answer) -> Tensor:
    assert isinstance(answer, Tensor)  # no states are asked for
    return answer


def _pooling(library: Library) -> bool:
    # Windows are taken as 3 + 1, 5 or 3 + 2.
    return all(_window(library, size) for size in (4, 5)) and _equals(library)


def _window(library: Library, size: int) -> bool:
    conv, pool, own = nn.Conv1d(40, 32, size), nn.MaxPool1d(4), Kernels(library)
    given = [torch.randn(9, 23, 40), *conv.parameters()]

    def ours(x: Tensor) -> Tensor:
        return fused_conv_pool.pooled_winners(
            fused_conv_pool.Unpooled(conv, x), fused_conv_pool.Window(4, 4), own
        )

    return _near(_all(lambda x: pool(conv(x.mT)).mT, given), _all(ours, given))


def _equals(library: Library) -> bool:
    """Return whether windows that are alike share what is said of them, where that is not zero."""
    conv, own = nn.Conv1d(40, 32, 3), Kernels(library)
    x = torch.randn(6, 11, 40)
    x[::2, 2:] = 0
    given = [x, *conv.parameters()]

    def ours(x: Tensor) -> Tensor:
        return fused_conv_pool.pooled_winners(
            fused_conv_pool.Unpooled(conv, x), fused_conv_pool.Window(), own
        ).relu()

    return _near(
        _all(lambda x: conv(x.mT).amax(2, keepdim=True).mT.relu(), given), _all(ours, given)
    )


def _pooled_words(library: Library) -> bool:
    conv, own, window = nn.Conv1d(48, 32, 4), Kernels(library), fused_conv_pool.Window(4, 4)
    ids = torch.arange(63).view(9, 7) * 5 % 17

    def ours(table: Tensor) -> Tensor:
        words = Words(table, ids, False)
        return fused_conv_pool.pooled_winners(fused_conv_pool.Unpooled(conv, words), window, own)

    def plain(table: Tensor) -> Tensor:
        return functional.max_pool1d(conv(functional.embedding(ids, table).mT), 4, 4).mT

    given = [torch.randn(17, 48), *conv.parameters()]
    return _near(_all(plain, given), _all(ours, given))


def _rows(library: Library) -> bool:
    return _fading(library) and _gathering(library) and _whole(library)


def _fading(library: Library) -> bool:
    table, velocity, gradient = torch.randn(9, 16), torch.rand(9, 16), torch.randn(3, 16)
    rows, lag = torch.tensor([1, 4, 8]), Lag(torch.arange(9), lambda memory, steps: None)
    faded = velocity[rows] * 0.9 ** (10 - rows).unsqueeze(-1)
    mean = 0.9 * faded + (1 - 0.9) * gradient**2
    wanted = [table.index_add(0, rows, -0.1 * gradient / (mean + 1e-7).sqrt()),
              velocity.index_copy(0, rows, mean)]  # fmt: skip
    piece = Piece(table, gradient, {"velocity": velocity}, rows, lag)
    move_rows(library, Rule(0.9, 1e-7, "velocity"), piece, rows, 10, 0.1)
    return _near(wanted, [table, velocity]) and lag.steps[rows].tolist() == [11, 11, 11]


def _gathering(library: Library) -> bool:
    table, sums, gradient = torch.randn(9, 16), torch.rand(9, 16), torch.randn(3, 16)
    rows = torch.tensor([1, 4, 8])
    more = sums.index_add(0, rows, gradient**2)
    wanted = [table.index_add(0, rows, -0.1 * gradient / (more[rows] + 1e-7).sqrt()), more]
    piece = Piece(table, gradient, {"accumulator": sums}, rows)
    move_rows(library, Rule(ADAGRAD, 1e-7, "accumulator"), piece, rows, 10, 0.1)
    return _near(wanted, [table, sums])


def _whole(library: Library) -> bool:
    flat, gradient = torch.randn(3 * ROW), torch.randn(3 * ROW)
    wanted = [flat - 0.1 * gradient]
    move_whole(library, Rule(DESCENT), Piece(flat, gradient, {}), 10, 0.1)
    return _near(wanted, [flat])


def _all(answer: Callable[[Tensor], Tensor], given: list[Tensor]) -> list[Tensor]:
    """Return what is computed of the first tensor, and the gradients of all."""
    x = given[0].clone().requires_grad_()
    made = answer(x)
    weights = torch.linspace(-1, 1, made.numel()).view_as(made)
    return [made, *torch.autograd.grad((made * weights).sum(), [x, *given[1:]])]


def _near(plain: list[Tensor], ours: list[Tensor]) -> bool:
    return all(
        bool((one - other).abs().max() <= NEAR * one.abs().max().clamp(min=1))
        for one, other in zip(plain, ours, strict=True)
    )
