"""A product of long, thin matrices is what torch says it is, whatever four parts leave over."""

import pytest
import torch

from engine.runtime.acceleration.tall_skinny_matmul import tall_skinny_product


@pytest.mark.parametrize("rows", [0, 1, 4095, 4096, 4099, 12_672])
@pytest.mark.parametrize(("wide", "narrow"), [(128, 32), (16, 64)])
def test_it_is_the_product(rows, wide, narrow):
    left, right = torch.randn(rows, wide), torch.randn(rows, narrow)
    expected = (left.double().t() @ right.double()).float()
    torch.testing.assert_close(tall_skinny_product(left, right), expected, rtol=1e-5, atol=1e-3)
