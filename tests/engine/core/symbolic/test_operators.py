"""Of Python's signs on tensors, + - * are merges; whatever would need values is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DiagnosticError, Input, Model, layers
from tests.tiers import noted


def pair():
    return Input((4,), name="a"), Input((4,), name="b")


@pytest.mark.parametrize(
    ("sign", "merge"),
    [
        (lambda a, b: a + b, layers.add),
        (lambda a, b: a - b, layers.subtract),
        (lambda a, b: a * b, layers.multiply),
    ],
)
def test_a_sign_between_two_tensors_is_the_merge(sign, merge):
    graphs = []
    for join in (sign, lambda a, b: merge([a, b])):
        a, b = pair()
        graphs.append(Model([a, b], layers.Dense(1)(join(a, b))).graph)
    assert graphs[0] == graphs[1]


def test_signs_compute_what_they_say():
    a, b = pair()
    rows = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    model = Model([a, b], (a + b) * (a - b))
    np.testing.assert_allclose(model.predict([*rows]), rows[0] ** 2 - rows[1] ** 2, atol=1e-5)


NEED_VALUES = [
    lambda a: a + 1,
    lambda a: 2 * a,
    lambda a: 1.5 - a,
    lambda a: a / 2,
    lambda a: 1 / a,
    lambda a: a // 2,
    lambda a: a % 2,
    lambda a: a**2,
    lambda a: a @ a,
    lambda a: -a,
    lambda a: abs(a),
    lambda a: a[:, 1],
    lambda a: list(a),
    lambda a: len(a),
    lambda a: a > 0,
    lambda a: bool(a),
    lambda a: float(a),
    lambda a: int(a),
    lambda a: np.asarray(a),
    lambda a: np.ones(4) + a,
    lambda a: a + np.ones(4),
    lambda a: np.exp(a),
]


def test_what_needs_values_is_refused_at_its_line():
    for act in NEED_VALUES:
        with noted(act):
            with pytest.raises((DiagnosticError, TypeError)) as caught:
                act(Input((4,), name="a"))
            if isinstance(caught.value, DiagnosticError):
                (found,) = caught.value.diagnostics
                assert found.code == "no-values"
                assert str(caught.value).startswith(f"{__file__}:")
            else:
                assert "ufunc" in str(caught.value)


def test_shapes_that_do_not_merge_are_refused_as_by_the_layer():
    with pytest.raises(DiagnosticError) as caught:
        Input((4,), name="a") + Input((3,), name="b")
    assert caught.value.diagnostics[0].code == "shapes-differ"
