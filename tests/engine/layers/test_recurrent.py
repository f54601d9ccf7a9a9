"""LSTM, GRU and SimpleRNN: masks, dropout, states and weights."""

from __future__ import annotations

import copy
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compile.recorder import RecordedModules, to_source
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.activation import ActivationName, apply_activation
from engine.layers.recurrent import GRU, LSTM, RECURRENT_LAYERS, SimpleRNN
from engine.runtime.model.keras_weight_layout import initialize_module
from engine.runtime.model.nn_namespace import NN_NAMESPACE
from engine.runtime.nn_extras.activations import activation_function
from tests.engine.layers.against_keras import Ours
from tests.tiers import cases, noted

KINDS = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN}
STEPS, FEATURES, UNITS = 6, 3, 4
MASKS = {
    "left": [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1]],
    "middle": [[1, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0], [0, 1, 0, 0, 1, 0]],
    "row": [[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 0]],
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def sequence(steps: int = STEPS) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(3, steps, FEATURES))


@settings(max_examples=cases(15, 100), deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    mask=st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4),
    relu=st.booleans(),
)
def test_a_masked_row_runs_as_if_its_masked_steps_were_not_there(kind, mask, relu):
    layer = KINDS[kind](UNITS, return_state=True, activation="relu" if relu else "tanh")
    ours = Ours(layer, TensorSpec((5, FEATURES)))
    x = torch.randn(len(mask), 5, FEATURES, dtype=torch.float64)
    marked = torch.tensor(mask)
    together = ours(x, mask=marked)
    for row in range(len(mask)):
        kept = x[row, marked[row]]
        if not len(kept):
            assert all((out[row] == 0).all() for out in together.values())
            continue
        alone = ours(kept[None])
        for name, out in together.items():
            torch.testing.assert_close(out[row], alone[name][0], rtol=1e-12, atol=1e-12)


@every_kind
def test_what_stands_in_masked_steps_changes_nothing(kind):
    ours = Ours(KINDS[kind](UNITS, return_sequences=True), TensorSpec((STEPS, FEATURES)))
    mask = torch.tensor(MASKS["middle"], dtype=torch.bool)
    x = torch.from_numpy(sequence())
    other = torch.where(mask.unsqueeze(-1), x, 1e6)
    assert torch.equal(ours(x, mask=mask), ours(other, mask=mask))


def test_the_packed_kernel_of_the_gpu_and_the_loop_of_the_cpu_agree():
    layer = LSTM(UNITS, return_sequences=True, return_state=True)
    module = Ours(layer, TensorSpec((STEPS, FEATURES))).module
    x, lengths = torch.from_numpy(sequence()), torch.tensor([2, 6, 5])
    packed, packed_states = module._kernel(x, lengths)
    looped, looped_states = module._loop(x, lengths)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(packed[row, :length], looped[row, :length])
    torch.testing.assert_close(packed_states, looped_states)


def test_the_lstm_of_the_notebook_has_12416_parameters():
    spec = TensorSpec((DynamicLength("text"), 64))
    assert sum(weight.size for weight in LSTM(32).weights(spec)) == 12_416
    module = LSTM(32).build(NN_NAMESPACE, spec)
    assert sum(parameter.numel() for parameter in module.parameters()) == 12_416


@pytest.mark.parametrize("layer", [LSTM(3), SimpleRNN(3), GRU(3, reset_after=False)], ids=str)
def test_the_second_bias_is_a_zero_that_is_neither_trained_counted_nor_saved(layer):
    module = layer.build(NN_NAMESPACE, TensorSpec((4, 2)))
    module = copy.deepcopy(module).double()
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    module(torch.randn(2, 4, 2, dtype=torch.float64)).sum().backward()
    optimizer.step()
    assert "rnn.bias_hh_l0" not in module.state_dict()
    assert "rnn.bias_hh_l0" not in dict(module.named_parameters())
    second = dict(module.named_buffers())["rnn.bias_hh_l0"]
    assert second.dtype == torch.float64
    assert not second.any()
    assert not second.requires_grad


def test_a_fresh_lstm_remembers_since_its_forget_bias_starts_at_one():
    spec = TensorSpec((4, 2))
    for layer, forget in ((LSTM(3), 1.0), (LSTM(3, unit_forget_bias=False), 0.0)):
        ours = Ours(layer, spec)
        initialize_module(ours.module, ours.weights, seed=1, node="lstm")
        expected = np.repeat([0.0, forget, 0.0, 0.0], 3)
        np.testing.assert_array_equal(ours.get_weights()[2], expected)


def test_a_unit_forget_bias_leaves_the_other_gates_to_the_bias_initializer():
    bias = LSTM(3, bias_initializer="uniform").weights(TensorSpec((4, 2)))[2]
    kinds = [(draw.kind, draw.shape) for draw in bias.initializer.draws(bias.shape)]
    assert kinds == [("uniform", (3,)), ("constant", (3,)), ("uniform", (6,))]


