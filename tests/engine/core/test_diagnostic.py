"""A finding says what is wrong, where, what was expected and how to mend it."""

import json

import pytest

from engine.core.diagnostic import (
    Diagnostic,
    Fix,
    LayerError,
    did_you_mean,
    require,
    set_params_fix,
)


def test_a_finding_reads_as_a_headline_with_its_parts_below():
    found = Diagnostic(
        "window-too-large",
        "a window of 5 does not fit in 4 steps",
        node="posts_conv",
        param="kernel_size",
        found="4 steps",
        expected="at least 5",
        fixes=(Fix("Use padding 'same'."), Fix("Feed a longer input.")),
    )
    assert str(found).splitlines() == [
        "error[window-too-large] posts_conv: a window of 5 does not fit in 4 steps",
        '  where:    "kernel_size"',
        "  found:    4 steps",
        "  expected: at least 5",
        "  fix:      1. Use padding 'same'.",
        "            2. Feed a longer input.",
    ]


def test_the_same_finding_as_json_leaves_empty_parts_out():
    found = Diagnostic("wrong-rank", "too flat", fixes=(set_params_fix("Do.", units=3),)).at_node(
        "dense"
    )
    assert json.loads(json.dumps(found.to_dict())) == {
        "code": "wrong-rank",
        "message": "too flat",
        "severity": "error",
        "node": "dense",
        "fixes": [
            {"text": "Do.", "edit": {"do": "set_params", "node": "dense", "params": {"units": 3}}}
        ],
    }


def test_a_code_without_an_entry_can_not_be_used():
    with pytest.raises(AssertionError, match="no entry"):
        Diagnostic("no-such-code", "x")


def test_require_raises_only_where_the_layer_does_not_fit():
    require(True, "wrong-rank", "never")
    with pytest.raises(LayerError) as caught:
        require(False, "wrong-rank", "too flat", "Reshape it.", found=3, expected="4")
    assert caught.value.diagnostics[0].fixes == (Fix("Reshape it."),)


def test_the_nearest_word_is_offered_whatever_its_case():
    assert did_you_mean("dens", ["Dense", "LSTM"]) == "did you mean 'Dense'?"
    assert did_you_mean("xyz", ["Dense", "LSTM"]) == ""
