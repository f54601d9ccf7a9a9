"""A balance of losses is refused where it makes no sense, with an edit that mends it."""

import pytest

from engine.check.report import check
from engine.graph.edits.registry import apply_edit
from engine.recipe.loss_weighting import GradNorm, Uncertainty
from engine.recipe.overrides import apply_overrides
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe
from tests.engine.runtime.small import node, project

TRUNK = (
    node("x", "Input", shape=[4]),
    node("low", "Dense", "x", units=5),
    node("trunk", "Dense", "low", units=6),
    node("drop", "Dropout", "trunk", rate=0.1),
    node("a", "Dense", "drop", units=1),
    node("b", "Dense", "drop", units=1),
)
APART = (
    node("x", "Input", shape=[4]),
    node("a", "Dense", "x", units=1),
    node("b", "Dense", "x", units=1),
)


def given(balance, nodes=TRUNK, loss="mse", other="mae", **recipe):
    return project(
        *nodes,
        node("y", "Output", "a", loss=loss),
        node("z", "Output", "b", loss=other),
        balance=balance,
        **recipe,
    )


def findings(told):
    codes = ("balance-unfit", "balance-idle")
    return [found for found in check(told).diagnostics if found.code in codes]


@pytest.mark.parametrize(
    "balance",
    [
        None,
        "uncertainty",
        "gradnorm",
        {"kind": "gradnorm", "params": {"layer": "low"}},
        {"kind": "gradnorm", "params": {"layer": "trunk", "alpha": 0.0}},
    ],
)
def test_a_balance_that_fits_is_silent(balance):
    assert findings(given(balance)) == []


@pytest.mark.parametrize(
    ("told", "code", "balance"),
    [
        (given("gradnorm", APART), "balance-unfit", "uncertainty"),
        (given("gradnorm", sharded=True), "balance-unfit", "uncertainty"),
        (given("uncertainty", other="cosine_similarity"), "balance-unfit", None),
        (given("uncertainty", other=None), "balance-idle", None),
        (
            given({"kind": "gradnorm", "params": {"layer": "trnk"}}),
            "balance-unfit",
            {"kind": "gradnorm", "params": {"layer": "trunk"}},
        ),
        (
            given({"kind": "gradnorm", "params": {"layer": "a"}}),
            "balance-unfit",
            {"kind": "gradnorm", "params": {"layer": "trunk"}},
        ),
    ],
)
def test_a_balance_that_does_not_fit_is_mended_by_the_first_edit(told, code, balance):
    (found,) = findings(told)
    assert (found.code, found.place) == (code, "recipe.balance")
    mended = apply_edit(told, found.fixes[0].edit)
    assert mended.recipe["balance"] == balance
    assert findings(mended) == []


def test_a_layer_that_others_share_by_weights_is_shared():
    nodes = (*APART[:2], node("b", "Dense", "x", shares="a"))
    assert findings(given("gradnorm", (*nodes,))) == []


def test_a_graph_that_is_not_sound_is_checked_all_the_same():
    lost = (*TRUNK[:4], node("a", "Dense", "nowhere", units=1), TRUNK[5])
    assert check(given("gradnorm", lost)).errors


@pytest.mark.parametrize(
    "balance", [None, Uncertainty(start=0.5), GradNorm(alpha=0.1, layer="low")]
)
def test_a_balance_survives_a_file(balance):
    recipe = Recipe(balance=balance)
    assert parse_recipe(recipe.params()) == recipe
    assert parse_recipe({"balance": None}) == Recipe()


@pytest.mark.parametrize(
    "value", ["uncertanty", {"kind": "gradnorm", "params": {"alpha": -1}}, 3, []]
)
def test_a_wrong_balance_is_refused_with_its_place(value):
    (found,) = parse_recipe({"balance": value})
    assert found.place == "recipe.balance"


def test_settings_choose_a_balance_and_its_parameters():
    recipe = apply_overrides({}, ["balance=gradnorm", "balance.alpha=0.5"])
    assert parse_recipe(recipe).balance == GradNorm(alpha=0.5)
    assert apply_overrides(recipe, ["balance=null"])["balance"] is None


def test_a_parameter_of_no_balance_is_refused():
    from engine.core.diagnostic import DiagnosticError

    with pytest.raises(DiagnosticError) as refused:
        apply_overrides({}, ["balance.alpha=0.5"])
    assert refused.value.diagnostics[0].code == "setting-unfit"
