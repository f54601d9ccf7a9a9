"""The notebook's networks train as they do in Keras, to the last digits that arithmetic allows.

Same starting weights, same batches, same order: every loss and every weight agrees within 1e-9 over
20 steps in float64.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.check.report import check
from engine.check.summary import summarize
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from tests.double import keras
from tests.engine.runtime import notebook_models as models
from tests.tiers import grid

# Keras' own variables answer numpy in numpy's older way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

STEPS, ROWS = 20, 8
CASES = {
    "N2": ("sequential", models.sequential, {"label": 1.0}),
    "N5": ("question-answering", models.question_answering, {"answer": 1.0}),
    "N6": ("posts", models.posts, {"age": 1.0, "income": 1.0, "gender": 1.0}),
    "N7": ("posts", models.posts, {"age": 0.25, "income": 1.0, "gender": 10.0}),
}


def rows(model: engine.Model, rng: np.random.Generator) -> tuple[list, list]:
    """Return inputs and targets of one batch: ids, numbers, one-hot rows, yes and no."""
    inputs, targets = [], []
    for tensor in model.inputs:
        if tensor.dtype == "int32":
            inputs.append(rng.integers(1, 10_000, (ROWS, 54)).astype("int32"))
        else:
            inputs.append(rng.normal(size=(ROWS, *tensor.shape[1:])))
    for head in check(model.project).heads.values():
        classes = head.spec.shape[-1]
        targets.append({
            "onehot": lambda n=classes: np.eye(n)[rng.integers(0, n, ROWS)],
            "binary": lambda: rng.integers(0, 2, (ROWS, 1)).astype(float),
            "number": lambda: rng.normal(size=(ROWS, 1)),
        }[head.target_form]())  # fmt: skip
    return inputs, targets


def alone(values: list) -> object:
    return values[0] if len(values) == 1 else values


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", grid(CASES, 1))
def test_twenty_steps_in_float64_agree_within_1e_9(case, tmp_path):
    template, make, weights = CASES[case]
    (tmp_path / "drawn.loom.json").write_bytes(read_template(template))
    ours, made = engine.load(tmp_path / "drawn.loom.json"), make("float64")
    theirs = keras.Model(made.input, [made.output[name] for name in ours.output_names])
    told = {
        "loss": [ours.graph[name].params["loss"] for name in ours.output_names],
        "loss_weights": [weights[name] for name in ours.output_names],
    }
    ours.compile("rmsprop", precision="float64", **told)
    theirs.compile("rmsprop", **told)
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(7)
    for _ in range(STEPS):
        inputs, targets = map(alone, rows(ours, rng))
        theirs.reset_metrics()
        own, other = (model.train_on_batch(inputs, targets) for model in (ours, theirs))
        np.testing.assert_allclose(np.ravel(list(own)), np.ravel(other), rtol=1e-9)
    for own, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        # Relative to the array's own size: single entries may pass through zero.
        np.testing.assert_allclose(own, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())


@pytest.mark.parametrize(
    ("template", "model", "total"),
    [
        ("sequential", models.sequential, 3_466),
        ("question-answering", models.question_answering, 1_000_052),
        ("posts", models.posts, 13_490_444),
        ("posts-longer", lambda dtype: models.posts(dtype, longer=True), 14_146_316),
    ],
)
def test_the_summary_has_the_rows_of_keras(template, model, total):
    told = summarize(check(parse(read_template(template)).project))
    theirs = model("float32")
    rows = {
        layer.name: (type(layer).__name__, list(layer.output.shape), layer.count_params())
        for layer in theirs.layers
    }
    ours = {
        row.name: (row.kind.replace("Input", "InputLayer"), row.shape, row.params)
        for row in told.rows
    }
    assert ours == rows
    assert told.total == theirs.count_params() == total
