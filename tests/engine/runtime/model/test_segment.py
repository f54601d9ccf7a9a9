"""With gradient checkpointing a training has the same numbers, and keeps fewer activations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from engine.events import Event
from engine.graph.edits.registry import apply_edit
from engine.runtime.training.loop import fit
from tests.engine.check.test_memory import deep
from tests.engine.runtime.distributed.cases import RANDOM, random_rows, training_of
from tests.engine.runtime.small import network, project
from tests.engine.runtime.training import several_losses

FRAMES = (["words", "channels", "read"], ["conv", "norm", "flat", "noise"], ["drop", "same", "y"])


def trained(given, rows, is_checkpointed):
    """Return the events of a training, its weights, and the state of its modules."""
    recipe = {**given.recipe, "gradient_checkpointing": is_checkpointed}
    training = training_of(replace(given, recipe=recipe), rows)
    events = [
        event.model_copy(update={"seconds": 0.0}) if isinstance(event, Event) else event
        for event in fit(training)
    ]
    return events, training.network.get_weights(), dict(training.network.named_buffers())


def random_network(**recipe):
    given = project(*RANDOM, batch_size=15, epochs=2, optimizer="RMSprop", **recipe)
    for nodes in FRAMES:
        given = apply_edit(given, {"do": "add_frame", "nodes": nodes, "title": "f"})
    return given


CASES = {
    "float32": (random_network(), random_rows()),
    "float64": (random_network(precision="float64", accumulate=2), random_rows()),
    "bf16": (random_network(precision="bf16-mixed"), random_rows()),
    "losses": (several_losses.several_losses(batch_size=16, epochs=2), several_losses.rows()),
    "gradnorm": (
        several_losses.several_losses(batch_size=16, epochs=2, balance="gradnorm"),
        several_losses.rows(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_losses_weights_and_random_states_are_equal_to_the_last_bit(name):
    """Dropout with and without a seed, noise, augmentation, moving statistics, penalties."""
    plain, checkpointed = (trained(*CASES[name], on) for on in (False, True))
    assert repr(checkpointed[0]) == repr(plain[0])
    for one, other in zip(plain[1:], checkpointed[1:], strict=True):
        assert one.keys() == other.keys()
        for key, value in one.items():
            np.testing.assert_array_equal(np.asarray(other[key]), np.asarray(value), str(key))


def saved_and_gradients(is_checkpointed):
    """Return how many tensors a forward pass saves, and the gradients of a loss."""
    net = network(deep(gradient_checkpointing=is_checkpointed)).train()
    saved = []
    with saved_tensors_hooks(lambda x: saved.append(x.shape) or x, lambda x: x):
        raw = net.forward_output({"x": torch.ones(8, 4)})
    raw.heads["y"].square().sum().backward()
    return len(saved), [parameter.grad for parameter in net.parameters()]


def test_only_outputs_of_segments_are_kept():
    saved, gradients = saved_and_gradients(is_checkpointed=False)
    fewer, same = saved_and_gradients(is_checkpointed=True)
    assert fewer < saved / 4
    assert all(map(torch.equal, gradients, same))


def test_a_prediction_without_gradients_is_computed_as_before():
    plain, other = (network(deep(gradient_checkpointing=on)).eval() for on in (False, True))
    with torch.no_grad():
        expected, found = (net({"x": torch.ones(3, 4)})["y"] for net in (plain, other))
    assert torch.equal(found, expected)
