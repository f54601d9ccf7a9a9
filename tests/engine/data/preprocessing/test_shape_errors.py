"""Arrays of another shape: the line of numpy in the error gives the shape that is expected."""

import numpy
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.preprocessing.reshape import reshape_port

LENGTH = DynamicLength("x")
LINE = "Change the array with numpy: x = "


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((4, 28, 28), (784,)),
        ((4, 784), (28, 28, 1)),
        ((28, 28, 1), (28, 28, 1)),
        ((4, 3, 8, 9), (8, 9, 3)),
        ((4, 12), (LENGTH, 3)),
    ],
)
def test_the_line_of_numpy_works(found, expected):
    x = numpy.arange(numpy.prod(found), dtype=float).reshape(found)
    with pytest.raises(DiagnosticError) as refused:
        reshape_port("x", x, TensorSpec(expected))
    (diagnostic,) = refused.value.diagnostics
    line = diagnostic.fixes[-1].text
    assert line.startswith(LINE), line
    changed = eval(line.removeprefix(LINE), {"numpy": numpy, "x": x, "len": len})  # noqa: S307
    assert reshape_port("x", changed, TensorSpec(expected)).shape[1:] == changed.shape[1:]
    if found == (4, 3, 8, 9):
        numpy.testing.assert_array_equal(changed[1, ..., 2], x[1, 2])  # channels, not rows, moved


def test_without_such_a_line_the_sizes_are_told():
    with pytest.raises(DiagnosticError) as refused:
        reshape_port("x", numpy.ones((4, 10)), TensorSpec((28, 28, 1)))
    assert refused.value.diagnostics[0].fixes[-1].text == (
        "Give x rows of 28 * 28 * 1 values; these have 10."
    )
