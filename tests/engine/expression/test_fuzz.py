"""Random expressions compute what numpy and torch compute, or name the column of their mistake.

An expression is Python with other names, so the references are Python's `eval` with numpy's and
torch's functions. They know nothing of the parser, the shape rules or the computation under test.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import TensorSpec
from engine.expression.expression import Expression
from engine.expression.functions import functions

ROWS = 3
SHAPES = {"a": (4,), "b": (4,), "c": (1,), "q": (5, 4), "r": (4, 5), "s": (5, 1), "n": ()}
UNARY = ("exp", "log1p", "sqrt", "tanh", "sin", "abs", "square", "sign", "negative", "sigmoid")
BINARY = ("+", "-", "*", "/", "**", "@", "<", ">", "==", "&", "|", "//", "%")
REDUCTIONS = ("mean", "sum", "max", "min", "std", "norm", "logsumexp", "any")
BROKEN = ("(", ")", ",", "*", "?", "[", "1.", "..", "= ", "foo(a)", "'", "")


def random_text(draw: random.Random, depth: int = 3) -> str:
    """Return a random expression; about a third of them fit no shape."""
    if depth == 0 or draw.random() < 0.15:
        return draw.choice([*SHAPES, "2", "0.5", "-1", "pi"])
    inner = random_text(draw, depth - 1)
    form = draw.randrange(8)
    if form <= 2:
        return f"({inner} {draw.choice(BINARY)} {random_text(draw, depth - 1)})"
    if form == 3:
        return f"{draw.choice(UNARY)}({inner})"
    if form == 4:
        axis = draw.choice(["", ", axis=-1", ", axis=1", ", axis=1, keepdims=True", ", axis=0"])
        return f"{draw.choice(REDUCTIONS)}({inner}{axis})"
    if form == 5:
        index = draw.choice([":, 0", "..., 1:3", ":, ::2", ":, None", ":, -2:", ":, 7", "0"])
        return f"({inner})[{index}]"
    if form == 6:
        other = random_text(draw, depth - 1)
        function = draw.choice(["maximum({}, {})", "where({0} > 0, {0}, {1})", "minimum({}, {})"])
        return function.format(inner, other)
    function = ["softmax({}, axis=-1)", "cumsum({}, axis=1)", "swapaxes({}, 1, -1)"]
    function += ["stack([{0}, {0}], axis=1)", "expand_dims({}, -1)", "clip({}, -1, 1)", "-{}"]
    return draw.choice(function).format(inner)


def numpy_names() -> dict[str, Any]:
    def along(function: Any) -> Any:
        def call(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            axis = tuple(range(1, np.ndim(x))) if axis is None else axis
            return function(x, axis=axis, keepdims=keepdims)

        return call

    def logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
        top = np.max(x, axis=axis, keepdims=True)
        total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
        return total if keepdims else np.squeeze(total, axis)

    def norm(x: Any, axis: Any, keepdims: bool) -> Any:
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))

    def softmax(x: Any, axis: int) -> Any:
        powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return powers / np.sum(powers, axis=axis, keepdims=True)

    names = {name: getattr(np, name) for name in functions() if hasattr(np, name)}
    names |= {name: along(getattr(np, name)) for name in ("mean", "sum", "max", "min", "std")}
    names |= {"any": along(np.any), "norm": along(norm), "logsumexp": along(logsumexp)}
    names |= {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softmax": softmax, "clip": np.clip}
    names |= {"cumsum": np.cumsum, "swapaxes": np.swapaxes, "stack": np.stack}
    return {**names, "expand_dims": np.expand_dims, "pi": np.pi}


NUMPY_NAMES = numpy_names()


@pytest.fixture
def tensors() -> Iterator[dict[str, torch.Tensor]]:
    torch.set_default_dtype(torch.float64)
    generator = torch.Generator().manual_seed(1)
    yield {name: torch.randn((ROWS, *shape), generator=generator) for name, shape in SHAPES.items()}
    torch.set_default_dtype(torch.float32)


def check(text: str, tensors: dict[str, torch.Tensor]) -> bool:
    """Check one expression; return whether it is valid."""
    specs = {name: TensorSpec(shape) for name, shape in SHAPES.items()}
    try:
        expression = Expression(text)
        if unknown := set(expression.variables) - set(specs):
            assert not unknown & {"axis", "keepdims"}
            return False
        spec = expression.infer(specs)
    except LayerError as error:
        (diagnostic,) = error.diagnostics
        assert re.fullmatch(r"column \d+", diagnostic.place or ""), text
        assert 0 < int(diagnostic.place.split()[1]) <= len(text) + 1, text
        assert diagnostic.found or diagnostic.expected, text
        assert diagnostic.fixes, text
        return False
    inputs = {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}
    result = expression.compute(torch, inputs)
    assert tuple(result.shape) == (ROWS, *spec.shape), text
    assert (result.dtype == torch.bool) == (spec.dtype == "bool"), text
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {**NUMPY_NAMES, **{name: tensor.numpy() for name, tensor in tensors.items()}}
        expected = eval(text, {"__builtins__": {}}, names)
    values, expected = result.detach().numpy(), np.broadcast_to(expected, result.shape)
    finite = np.isfinite(expected)  # torch's sign of nan is 0, numpy's is nan
    np.testing.assert_allclose(values[finite], expected[finite], rtol=1e-9, atol=1e-9, err_msg=text)
    if result.requires_grad and finite.all():
        check_gradient(text, expression, inputs)
    return True


def check_gradient(text: str, expression: Expression, inputs: dict[str, torch.Tensor]) -> None:
    """Compare the gradient with torch's for the recorded source of the expression."""
    from engine.compile.recorder import RecordedExpression

    recorded = {name: RecordedExpression(name) for name in inputs}
    source = str(expression.compute(RecordedExpression("torch"), recorded))
    again = {name: tensor.detach().clone().requires_grad_() for name, tensor in inputs.items()}
    expression.compute(torch, inputs).sum().backward()
    eval(source, {"torch": torch}, again).sum().backward()
    for name in expression.variables:
        gradients = [tensors[name].grad for tensors in (inputs, again)]
        assert (gradients[0] is None) == (gradients[1] is None), text
        if gradients[0] is not None:
            torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-12, equal_nan=True, msg=text)


@pytest.mark.parametrize("seed", range(10))
def test_random_expressions_equal_numpy_or_name_their_column(tensors, seed) -> None:
    draw = random.Random(seed)
    valid = sum(check(random_text(draw), tensors) for _ in range(1000))
    assert 200 < valid < 900


def test_random_damage_names_a_column(tensors) -> None:
    draw = random.Random(1)
    for _ in range(2000):
        text = random_text(draw)
        place = draw.randrange(len(text) + 1)
        damaged = text[:place] + draw.choice(BROKEN) + text[place + draw.randrange(3) :]
        if re.search(r"\b0\d", damaged):
            continue  # Python has no numbers such as 05
        try:
            check(damaged, tensors)
        except (SyntaxError, NameError, TypeError) as error:
            pytest.fail(f"{damaged}: Python refuses it, the expression does not: {error}")
