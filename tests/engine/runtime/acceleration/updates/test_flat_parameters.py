"""Parameters that are moved together are moved as each by itself would be."""

import pytest
import torch

from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration.channels_last import set_channels_last
from engine.runtime.acceleration.options import FAST, PLAIN
from engine.runtime.optimizers.algorithms import make_optimizer
from tests.engine.runtime.optimizers.test_algorithms import CASES, gradients, parameters, take

SUMS = {"clipnorm", "global_clipnorm"}  # sums of many numbers, in another order


@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_packed_steps_are_those_of_each_parameter_by_itself(name, params):
    schema = OPTIMIZERS[name].from_params(params)
    own = {speed: parameters(torch.float32) for speed in (FAST, PLAIN)}
    moved = {speed: make_optimizer(schema, own[speed], acceleration=speed) for speed in own}
    assert moved[FAST]._packs
    assert not moved[PLAIN]._packs
    for gradient in gradients(steps=12):
        for speed, optimizer in moved.items():
            take(optimizer, own[speed], gradient, 0.01)
    near = {"rtol": 1e-5, "atol": 1e-7} if SUMS & params.keys() else {"rtol": 0, "atol": 0}
    for key in own[FAST]:
        torch.testing.assert_close(own[FAST][key], own[PLAIN][key], **near)
    states = [optimizer.state_dict() for optimizer in moved.values()]
    for key in states[0].keys() | states[1].keys():
        torch.testing.assert_close(states[0][key], states[1][key], **near)


def adam(own, speed=FAST):
    return make_optimizer(OPTIMIZERS["Adam"](), own, acceleration=speed)


def test_parameters_stay_the_same_objects_with_the_same_numbers():
    own, before = parameters(), parameters()
    kept = dict(own)
    optimizer = adam(own)
    assert all(optimizer.parameters[name] is kept[name] for name in kept)
    assert all(torch.equal(own[name], before[name]) for name in own)


def test_a_missing_gradient_leaves_its_parameter_alone_and_moves_the_others():
    own, plain = parameters(), parameters()
    optimizers = [adam(own), adam(plain, PLAIN)]
    for gradient in gradients(steps=8):
        del gradient["bias"]
        for optimizer, some in zip(optimizers, (own, plain), strict=True):
            optimizer.zero_grad()
            take(optimizer, some, gradient, 0.01)
    assert torch.equal(own["bias"], parameters()["bias"])
    assert all(torch.equal(own[name], plain[name]) for name in own)


def test_gradients_of_several_batches_add_up():
    own, plain = parameters(), parameters()
    for some, speed in ((own, FAST), (plain, PLAIN)):
        optimizer = adam(some, speed)
        for _ in range(3):
            for _ in range(2):
                sum((p * p * p).sum() for p in some.values()).backward()
                optimizer.gradient_norms()
            optimizer.step(0.1)
            optimizer.zero_grad()
    assert all(torch.equal(own[name], plain[name]) for name in own)


def test_two_optimizers_may_take_turns_on_the_same_parameters():
    """As two models do that share a layer."""
    own, plain = parameters(), parameters()
    for some, speed in ((own, FAST), (plain, PLAIN)):
        one, other = adam(some, speed), adam(some, speed)
        for place, gradient in enumerate(gradients(steps=6)):
            take((one, other)[place % 2], some, gradient, 0.01)
    assert all(torch.equal(own[name], plain[name]) for name in own)


def test_lengths_are_those_of_all_gradients():
    own = parameters()
    optimizer = adam(own)
    (gradient,) = gradients(steps=1)
    for name, value in gradient.items():
        own[name].grad = torch.tensor(value)
    expected = torch.cat([torch.tensor(value).flatten() for value in gradient.values()])
    found = torch.linalg.vector_norm(torch.stack(optimizer.gradient_norms()))
    torch.testing.assert_close(found, torch.linalg.vector_norm(expected))


def test_a_convolution_keeps_the_order_of_its_numbers_and_learns_the_same():
    """Its weight lies channels last, and so do its gradient and all that is remembered of it."""
    learned = []
    for turned in (False, True):
        torch.manual_seed(3)
        conv, x = torch.nn.Conv1d(8, 16, 3), torch.randn(4, 8, 20)
        if turned:
            set_channels_last(conv)
        optimizer = adam(dict(conv.named_parameters()))
        for _ in range(5):
            (conv(x) ** 2).sum().backward()
            optimizer.step(0.1)
            optimizer.zero_grad()
        state = optimizer.state_dict()
        assert conv.weight.mT.is_contiguous() == turned
        assert state["weight/momentum"].stride() == conv.weight.stride()
        learned.append([conv.weight, conv.bias, state["weight/momentum"]])
    for one, other in zip(*learned, strict=True):
        torch.testing.assert_close(one, other)
