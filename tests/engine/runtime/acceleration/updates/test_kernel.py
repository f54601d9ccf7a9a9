"""Parameters that the kernel moves as a whole go where torch would move them."""

import pytest
import torch

from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration.kernel_build import load_kernels
from engine.runtime.acceleration.updates import kernel
from engine.runtime.acceleration.updates.flat_parameters import MAX_PACKED_SIZE, ROW
from engine.runtime.optimizers.algorithms import make_optimizer
from tests.engine.runtime.acceleration.updates.test_sparse_gradients import CASES, DENSE

pytestmark = pytest.mark.skipif(load_kernels().library is None, reason=load_kernels().reason)
SHAPES = {
    "kernel": (70, 48),
    "bias": (48,),
    "large": (4 * MAX_PACKED_SIZE // ROW, ROW),
    "odd": (MAX_PACKED_SIZE + 1,),
}


def moved(name, params, kernels, steps=12):
    """Return parameters after some steps and a resume, one step without the bias; and the state."""
    draw = torch.Generator().manual_seed(5)
    own = {
        key: torch.randn(shape, generator=draw).requires_grad_() for key, shape in SHAPES.items()
    }
    schema = OPTIMIZERS[name].from_params(params)
    optimizer = make_optimizer(schema, own)
    optimizer.kernel_library = load_kernels().library if kernels else None
    for step in range(steps):
        for key, parameter in own.items():
            if (step, key) != (3, "bias"):
                parameter.grad = torch.randn(SHAPES[key], generator=draw) * (step % 4)
        optimizer.step(0.01)
        optimizer.zero_grad()
        if step == 7:
            state, optimizer = optimizer.state_dict(), make_optimizer(schema, own)
            optimizer.kernel_library = load_kernels().library if kernels else None
            optimizer.load_state_dict(state)
    return own | optimizer.state_dict()


@pytest.mark.parametrize(("name", "params"), CASES + DENSE, ids=str)
def test_the_kernel_moves_them_as_torch_does(name, params):
    ours, plain = moved(name, params, True), moved(name, params, False)
    for key in plain:
        torch.testing.assert_close(ours[key], plain[key], rtol=1e-5, atol=1e-6)


def test_it_moves_packs_and_large_ones_and_leaves_to_torch_what_it_has_no_rule_for(monkeypatch):
    seen = []
    expected = kernel.step_slice
    monkeypatch.setattr(
        kernel, "step_slice", lambda *given: [seen.append(given[2]), expected(*given)]
    )
    moved("RMSprop", {}, True, steps=1)
    assert [slice_.parameter.numel() % ROW for slice_ in seen] == [0, 0]
    seen.clear()
    for name, params in DENSE:
        moved(name, params, True, steps=1)
    moved("RMSprop", {}, False, steps=1)
    assert not seen
