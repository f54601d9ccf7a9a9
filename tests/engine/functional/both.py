"""One description, built by the engine and by Keras, and fed with the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import engine
from engine.layers import catalogue
from engine.objectives.loss import LOSSES
from tests.double import call, keras, twin
from tests.engine.functional.description import IDS, LENGTH, Description

ROWS = 6
SATURATED = 1e-5
MOST = 1e6  # what is larger runs away
KINDS = catalogue.layer_classes()


def ours(description: Description) -> engine.Model:
    """Build a description by the engine's functional interface."""
    made: dict[str, Any] = {}

    def called(use: Any, fed: list[Any]) -> Any:
        made[use.name] = made[use.of] if use.of else KINDS[use.kind](**use.params, name=use.name)
        return made[use.name](fed) if len(fed) > 1 else made[use.name](fed[0])

    inputs, outs = _traced(description, engine.Input, called)
    return engine.Model(alone(inputs), alone(outs))


def theirs(description: Description) -> keras.Model:
    """Build a description by Keras' functional interface."""
    made: dict[str, Any] = {}

    def called(use: Any, fed: list[Any]) -> Any:
        if use.of:
            made[use.name] = made[use.of]
        else:
            layer = KINDS[use.kind](**use.params)
            made[use.name] = twin(layer, name=use.name), layer
        return call(*made[use.name], fed)

    inputs, outs = _traced(description, _keras_input, called)
    return keras.Model(alone(inputs), alone(outs))


def _keras_input(shape: Any, dtype: str, name: str) -> Any:
    return keras.Input(shape, dtype="int32" if dtype == "int32" else None, name=name)


def _traced(description: Description, begin: Any, called: Any) -> tuple[list[Any], list[Any]]:
    tensors: dict[tuple[str, int], Any] = {
        (name, 0): begin(shape, dtype=dtype, name=name)
        for name, (shape, dtype) in description.inputs.items()
    }
    for use in description.uses:
        answer = called(use, [tensors[source] for source in use.sources])
        outs = answer if isinstance(answer, list | tuple) else [answer]
        tensors.update(((use.name, place), out) for place, out in enumerate(outs))
    inputs = [tensors[name, 0] for name in description.fed]
    return inputs, [tensors[end.source] for end in description.ends]


class NoJudge(Exception):
    """Keras itself fails on this network, so that it can't judge ours."""


