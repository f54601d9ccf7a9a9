"""Shapes with dynamic axes, columns of mistakes, and source that reads like the expression."""

from __future__ import annotations

import pytest
import torch

from engine.compile.recorder import RecordedExpression
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.expression.expression import Expression

STEPS = DynamicLength("text")
SPECS = {
    "a": TensorSpec((4,)),
    "b": TensorSpec((4,)),
    "q": TensorSpec((5, 4)),
    "s": TensorSpec((STEPS, 8)),
    "i": TensorSpec((6,), "int32"),
}


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("mean(s, axis=1)", "(batch, 8)"),
        ("s[:, 1:-1] * 2", "(batch, text - 2, 8)"),
        ("s[:, ::2]", "(batch, (text + 1) // 2, 8)"),
        ("repeat(s, 3, axis=1)", "(batch, text * 3, 8)"),
        ("concatenate([s, s], axis=1)", "(batch, text * 2, 8)"),
        ("s @ swapaxes(s, 1, 2)", "(batch, text, text)"),
        ("positions(s)", "(batch, text)"),
        ("one_hot(i, 5)", "(batch, 6, 5)"),
        ("a > b", "(batch, 4)"),
        ("sum(q, axis=(1, 2))", "(batch)"),
    ],
)
def test_dynamic_axes_are_kept(text: str, spec: str) -> None:
    assert str(Expression(text).infer(SPECS)).startswith(spec)


def test_a_slice_needs_a_longer_input() -> None:
    (length, _) = Expression("s[:, 3:-2]").infer(SPECS).shape
    assert isinstance(length, DynamicLength)
    assert length.minimum_length == 6


@pytest.mark.parametrize(
    ("text", "code", "column", "message"),
    [
        ("a +", "param-invalid", 4, "the end can't stand here"),
        ("a b", "param-invalid", 3, "'b' can't stand here"),
        ("mean(a, axis=1.5)", "param-invalid", 14, "mean needs an axis"),
        ("2 * sqroot(a)", "param-invalid", 5, 'no function "sqroot"'),
        ("a + mean(q, axis=3)", "bad-axis", 5, "there is no axis 3"),
        ("sum(a, axis=0)", "bad-axis", 1, "axis 0 is the batch"),
        ("a - q", "shapes-differ", 3, "different numbers of axes"),
        ("q * q[:, :2]", "shapes-differ", 3, "different sizes"),
        ("s[:, 5]", "free-axis", 1, "no place 5"),
        ("gelu(i)", "wrong-dtype", 1, "gelu needs float32"),
        ("a / (1 - 1) + 1 / 0", "param-invalid", 15, "no finite result"),
        ("9 ** 9 ** 9 ** 9 * a", "param-invalid", 6, "no finite result"),
        ("i // 0", "param-invalid", 3, "floor_divide divides by zero"),
        ("i % i", "wrong-dtype", 3, "mod needs float32"),
        ("i ** -1", "wrong-dtype", 3, "power needs float32"),
        ("mean(a, axis=True)", "param-invalid", 14, "mean needs an axis"),
        ("1 + 2", "param-invalid", 1, "the result is a number"),
        ("-" * 100 + "a", "param-invalid", 61, "nested too deeply"),
        ("a" + "+a" * 300, "param-invalid", 401, "more than 400"),
    ],
)
def test_a_mistake_is_one_diagnostic_with_its_column(
    text: str, code: str, column: int, message: str
) -> None:
    with pytest.raises(LayerError) as refused:
        Expression(text).infer(SPECS)
    (found,) = refused.value.diagnostics
    assert (found.code, found.param) == (code, "expression")
    assert message in found.message
    assert found.place == f"column {column}"
    assert found.expected
    assert found.fixes


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("sqrt(sum((a - b)**2, axis=-1))", "torch.sqrt(torch.sum((a - b) ** 2, -1))"),
        ("maximum(0, 1 - a*b)", "torch.clamp(1 - (a * b), min=0)"),
        ("where(a > 0, a, 0)", "torch.where(a > 0, a, 0)"),
        ("-a * sqrt(4)", "(-a) * 2.0"),
        ("q[..., 1:3]", "q[..., 1:3]"),
    ],
)
def test_the_source_reads_like_the_expression(text: str, source: str) -> None:
    recorded = {name: RecordedExpression(name) for name in SPECS}
    assert str(Expression(text).compute(RecordedExpression("torch"), recorded)) == source


def test_names_of_functions_are_no_variables_and_dimensions_stay_in_place() -> None:
    expression = Expression("exp(a) + mean(b, axis=1, keepdims=True)")
    assert expression.variables == ("a", "b")
    assert not expression.is_elementwise
    assert Expression("where(a > 0, exp(a), clip(b, -1, pi))").is_elementwise


@pytest.mark.parametrize(
    "text",
    [
        "clip(i, 0.5, 2.5)", "clip(i, 0, 2)", "maximum(i, 0.5)", "minimum(2, i)", "i // 2", "i % 3",
        "2.5 // (i + 1)", "i * 0.5", "i / 2", "i ** 2", "2 ** i", "i - 1", "-i", "abs(i)",
        "square(i)", "floor(i)", "round(i)", "sign(i)", "exp(i)", "log1p(i)", "reciprocal(i + 1)",
        "rsqrt(i + 1)", "erf(i)", "where(i > 1, i, 0)", "where(i > 1, 1, 0)",
        "where(i > 1, 0.5, i)", "argmax(i)", "sum(i)", "max(i, axis=1)", "cumsum(i)", "cumprod(i)",
        "sort(i)", "flip(i)", "isfinite(i)", "i > 0.5", "(i > 1) * i", 'cast(i, "bool")',
        "stack([i, i * 0.5])", "concatenate([i, i])", "repeat(i, 2, axis=1)", "i[:, None] * 2",
    ],
)  # fmt: skip
def test_integers_give_the_dtype_that_is_inferred(text: str) -> None:
    expression = Expression(text)
    spec = expression.infer(SPECS)
    result = expression.compute(torch, {"i": torch.tensor([[0, 1, 2, 3, 4, 1]] * 2)})
    names = {torch.float32: "float32", torch.int64: "int32", torch.bool: "bool"}
    assert names[result.dtype] == spec.dtype
    assert tuple(result.shape) == (2, *spec.shape)
