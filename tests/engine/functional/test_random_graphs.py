"""Random networks of several inputs and outputs compute, score and learn as they do in Keras.

One description is built in both libraries, with equal weights. `./dev test` tries a few networks
with each optimizer, the same ones every time; `./dev soak` tries many more, new ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, note, settings
from hypothesis import strategies as st

from engine.recipe.optimizer import OPTIMIZERS
from tests.double import floatx
from tests.engine.functional.both import Both, NoJudge
from tests.engine.functional.description import Description
from tests.engine.functional.random_graphs import (
    INPUTS,
    KINDS,
    LEFT_OUT,
    described,
    descriptions,
)
from tests.tiers import SOAK, cases

NETWORKS = cases(1, 6, 60)  # with each of nine optimizers
STEPS = 20
EXACT, SINGLE = 1e-9, 1e-5
LEAST = 1e-6  # what is smaller is compared with it
LEAST_LOSS = 1e-3  # a mean of values of either sign may be near zero

# Constants away from their defaults, by optimizer; all of them can clip.
CONSTANTS = {
    "SGD": [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "RMSprop": [{"rho": 0.8, "momentum": 0.5}, {"centered": True}],
    "Adam": [{"amsgrad": True}, {"beta_1": 0.8}],
    "AdamW": [{"weight_decay": 0.1}],
    "Adadelta": [{"learning_rate": 0.1}],
}
ALL = [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}, {"weight_decay": 0.01}]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(1200),  # a network that differs takes minutes to shrink
    # Our findings; Keras' own are much the same.
    pytest.mark.filterwarnings("ignore::engine.core.symbolic.call_site.DiagnosticWarning"),
    pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask"),
    pytest.mark.filterwarnings("ignore:(?s).*You are using a softmax over axis -1 .* size 1"),
    pytest.mark.filterwarnings("ignore:The model does not have any trainable weights"),
    pytest.mark.filterwarnings("ignore:Gradients do not exist for variables"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
tried = settings(
    max_examples=NETWORKS,
    deadline=None,
    derandomize=not SOAK,
    database=None,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_twenty_steps_in_float64_are_those_of_keras(optimizer: str):
    @tried
    @given(descriptions(), st.sampled_from([*CONSTANTS.get(optimizer, ()), *ALL]))
    def train(description: Description, params: dict[str, object]) -> None:
        assume(description.ends)
        note(f"{optimizer} {params}\n{description}")
        with floatx("float64"), judged():
            both = Both(description, optimizer, params, "float64")
            found = list(differences(both))
            if not all(difference <= EXACT for _, difference in found):
                assume(not magnifies(description, optimizer, params))
        for name, difference in found:
            assert difference <= EXACT, name
        features(description)

    train()


@settings(tried, max_examples=5 * NETWORKS)
@given(descriptions())
def test_answers_and_first_losses_in_float32_are_those_of_keras(description: Description):
    assume(description.ends)
    note(str(description))
    with floatx("float32"), judged():
        found = list(first(Both(description, "SGD", {}, "float32")))
    if not all(difference <= SINGLE for *_, difference in found):
        with floatx("float64"), judged():
            exact = list(first(Both(description, "SGD", {}, "float64")))
        # What float32 itself rounds away can't be told apart from a difference.
        rounded = (
            relative(own, true) for (_, own, *_), (_, true, *_) in zip(found, exact, strict=True)
        )
        assume(max(rounded) < SINGLE / 4)
    for name, _, _, difference in found:
        assert difference <= SINGLE, name


def differences(both: Both) -> Iterator[tuple[str, float]]:
    """Yield name and relative difference of answers, of losses at every step, of weights."""
    inputs, *_ = both.rows(0)
    for place, (own, other) in enumerate(both.predicted(inputs)):
        yield f"output {place}", relative(own, other)
    for number in range(STEPS):
        for name, own, other in both.step(number):
            yield f"{name} at step {number}", relative(own, other, LEAST_LOSS)
    for name, own, other in both.weights():
        yield name, relative(own, other)


def first(both: Both) -> Iterator[tuple[str, np.ndarray, np.ndarray, float]]:
    """Yield answers and the losses of the first step: name, ours, theirs, difference."""
    inputs, *_ = both.rows(0)
    for place, (own, other) in enumerate(both.predicted(inputs)):
        yield f"output {place}", own, other, relative(own, other)
    for name, own, other in both.step(0):
        yield name, np.asarray(own), np.asarray(other), relative(own, other, LEAST_LOSS)


def relative(own: object, other: object, least: float = LEAST) -> float:
    """Return the largest difference, relative to the largest value."""
    own, other = np.asarray(own, "float64"), np.asarray(other, "float64")
    size = max(np.abs(other).max(initial=0.0), least)
    return float(np.abs(own - other).max(initial=0.0) / size)


@contextmanager
def judged() -> Iterator[None]:
    """Leave a network out where Keras fails."""
    try:
        yield
    except NoJudge:
        assume(False)


def magnifies(description: Description, optimizer: str, params: dict[str, object]) -> bool:
    """Return whether training itself makes much of a change in the last digits.

    Such as the sign of a gradient that is zero but for rounding. Nobody can judge there, nor where
    probabilities come so near to 0 or 1 that Keras cuts them off, which is found out here too.
    """
    ends = []
    for nudged in (False, True):
        both = Both(description, optimizer, params, "float64")
        if nudged:
            both.nudge(1e-15)
        losses = []
        for number in range(STEPS):
            list(both.predicted(both.rows(number)[0]))
            losses += [own for _, own, _ in both.step(number)]
        ends.append([*losses, *both.ours.get_weights()])
    return any(relative(own, other) > EXACT / 100 for own, other in zip(*ends, strict=True))


def features(description: Description) -> None:
    """Tell Hypothesis' statistics what a network has."""
    for name, has in traits(description).items():
        if has:
            event(name)


def traits(description: Description) -> dict[str, bool]:
    """Return what is remarkable about a network."""
    used = Counter(source for use in description.uses for source in use.sources)
    return {
        "a layer called twice": any(use.of for use in description.uses),
        "several inputs": len(description.fed) > 1,
        "several outputs": len(description.ends) > 1,
        "a merge": any(KINDS[use.kind].family == "merge" for use in description.uses),
        "a branch": max(used.values()) > 1,
        "a mask": any(
            use.kind == "Masking" or "mask_zero" in use.params for use in description.uses
        ),
        "weights of rows": any(end.weighted for end in description.ends),
    }


@pytest.mark.slow
def test_the_networks_are_of_every_sort():
    """Every layer but those by chance, called twice, merged, branched, masked."""
    rng, kinds, seen, losses = Random(0), set(), Counter(), set()
    for _ in range(300):
        inputs = [rng.choice(INPUTS) for _ in range(rng.randint(1, 3))]
        steps = [rng.randrange(2**20) for _ in range(rng.randint(2, 9))]
        description = described(inputs, steps, rng.randrange(2**20))
        if description.ends:
            kinds |= {use.kind for use in description.uses}
            losses |= {end.loss for end in description.ends}
            seen.update(name for name, has in traits(description).items() if has)
    assert kinds == set(KINDS) - LEFT_OUT | {"Masking"}
    assert min(seen.values()) > 30, seen
    assert len(losses) == 16