class Both:
    """A description in both libraries, with equal weights, compiled alike.

    Args:
        description: of the network.
        optimizer, params: which, with which constants.
        precision: "float64" or "float32", that Keras was told, too.
    """

    def __init__(
        self, description: Description, optimizer: str, params: dict[str, Any], precision: str
    ) -> None:
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(1)
        self.description, self.precision = description, precision
        self.theirs, self.ours = theirs(description), ours(description)
        self.theirs.compile(
            getattr(keras.optimizers, optimizer)(**params),
            alone(
                [
                    getattr(keras.losses, LOSSES[e.loss].__name__)(**e.params)
                    for e in description.ends
                ]
            ),
            loss_weights=[end.weight for end in description.ends],
        )
        self.ours.compile(
            {"kind": optimizer, "params": params},
            [{"kind": end.loss, "params": end.params} for end in description.ends],
            loss_weights=[end.weight for end in description.ends],
            precision=precision,
        )
        self.ours.set_weights([np.asarray(v.value.detach()) for v in self.theirs.weights])
        with torch.no_grad():
            outs = self.theirs(alone(self._inputs(np.random.default_rng(0))))
        self.shapes = [tuple(out.shape) for out in listed(outs)]

    def rows(self, step: int) -> tuple[Any, Any, Any]:
        """Return inputs, targets and weights of the rows of one batch."""
        rng = np.random.default_rng(step)
        inputs = self._inputs(rng)
        ends = self.description.ends
        targets = [
            target(LOSSES[end.loss].target_forms[0], shape, rng).astype(self.precision)
            for end, shape in zip(ends, self.shapes, strict=True)
        ]
        weights = [
            rng.uniform(0.2, 3, shape[:-1]) if end.weighted else np.ones(shape[:-1])
            for end, shape in zip(ends, self.shapes, strict=True)
        ]
        weighted = any(end.weighted for end in ends)
        return alone(inputs), alone(targets), alone(weights) if weighted else None

    def _inputs(self, rng: np.random.Generator) -> list[np.ndarray]:
        drawn = (self.description.inputs[name] for name in self.description.fed)
        return [rows(shape, dtype, self.precision, rng) for shape, dtype in drawn]

    def predicted(self, inputs: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what both say of the same rows, output by output."""
        expected = listed(self.theirs.predict_on_batch(inputs))
        for end, answer in zip(self.description.ends, expected, strict=True):
            if not judges(end.loss, answer):
                raise NoJudge(end)
        return zip(listed(self.ours.predict(inputs)), expected, strict=True)

    def step(self, number: int) -> Iterator[tuple[str, float, float]]:
        """Train both on one batch, and yield the name and values of each loss."""
        inputs, targets, weights = self.rows(number)
        self.theirs.reset_metrics()
        try:
            told = self.theirs.train_on_batch(inputs, targets, weights, return_dict=True)
        except RuntimeError as error:
            # A kernel that torch won't take as Keras lays it out, or NaN where shares are expected.
            if any(word in str(error) for word in ("contiguous", "between 0 and 1")):
                raise NoJudge from error
            raise
        if not all(abs(float(value)) < MOST for value in told.values()):  # NaN is not either
            raise NoJudge(told)
        own = self.ours.train_on_batch(inputs, targets, weights, return_dict=True)
        return ((name, own[name], float(value)) for name, value in told.items())

    def nudge(self, share: float) -> None:
        """Change the weights on both sides by a share of themselves."""
        rng = np.random.default_rng(0)
        for variable in self.theirs.weights:
            value = variable.value
            drawn = torch.from_numpy(rng.uniform(-share, share, tuple(value.shape)))
            with torch.no_grad():
                value.mul_(1 + drawn).add_(drawn / 1000)
        self.ours.set_weights([v.value.detach().numpy() for v in self.theirs.weights])

    def weights(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Yield path and values of each array, in Keras' order."""
        own = self.ours.get_weights()
        for array, variable in zip(own, self.theirs.weights, strict=True):
            yield variable.path, array, variable.value.detach().numpy()


def judges(loss: str, answer: np.ndarray) -> bool:
    """Return whether predictions are such that Keras' loss is exact and has a gradient.

    It cuts probabilities off at 1e-7, and divides by the length of a vector for the cosine.
    """
    if not np.abs(answer).max() < MOST:
        return False
    if loss == "cosine_similarity":
        return bool(np.abs(answer).max(-1).min() > SATURATED)
    shares = (
        LOSSES[loss].expected_activation in ("softmax", "sigmoid")
        and 0 <= answer.min() <= answer.max() <= 1
    )
    return not shares or bool(SATURATED < answer.min() <= answer.max() < 1 - SATURATED)


def rows(
    shape: tuple[int | None, ...], dtype: str, precision: str, rng: np.random.Generator
) -> np.ndarray:
    """Return rows for an Input; some rows of a sequence end in zeros, which may be masked."""
    sizes = (ROWS, *(dim or LENGTH for dim in shape))
    ids = dtype == "int32"
    values = rng.integers(1, IDS, sizes) if ids else rng.normal(size=sizes)
    if ids or len(shape) == 2:
        values[::2, sizes[1] - 2 :] = 0
        values[1, 2] = 0
    return values.astype("int32" if ids else precision)


def target(form: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return targets of one form for predictions of a shape, the batch first."""
    index = rng.integers(0, shape[-1], shape[:-1])
    match form:
        case "index":
            return index
        case "onehot":
            return np.eye(shape[-1])[index]
        case "distribution":
            return rng.dirichlet(np.ones(shape[-1]), shape[:-1])
        case "binary":
            return rng.integers(0, 2, shape)
        case _:
            return rng.normal(size=shape) ** 2 + 0.1


def alone(values: list[Any]) -> Any:
    """Return the only one of several values, or all of them."""
    return values[0] if len(values) == 1 else values


def listed(values: Any) -> list[Any]:
    """Return values as a list, one of them too."""
    return list(values) if isinstance(values, list | tuple) else [values]
