"""Counts have a noun in singular or plural."""

from engine.core.formatting.counts import count_noun


def test_only_one_is_singular():
    counts = [count_noun(number, "layer") for number in (0, 1, 1200)]
    assert counts == ["0 layers", "1 layer", "1,200 layers"]
