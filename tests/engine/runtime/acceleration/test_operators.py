"""Every native kernel is an operator that torch.compile and torch.export see through its fake."""

import pytest
import torch

from engine.runtime.acceleration import operators
from engine.runtime.acceleration.kernel_build import unavailable_reason

pytestmark = pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
STEPS, BATCH, UNITS = 5, 9, 16
# A constant: without kernels, this file can still be collected.
OPERATORS = ("lstm", "lstm_backward", "distinct", "sum_rows", "update_rows",
             "maxima_weight_gradient", "maxima_input_gradient")  # fmt: skip


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


def positions():
    ids = torch.arange(STEPS * BATCH, dtype=torch.int32).view(STEPS, BATCH) * 3 % 11
    return torch.ops.layerloom.distinct(ids, 11)[1:]


def arguments():
    """Return arguments of each operator by its name."""
    torch.manual_seed(1)
    weight, mask = leaf(4 * UNITS, UNITS), torch.rand(STEPS, BATCH) > 0.3
    words = (leaf(11, 4 * UNITS), *positions(), weight, mask, True)
    steps = (leaf(STEPS, BATCH, 4 * UNITS), None, None, None, weight, None, False)
    gates, cells = torch.rand(STEPS, BATCH, 4 * UNITS), torch.rand(STEPS, BATCH, UNITS)
    rows = torch.tensor([1, 4])
    conv = torch.randn(32, 40, 3)
    pulled, position = torch.randn(6, 2, 32), torch.randint(9, (6, 2, 32), dtype=torch.int32)
    return {
        "lstm": [words, steps],
        "lstm_backward": [
            (gates, cells, weight.detach(), mask, cells, None, cells[0]),
            (gates, cells, weight.detach(), None, None, cells[0], None),
        ],
        "distinct": [(torch.tensor([[3, 1, 3]], dtype=torch.int32), 5)],
        "sum_rows": [(torch.randn(STEPS, BATCH, 16), *positions()[1:])],
        "update_rows": [
            (torch.randn(7, 16), torch.rand(7, 16), torch.zeros(7, dtype=torch.int64), rows,
             torch.randn(2, 16), 3, 0.1, 0.9, 0.1, 1e-7),
            (torch.randn(7, 16), None, None, rows, torch.randn(2, 16), 3, 0.1, 1.0, 1.0, 0.0),
            (torch.randn(7, 4, 5), torch.rand(7, 4, 5), None, None, torch.randn(7, 4, 5), 0, 0.1,
             0.9, 0.1, 1e-7),
        ],
        "maxima_weight_gradient": [(torch.randn(6, 11, 40), pulled, position, 3)],
        "maxima_input_gradient": [(conv, pulled, position, 11)],
    }  # fmt: skip


@pytest.mark.slow  # loads torch's compiler
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_keeps_to_its_schema_and_its_fake(name):
    for given in arguments()[name]:
        # Sums over floats may be rounded in another way under tracing.
        operator = getattr(torch.ops.layerloom, name).default
        torch.library.opcheck(operator, given, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted({*OPERATORS} - {"distinct", "update_rows"}))
def test_a_fake_tells_the_shapes_of_the_results(name):
    assert arguments().keys() == {*OPERATORS}
    operator = getattr(torch.ops.layerloom, name)
    for given in arguments()[name]:
        fakes = [x.to("meta") if isinstance(x, torch.Tensor) else x for x in given]
        results, told = operator(*given), operator(*fakes)
        for one, other in zip(listed(results), listed(told), strict=True):
            assert (one.shape, one.dtype) == (other.shape, other.dtype)


def listed(results):
    return results if isinstance(results, tuple | list) else [results]


@pytest.mark.slow
def test_an_exported_program_holds_the_operator():
    class Lstm(torch.nn.Module):
        def forward(self, projected, weight):
            return torch.ops.layerloom.lstm(projected, None, None, None, weight, None, True)[0]

    given = torch.randn(STEPS, BATCH, 4 * UNITS), torch.randn(4 * UNITS, UNITS)
    program = torch.export.export(Lstm(), given)
    assert "layerloom.lstm" in str(program.graph)
    torch.testing.assert_close(program.module()(*given), Lstm()(*given))


def test_kernels_are_called_with_as_many_arguments_as_they_have():
    source = operators.Path(operators.__file__).with_name("kernels.c").read_text(encoding="utf-8")
    for name, letters in operators._ARGUMENTS.items():
        parameters = source.partition(f" {name}(")[2].partition(")")[0].split(",")
        assert len(parameters) == len(letters), name
