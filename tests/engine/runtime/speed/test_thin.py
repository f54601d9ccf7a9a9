"""A product of long, thin matrices is what torch says it is, whatever four parts leave over."""

import pytest
import torch

from engine.runtime.speed.thin import across


@pytest.mark.parametrize("rows", [0, 1, 4095, 4096, 4099, 12_672])
@pytest.mark.parametrize(("wide", "narrow"), [(128, 32), (16, 64)])
def test_it_is_the_product(rows, wide, narrow):
    left, right = torch.randn(rows, wide), torch.randn(rows, narrow)
    whole = (left.double().t() @ right.double()).float()
    torch.testing.assert_close(across(left, right), whole, rtol=1e-5, atol=1e-4)


def test_any_number_of_threads_adds_in_the_same_order():
    left, right = torch.randn(12_672, 128), torch.randn(12_672, 32)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = across(left, right)
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(across(left, right), alone)
