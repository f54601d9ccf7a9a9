"""Devices and precisions that there are are used; others are refused with the one to take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.device import (
    available_devices,
    make_device_context,
    select_device,
    set_thread_count,
)
from engine.runtime.environment import cpu_capability, package_versions
from engine.runtime.model.network import replace_calls
from engine.runtime.optimizers.algorithms import make_optimizer
from engine.runtime.seeding import seed_step
from tests.engine.runtime.small import line, network, ordered, run, straight

ROOT = Path(__file__).parents[3]


def refused(call, *args):
    with pytest.raises(DiagnosticError) as error:
        call(*args)
    (found,) = error.value.diagnostics
    return found


def test_auto_takes_the_fastest_there_is():
    assert select_device("auto").type == available_devices()[-1]
    assert select_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(device):
    if device in available_devices():
        assert select_device(device).type == device
        return
    found = refused(select_device, device)
    assert found.code == "device-missing"
    assert found.fixes[0].edit == {"do": "set_recipe", "fields": {"device": "auto"}}


def test_a_precision_that_the_device_lacks_is_refused_with_one_that_it_has():
    found = refused(make_device_context, "cpu", "16-mixed")
    assert found.code == "precision-unfit"
    assert found.fixes[0].edit == {"do": "set_recipe", "fields": {"precision": "bf16-mixed"}}


@pytest.mark.slow
def test_a_plain_run_on_a_cpu_loads_neither_fabric_nor_torchs_compiler():
    """Each of them takes a second to import."""
    code = """
import sys, torch
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.device import make_device_context
from engine.runtime.seeding import seed_step
from engine.runtime.optimizers.algorithms import make_optimizer
place = make_device_context("cpu", "float32")
module = place.setup_module(torch.nn.Linear(3, 1))
for name in OPTIMIZERS:
    optimizer = make_optimizer(OPTIMIZERS[name](), dict(module.named_parameters()))
    seed_step(1, 2)
    with place.autocast():
        loss = module(torch.ones(2, 3)).sum()
    place.backward(loss)
    place.step(optimizer, 0.1)
print(sorted({"lightning_fabric", "torch._dynamo", "torch._inductor", "sympy"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def trained(place, dtype):
    """Return a weight after a few steps, and the dtype that the forward pass gave."""
    torch.manual_seed(0)
    module = place.setup_module(torch.nn.Linear(4, 4))
    optimizer = make_optimizer(OPTIMIZERS["Adam"](), dict(module.named_parameters()))
    x = torch.ones(2, 4, dtype=dtype, device=place.device)
    for _ in range(5):
        optimizer.zero_grad()
        with place.autocast():
            y = module(x)
            loss = torch.square(y.to(dtype)).mean()
        place.backward(loss)
        place.step(optimizer, 0.01)
    return module.weight.detach(), y.dtype


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32),
                                                  ("float64", torch.float64)])  # fmt: skip
def test_a_plain_place_computes_in_its_own_kind_of_number(precision, dtype):
    place = make_device_context("cpu", precision)
    weight, forward = trained(place, dtype)
    assert (weight.dtype, forward) == (dtype, dtype)
    assert place.state_dict() == {}


def test_mixed_precision_computes_short_and_keeps_long_weights():
    place = make_device_context("cpu", "bf16-mixed")
    weight, forward = trained(place, torch.float32)
    assert (weight.dtype, forward) == (torch.float32, torch.bfloat16)
    plain, _ = trained(make_device_context("cpu", "float32"), torch.float32)
    assert torch.allclose(weight, plain, atol=1e-2)
    place.load_state_dict(place.state_dict())


def test_a_scaler_of_gradients_steps_our_optimizers_at_the_true_scale():
    """What Fabric does with 16-mixed on a GPU, done here on the CPU with the same scaler."""
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    scaled, plain = (torch.ones(3, requires_grad=True) for _ in range(2))
    schema = OPTIMIZERS["SGD"](global_clipnorm=0.5)
    for parameter, scale in ((scaled, scaler.scale), (plain, lambda loss: loss)):
        optimizer = make_optimizer(schema, {"w": parameter})
        scale(torch.square(parameter).sum()).backward()
        if parameter is scaled:
            scaler.step(optimizer, learning_rate=0.1)
            scaler.update()
            with torch.no_grad():
                parameter.grad.fill_(torch.inf)
            scaler.step(optimizer, learning_rate=0.1)
            assert optimizer.iterations == 1
        else:
            optimizer.step(0.1)
    assert torch.equal(scaled, plain)


def test_what_a_step_draws_depends_on_seed_and_step_alone():
    def drawn(seed, step):
        seed_step(seed, step)
        return torch.rand(4)

    first = drawn(1, 5)
    drawn(2, 9)
    torch.rand(100)
    assert torch.equal(drawn(1, 5), first)
    others = [drawn(seed, step) for seed in (0, 1, 2, 2**32, 2**63 - 1) for step in range(50)]
    assert len({tuple(values.tolist()) for values in others}) == len(others)


def test_neighbouring_steps_draw_values_that_have_nothing_to_do_with_each_other():
    rows = []
    for step in range(2000):
        seed_step(0, step)
        rows.append(torch.rand(2))
    values = torch.stack(rows)
    assert abs(values.mean().item() - 0.5) < 0.02
    follow = torch.corrcoef(torch.stack([values[:-1, 0], values[1:, 0], values[:-1, 1]]))
    assert follow.fill_diagonal_(0).abs().max() < 0.1


@pytest.fixture
def any_algorithm(monkeypatch):
    """Let torch use any algorithm again after the test."""
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.usefixtures("any_algorithm")
def test_a_run_with_deterministic_algorithms_only_says_so(tmp_path):
    before, _ = run(ordered(tmp_path, straight(epochs=1), line()))
    folder, _ = run(ordered(tmp_path, straight(epochs=1, deterministic=True), line()))
    assert torch.are_deterministic_algorithms_enabled()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert "deterministic" not in before.record
    assert folder.record["deterministic"] is True


@pytest.mark.usefixtures("any_algorithm")
def test_a_computation_without_a_deterministic_algorithm_is_named_with_its_node():
    """`Tensor.put_` is one that the CPU has no such algorithm for."""
    net = network(straight())
    make_device_context("cpu", "float32", deterministic=True)

    def call(torch, module, x):
        return x.put_(torch.tensor([0]), torch.ones(1))

    replace_calls(net, net.plan, {"d": call})
    with pytest.raises(RuntimeError) as error:
        net.forward_output({"x": torch.zeros(2, 3)})
    found = diagnostic_from_exception(error.value)
    assert (found.code, found.node) == ("not-deterministic", "d")
    assert found.found == "put_"
    assert found.fixes[0].edit == {"do": "set_recipe", "fields": {"deterministic": False}}


def test_threads_are_set_and_told():
    before = torch.get_num_threads()
    try:
        assert set_thread_count(1) == 1
        assert set_thread_count(None) == 1
    finally:
        torch.set_num_threads(before)


def test_versions_are_plain_text():
    assert package_versions().keys() == {"engine", "python", "torch", "numpy"}
    assert all(isinstance(text, str) for text in package_versions().values())
    assert cpu_capability()
