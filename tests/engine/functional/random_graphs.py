"""Random networks of several inputs and outputs, as plain descriptions that shrink well.

A description is drawn step by step. Each step has a seed of its own, so that Hypothesis can leave
steps out and the others stay as they are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count
from math import prod
from typing import Any

from hypothesis import strategies as st

import engine
from engine.core.diagnostic import DiagnosticError
from engine.core.symbolic.tensor import SymbolicTensor
from engine.layers import catalogue
from engine.layers.base import Layer
from engine.objectives.loss import LOSSES
from tests.double import WITHOUT_A_TWIN
from tests.engine.functional.description import IDS, LENGTH, Description, End, Source, Use
from tests.engine.layers.arguments import CURVES, draw_params, recurrences
from tests.engine.layers.departures import departures

KINDS = catalogue.layer_classes()
# What only starts or ends a network, has no twin, or does something else each time.
LEFT_OUT = {
    *WITHOUT_A_TWIN, "Input", "Dropout", "SpatialDropout1D", "GaussianNoise", "Masking",
    "RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomContrast",
}  # fmt: skip
BY_CHANCE = ("dropout", "recurrent_dropout", "seed")
MOST_VALUES = 300  # in one row of a tensor
MOST_OUTPUTS = 3

# Shape, dtype, and whether a Masking stands behind it.
INPUTS = (
    ((5,), "float32", False),
    ((6, 3), "float32", False),
    ((6, 3), "float32", True),
    ((None, 3), "float32", False),
    ((None, 3), "float32", True),
    ((5, 4, 2), "float32", False),
    ((6,), "int32", False),
    ((None,), "int32", False),
)
CURVE_OF = {"softmax": "softmax", "sigmoid": "sigmoid", "positive": "softplus", "any": "linear"}
LOSS_PARAMS: dict[str, Sequence[dict[str, Any]]] = {
    "huber": ({}, {"delta": 0.4}),
    "categorical_crossentropy": ({}, {"label_smoothing": 0.1}, {"from_logits": True}),
    "sparse_categorical_crossentropy": ({}, {"from_logits": True}),
    "binary_crossentropy": ({}, {"label_smoothing": 0.1}, {"from_logits": True}),
    "binary_focal_crossentropy": ({}, {"apply_class_balancing": True}),
}


def descriptions() -> st.SearchStrategy[Description]:
    """Return a strategy for networks that can be trained."""
    seeds = st.integers(0, 2**20)
    inputs = st.lists(st.sampled_from(INPUTS), min_size=1, max_size=3)
    steps = st.lists(seeds, min_size=2, max_size=9)
    return st.builds(described, inputs, steps, seeds)


def described(inputs: Sequence[Any], steps: Sequence[int], ends: int) -> Description:
    """Return the network that seeds describe; a step that fits nowhere is left out."""
    sketch = Sketch(inputs)
    for seed in steps:
        sketch.add(random.Random(seed))
    return sketch.ended(random.Random(ends))


class Sketch:
    """A network under way: our own symbolic tensors tell what fits."""

    def __init__(self, inputs: Sequence[Any]) -> None:
        self.inputs: dict[str, tuple[tuple[int | None, ...], str]] = {}
        self.uses: list[Use] = []
        self.layers: dict[str, Layer] = {}
        self.tensors: dict[Source, SymbolicTensor] = {}
        self.numbers = count()
        for place, (shape, dtype, masked) in enumerate(inputs):
            name = f"input{place}"
            self.inputs[name] = shape, dtype
            self.tensors[name, 0] = engine.Input(shape, dtype=dtype, name=name)
            if masked:
                self.take("Masking", {}, ((name, 0),))

    def add(self, rng: random.Random) -> None:
        """Call one more layer on what is there, a new one or one that was called before."""
        for _ in range(40):
            if rng.random() < 0.2 and self.layers:
                again = self.uses[rng.randrange(len(self.uses))]
                if self.take(
                    again.kind, {}, self._sources(again.kind, rng), again.of or again.name
                ):
                    return
            else:
                kind = rng.choice([kind for kind in KINDS if kind not in LEFT_OUT])
                params = calm(draw_params(KINDS[kind], rng))
                if kind == "Embedding":
                    params["input_dim"] = IDS
                if self.take(kind, params, self._sources(kind, rng)):
                    return

    def _sources(self, kind: str, rng: random.Random) -> tuple[Source, ...]:
        """Return tensors to call a layer on, those that nothing uses yet rather than others."""
        ports = KINDS[kind].ports()
        number = sum(rng.random() < 0.7 if port.optional else 1 for port in ports)
        if ports[0].many:
            number = rng.randint(2, 3)
        loose = self._loose()
        return tuple(
            rng.choice(loose if rng.random() < 0.7 else list(self.tensors)) for _ in range(number)
        )

    def _loose(self) -> list[Source]:
        used = {source for use in self.uses for source in use.sources}
        return [key for key in self.tensors if key not in used]

    def take(
        self, kind: str, params: dict[str, Any], sources: tuple[Source, ...], of: str = ""
    ) -> bool:
        """Call a layer, and answer whether it takes those tensors."""
        fed = [self.tensors[source] for source in sources]
        if of and not self._alike(of, fed):
            return False
        name = f"{kind.lower()}_{next(self.numbers)}"
        try:
            layer = self.layers[of] if of else KINDS[kind](**params, name=name)
            answer = layer(fed) if len(fed) > 1 else layer(*fed)
        except DiagnosticError:
            return False
        outs = answer if isinstance(answer, list) else [answer]
        if not suits(layer, fed) or not all(map(small, outs)):
            return False
        self.layers[name] = layer
        self.uses.append(Use(name, kind, params, sources, of))
        self.tensors.update(((name, place), out) for place, out in enumerate(outs))
        return True

    def _alike(self, of: str, fed: list[SymbolicTensor]) -> bool:
        """Return whether a layer would need the weights it has; Keras also asks for equal ranks."""
        first = next(use for use in self.uses if use.name == of)
        if first.kind == "BatchNormalization":
            return False  # Keras lets the deepest call count first
        kept = -4 if first.kind == "PReLU" else -1
        specs = [self.tensors[source].spec for source in first.sources]
        told = [(spec.shape[kept:], spec.rank, spec.dtype) for spec in specs]
        return told == [(t.spec.shape[kept:], t.spec.rank, t.spec.dtype) for t in fed]

    def ended(self, rng: random.Random) -> Description:
        """Return the network with outputs where nothing goes on, without what leads nowhere."""
        loose = [key for key in self._loose() if self._may_end(key)]
        rng.shuffle(loose)
        ends = [end for key in loose[:MOST_OUTPUTS] for end in self._end(key, rng)]
        reached = self._behind({end.source[0] for end in ends}, layers=False)
        needed = self._behind({end.source[0] for end in ends}, layers=True)
        return Description(
            {name: spec for name, spec in self.inputs.items() if name in needed},
            tuple(name for name in self.inputs if name in reached),
            tuple(use for use in self.uses if use.name in needed),
            tuple(ends),
        )

    def _may_end(self, key: Source) -> bool:
        """Return whether Keras can train there: where steps are masked, on vectors only."""
        spec = self.tensors[key].spec
        return spec.dtype == "float32" and not (spec.mask and spec.rank > 2)

    def _behind(self, names: set[str], layers: bool) -> set[str]:
        """Return all that names depend on; with `layers` also where layers were first used."""
        for use in reversed(self.uses):
            if use.name in names:
                names = names | {name for name, _ in use.sources}
                names = names | {use.of} if use.of and layers else names
        return names

    def _end(self, key: Source, rng: random.Random) -> Iterator[End]:
        name = rng.choice(list(LOSSES))
        params = rng.choice(LOSS_PARAMS.get(name, ({},)))
        told = name, params, rng.choice((0.25, 1.0, 10.0)), rng.random() < 0.3
        bare = LOSSES[name].expected_activation == "any" and rng.random() < 0.3
        if bare and self._called_once(key) and not self._always_one(key):
            yield End(key, *told)
            return
        curve = (
            "linear" if params.get("from_logits") else CURVE_OF[LOSSES[name].expected_activation]
        )
        if self.take("Dense", {"units": rng.randint(2, 4), "activation": curve}, (key,)):
            yield End((self.uses[-1].name, 0), *told)

    def _always_one(self, key: Source) -> bool:
        """Return whether an output says nothing, softmax over one unit, which is refused."""
        params = next(use.params for use in self.uses if use.name == key[0])
        return params.get("activation") == "softmax" and self.tensors[key].shape[-1] == 1

    def _called_once(self, key: Source) -> bool:
        """Return whether a layer's only output is at hand, so that it can name an output."""
        name = key[0]
        alone = (name, 1) not in self.tensors and name not in self.inputs
        return alone and not any(
            use.of == name or (use.of and use.name == name) for use in self.uses
        )


