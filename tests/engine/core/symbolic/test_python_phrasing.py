"""Findings name arguments to people who write Python, and change nothing else."""

from __future__ import annotations

import pytest

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.symbolic.python_phrasing import phrase_for_python


def said(text: str, **edit) -> str:
    found = Diagnostic("loss-dominated", "drowns the rest", fixes=(Fix(text, edit or None),))
    (fix,) = phrase_for_python(found).fixes
    assert fix.edit == (edit or None), "an edit stays as it is"
    return fix.text


def test_a_field_of_the_recipe_is_an_argument_of_compile():
    text = "Let the weights find themselves: balance uncertainty in the recipe."
    fields = {"balance": "uncertainty"}
    assert said(text, do="set_recipe", fields=fields) == (
        "Let the weights find themselves: balance='uncertainty' in compile."
    )


def test_a_scale_is_an_argument_of_compile():
    source = {"column": "age", "scale": "standardize"}
    text = 'Standardize it: "scale": "standardize" in the data mapping.'
    assert said(text, do="set_mapping", side="targets", node="age", source=source) == (
        "Standardize it: standardize=['age'] in compile."
    )


def test_what_an_output_holds_is_an_argument_by_its_name():
    text = "Mask them: such a row trains the others only."
    params = {"missing": "mask"}
    assert said(text, do="set_params", node="age", params=params) == (
        "Mask them (missing={'age': 'mask'} in compile): such a row trains the others only."
    )


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"do": "set_kind", "node": "a", "kind": "Dense"},
        {"do": "set_params", "node": "a", "params": {"units": 3}},
        {"do": "set_params", "node": "a", "params": {"loss": "mse", "loss_weight": 1.0}},
        {"do": "set_mapping", "side": "inputs", "node": "a", "source": None},
        {"do": "set_mapping", "side": "targets", "node": "a", "source": {"column": "a"}},
    ],
)
def test_what_no_argument_does_is_said_as_it_was(edit):
    assert said("Do this.", **edit) == "Do this."


def test_a_file_s_null_is_none_and_arrays_have_no_place():
    found = phrase_for_python(
        Diagnostic("rows-differ", "differ", place="memory", expected="a number, or null",
                   fixes=(Fix("Give null."), Fix("Keep nullity.")))
    )  # fmt: skip
    assert found.place is None
    assert found.expected == "a number, or None"
    assert [fix.text for fix in found.fixes] == ["Give None.", "Keep nullity."]


def test_a_field_of_the_recipe_is_named_as_the_argument_that_it_was():
    assert phrase_for_python(Diagnostic("kind-unknown", "x", place="recipe.optimizer")).place == (
        'argument "optimizer"'
    )