def plain_rnn(**options) -> torch.nn.Module:
    """Build a SimpleRNN that adds its input to what it remembers."""
    layer = SimpleRNN(3, activation="linear", use_bias=False, return_sequences=True, **options)
    ours = Ours(layer, TensorSpec((5, 3)))
    ours.set_weights([np.eye(3), np.eye(3)])
    return ours.module


def test_dropout_drops_the_same_features_at_every_step_and_keeps_the_mean():
    module, x = plain_rnn(dropout=0.5), torch.ones(2000, 5, 3, dtype=torch.float64)
    torch.manual_seed(0)
    steps = module(x).diff(dim=1)
    assert set(steps.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(steps[:, 0], steps[:, -1])
    assert abs(steps.mean() - 1) < 0.05
    assert torch.equal(module.eval()(x)[0, -1], torch.full((3,), 5.0, dtype=torch.float64))


def test_recurrent_dropout_drops_what_is_fed_back():
    module, x = plain_rnn(recurrent_dropout=0.5), torch.ones(2000, 5, 3, dtype=torch.float64)
    torch.manual_seed(0)
    second = module(x)[:, 1]
    assert set(second.unique().tolist()) == {1.0, 3.0}
    assert abs(second.mean() - 2) < 0.05


@pytest.mark.parametrize("options", [{"reset_after": False}, {}])
def test_recurrent_dropout_draws_for_each_gate(options):
    module = GRU(64, recurrent_dropout=0.5, **options).build(NN_NAMESPACE, TensorSpec((2, 3)))
    drops = module._dropout_masks(torch.ones(8, 64), 0.5, module.gates)
    assert len(drops) == 3
    assert not torch.equal(drops[0], drops[1])
    assert torch.isfinite(module(torch.ones(8, 2, 3))).all()


def test_a_seed_gives_a_stream_of_its_own():
    def drawn(seed: int | None, run: int) -> torch.Tensor:
        module = plain_rnn(dropout=0.5, seed=seed)
        torch.manual_seed(run)
        x = torch.ones(20, 5, 3, dtype=torch.float64)
        return torch.stack([module(x), module(x)])

    assert torch.equal(drawn(None, 1), drawn(None, 1))
    assert not torch.equal(drawn(None, 1), drawn(None, 2))
    assert torch.equal(drawn(3, 1), drawn(3, 2))
    assert not torch.equal(drawn(3, 1), drawn(4, 1))
    first, second = drawn(3, 1)
    assert not torch.equal(first, second)


def test_curves_inside_a_layer_are_those_after_a_layer():
    for name in get_args(ActivationName):
        with noted(name):
            x = torch.linspace(-4, 4, 40, dtype=torch.float64).reshape(4, 10)
            assert torch.equal(activation_function(name)(x), apply_activation(torch, name, x))


@every_kind
def test_only_sequences_carry_the_mask_on(kind):
    masked, plain = TensorSpec((5, 3), mask=True), TensorSpec((5, 3))
    assert KINDS[kind](2, return_sequences=True).produces_mask(masked)
    assert not KINDS[kind](2, return_sequences=True).produces_mask(plain)
    assert not KINDS[kind](2).produces_mask(masked)
    assert KINDS[kind](2).output_activation() == "linear"


@every_kind
def test_a_free_length_stays_free(kind):
    x = TensorSpec((DynamicLength("posts"), 3))
    assert KINDS[kind](2, return_sequences=True).infer(x).shape == (DynamicLength("posts"), 2)
    told = KINDS[kind](2, return_state=True).infer(x)
    assert [spec.shape for spec in told.values()] == [(2,)] * len(told)
    assert KINDS[kind](2).cost(TensorSpec((10, 3))).multiply_adds == 10 * sum(
        weight.size for weight in KINDS[kind](2, use_bias=False).weights(x)
    )


@pytest.mark.parametrize(
    ("spec", "code"),
    [(TensorSpec((5,)), "wrong-rank"), (TensorSpec((5, DynamicLength("x", 1))), "free-axis")],
)
def test_what_is_no_sequence_of_vectors_is_refused(spec, code):
    with pytest.raises(LayerError) as caught:
        LSTM(2).infer(spec)
    assert caught.value.diagnostics[0].code == code


def test_the_written_source_says_only_what_was_chosen():
    nn = RecordedModules(frozenset(RECURRENT_LAYERS))
    spec = TensorSpec((6, 64))
    assert to_source(LSTM(32).build(nn, spec)) == "LSTM(64, 32)"
    written = to_source(GRU(8, return_sequences=True, reset_after=False).build(nn, spec))
    assert written == "GRU(64, 8, return_sequences=True, reset_after=False)"
