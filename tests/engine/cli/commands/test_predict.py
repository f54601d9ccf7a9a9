"""What keeps a file from being predicted is mended in the file, for the network is trained."""

from __future__ import annotations

from engine.cli.commands.predict import _without_edits
from engine.core.diagnostic import Diagnostic, Fix
from engine.recipe.csv_dialect import missing_words_fix

BY_HAND = Fix("Correct the cells.")


def refused(*fixes: Fix) -> Diagnostic:
    return Diagnostic("number-unreadable", "no number", fixes=fixes)


def test_no_way_out_is_offered_that_would_train_another_network():
    assert _without_edits(refused(missing_words_fix(["x"]), BY_HAND)).fixes == (BY_HAND,)
    (left,) = _without_edits(refused(missing_words_fix(["x"]))).fixes
    assert left.edit is None
    assert "in the file" in left.text
