"""An Embedding whose arguments look swapped is doubted, before there is any data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.check.report import check
from engine.graph.edits import field_edits
from engine.graph.edits.registry import EDITS, apply_edit
from tests.engine.runtime.small import node, project


def drawn(input_dim: int, output_dim: int, **more):
    return project(
        node("text", "Input", shape=[None], dtype="int32"),
        node("words", "Embedding", "text", input_dim=input_dim, output_dim=output_dim, **more),
        node("mean", "GlobalAveragePooling1D", "words"),
        node("tone", "Output", "mean", loss="mse"),
    )


def doubted(given):
    return [found for found in check(given).diagnostics if found.code == "embedding-wide"]


@pytest.mark.parametrize(
    ("input_dim", "output_dim", "count"),
    [(64, 10_000, 1), (64, 1025, 1), (64, 1024, 0), (10_000, 64, 0), (5000, 4096, 0)],
)
def test_vectors_far_wider_than_their_vocabulary_are_doubted(input_dim, output_dim, count):
    assert len(doubted(drawn(input_dim, output_dim))) == count


def test_the_fix_swaps_them():
    given = drawn(64, 10_000)
    (found,) = doubted(given)
    assert found.severity == "warning"
    edit = dict(found.fixes[0].edit)
    mended = EDITS[edit.pop("do")](given, **edit)
    assert mended.graph["words"].params == {"input_dim": 10_000, "output_dim": 64}
    assert not doubted(mended)


def test_a_bypassed_embedding_is_not_doubted():
    given = drawn(64, 10_000)
    assert not doubted(field_edits.set_off(given, "words", True))


@pytest.mark.parametrize("rate", [0.001, 1.0, 1.5, 65.0])
def test_a_learning_rate_above_one_is_doubted_and_the_fix_keeps_the_other_settings(rate):
    recipe = {"optimizer": {"kind": "Adam", "params": {"learning_rate": rate, "beta_1": 0.8}}}
    given = replace(drawn(10, 4), recipe=recipe)
    found = [each for each in check(given).diagnostics if each.code == "learning-rate-high"]
    assert len(found) == (rate > 1)
    for each in found:
        after = check(apply_edit(given, each.fixes[0].edit))
        assert after.recipe.optimizer.learning_rate == 0.001
        assert after.recipe.optimizer.beta_1 == 0.8
        assert not [each for each in after.diagnostics if each.code == "learning-rate-high"]