def calm(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters without chance; weights start as they usually do."""
    kept = {
        name: calm_inside(value)
        for name, value in params.items()
        if name not in BY_CHANCE and not name.endswith("_initializer")
    }
    return {name: value for name, value in kept.items() if not _orthogonal(value)}


def calm_inside(value: Any) -> Any:
    """Return a parameter; a recurrent layer inside another is calm as well."""
    if isinstance(value, dict) and "units" in value.get("params", {}):
        return {**value, "params": calm(value["params"])}
    return value


def _orthogonal(value: Any) -> bool:
    kind = value.get("kind") if isinstance(value, dict) else value
    return kind == "orthogonal_regularizer"


def suits(layer: Layer, fed: Sequence[SymbolicTensor]) -> bool:
    """Return whether a layer computes in both libraries what can be compared."""
    specs = tuple(tensor.spec for tensor in fed)
    curves = {getattr(one, name, "") for one in (layer, *recurrences(layer)) for name in CURVES}
    sums_ids = layer.family == "merge" and any(spec.dtype == "int32" for spec in specs)
    return not (departures(layer, specs, LENGTH) or "exponential" in curves or sums_ids)


def small(tensor: SymbolicTensor) -> bool:
    """Return whether a tensor is small enough for many of them, and large enough to be there."""
    sizes = [
        dim if isinstance(dim, int) else dim.size_for(LENGTH) * (dim.minimum_length <= LENGTH)
        for dim in tensor.spec.shape
    ]
    return 0 < prod(sizes) <= MOST_VALUES
