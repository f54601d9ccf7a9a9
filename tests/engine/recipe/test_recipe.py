"""A recipe is read whole, or every mistake in it is named with a way out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.recipe.early_stopping_rule import BestEpochRule, EarlyStopping, Monitor
from engine.recipe.optimizer import SGD, Adam, RMSprop
from engine.recipe.overrides import apply_overrides, parse_value
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import CheckpointInterval, Recipe
from tests.tiers import noted

WRONG = [
    ({"optimizer": "Adem"}, "kind-unknown", "recipe.optimizer"),
    ({"optimizer": {"kind": "adam", "params": {"beta1": 0.9}}}, "param-unknown",
     "recipe.optimizer"),
    ({"optimizer": {"kind": "Adam", "params": {"learning_rate": 0}}}, "param-invalid",
     "recipe.optimizer"),
    ({"optimizer": {"kind": "Adam", "params": 3}}, "param-invalid", "recipe.optimizer"),
    ({"optimizer": {"kind": "SGD", "params": {"clipnorm": 1, "clipvalue": 1}}}, "param-invalid",
     "recipe.optimizer"),
    ({"optimizer": {"kind": "SGD", "params": {"weight_decay": -1}}}, "param-invalid",
     "recipe.optimizer"),
    ({"schedule": "CosineDeca"}, "kind-unknown", "recipe.schedule"),
    ({"schedule": {"kind": "plateau", "params": {"factor": 1.0}}}, "param-invalid",
     "recipe.schedule"),
    ({"epochs": 0}, "param-invalid", "recipe"),
    ({"epochs": 2.5}, "param-invalid", "recipe"),
    ({"batchsize": 64}, "param-unknown", "recipe"),
    ({"validation_split": 1}, "param-invalid", "recipe"),
    ({"device": "tpu"}, "param-invalid", "recipe"),
    ({"precision": "float16"}, "param-invalid", "recipe"),
    ({"seed": -1}, "param-invalid", "recipe"),
    ({"stopping": {"patience": -1}}, "param-invalid", "recipe.stopping"),
    ({"stopping": {"monitor": ["loss"]}}, "param-unknown", "recipe.stopping"),
    ({"stopping": {"monitors": []}}, "param-invalid", "recipe.stopping"),
    ({"stopping": 3}, "param-invalid", "recipe.stopping"),
    ({"best": {"combine": "some"}}, "param-invalid", "recipe.best"),
    ({"checkpoint_every": {"minutes": 3}}, "param-unknown", "recipe.checkpoint_every"),
]  # fmt: skip


def test_an_empty_recipe_is_keras_defaults():
    recipe = parse_recipe({})
    assert recipe == Recipe()
    assert (recipe.optimizer, recipe.batch_size, recipe.params()) == (RMSprop(), 32, {})


def test_a_full_recipe_comes_back_as_the_shortest_json():
    plain = {
        "optimizer": {"kind": "Adam", "params": {"learning_rate": 0.01}},
        "schedule": {"kind": "CosineDecay", "params": {"warmup_steps": 10}},
        "epochs": 3,
        "stopping": {"monitors": ["age/mae", {"name": "loss", "weight": 2.0}], "patience": 2},
        "best": {"combine": "all"},
        "checkpoint_every": {"epochs": None, "steps": 100},
        "threads": 2,
    }
    recipe = parse_recipe(plain)
    assert isinstance(recipe, Recipe)
    assert recipe.stopping.monitors == (Monitor(name="age/mae"), Monitor(name="loss", weight=2.0))
    assert recipe.params() == plain
    assert parse_recipe(json.loads(json.dumps(recipe.params()))) == recipe
    assert parse_recipe({"optimizer": "adam"}).params() == {"optimizer": "Adam"}
    assert parse_recipe({"stopping": {}}).params() == {"stopping": {}}


def test_each_mistake_is_named_with_its_place_and_a_way_out():
    for plain, code, place in WRONG:
        with noted(plain, code, place):
            (found,) = parse_recipe(plain)
            assert (found.code, found.place) == (code, place)
            assert found.found
            assert found.expected
            assert found.fixes


def test_a_fix_that_a_machine_can_apply_mends_the_recipe():
    for plain, code, place in WRONG:
        with noted(plain, code, place):
            (found,) = parse_recipe(plain)
            for fix in found.fixes:
                if fix.edit is not None:
                    mended = apply_edit(Project(recipe=plain), fix.edit)
                    assert isinstance(parse_recipe(mended.recipe), Recipe), fix
            assert any(fix.edit for fix in found.fixes)


def test_all_mistakes_are_told_at_once():
    found = parse_recipe({"epochs": 0, "optimizer": "Adem", "stopping": {"patience": -1}, "x": 1})
    assert {bad.code for bad in found} == {"param-invalid", "kind-unknown", "param-unknown"}
    assert len(found) == 4


plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "params", "patience", "monitors"]), inner)
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*Recipe.model_fields, "other"]), plain_json))
def test_whatever_a_file_holds_is_a_recipe_or_a_list_of_findings(plain):
    found = parse_recipe(plain)
    assert isinstance(found, Recipe) or (found and all(bad.lines() for bad in found))


def test_the_best_rule_follows_stopping_else_the_loss():
    stopping = EarlyStopping(monitors=("age/mae",))
    assert Recipe().best_epoch_rule == BestEpochRule()
    assert Recipe(stopping=stopping).best_epoch_rule == stopping
    assert Recipe(stopping=stopping, best=BestEpochRule()).best_epoch_rule == BestEpochRule()


def test_rules_that_watch_unknown_scores_are_found():
    recipe = parse_recipe(
        {
            "stopping": {"monitors": ["age/mse"]},
            "schedule": {"kind": "plateau", "params": {"monitor": "los"}},
        }
    )
    found = recipe.unknown_score_diagnostics(["loss", "age/loss", "age/mae"])
    assert [bad.place for bad in found] == ["recipe.stopping", "recipe.schedule"]


def test_a_checkpoint_is_due_at_whatever_comes_first():
    every = CheckpointInterval(epochs=2, steps=100, seconds=60.0)
    assert every.is_due(2, 1, 0.0)
    assert every.is_due(0, 100, 0.0)
    assert every.is_due(0, 0, 60.0)
    assert not every.is_due(1, 99, 59.0)
    assert not CheckpointInterval(epochs=None).is_due(9, 9, 9.0)


TYPED_VALUES = [
        ("1e-3", 0.001), ("0.001", 0.001), ("0,001", 0.001), ("-1,5e3", -1500), (".5", 0.5),
        ("1e3", 1000), ("64", 64), ("true", True), ("True", True), ("None", None), ("null", None),
        ("adam", "adam"), ('"adam"', "adam"), ('["loss"]', ["loss"]), ("1,2,3", "1,2,3"),
        ("NaN", "NaN"), ("[" * 5000, "[" * 5000), ("9" * 30, int("9" * 30)), ("a=b", "a=b"),
        ("9" * 200_000, "9" * 200_000),
    ]  # fmt: skip


def test_values_are_read_as_a_person_means_them():
    """However long they are: many digits are gone through once."""
    for text, value in TYPED_VALUES:
        with noted(text, value):
            read = parse_value(text)
            assert read == value
            assert type(read) is type(value)


def test_settings_are_put_into_the_recipe_and_leave_the_old_one_alone():
    plain = {"optimizer": "adam", "stopping": None}
    changed = apply_overrides(
        plain,
        ["optimizer.learning_rate=0,01", "epochs=3", "stopping.patience=2", "schedule=cosine",
         "schedule.alpha=0.1", "optimizer.clipnorm=1"],
    )  # fmt: skip
    recipe = parse_recipe(changed)
    assert recipe.optimizer == Adam(learning_rate=0.01, clipnorm=1.0)
    assert (recipe.epochs, recipe.stopping.patience, recipe.schedule.alpha) == (3, 2, 0.1)
    assert plain == {"optimizer": "adam", "stopping": None}
    assert parse_recipe(apply_overrides({}, ["optimizer.kind=sgd"])).optimizer == SGD()
    assert parse_recipe(apply_overrides({}, ["optimizer.rho=0.5"])).optimizer == RMSprop(rho=0.5)


@pytest.mark.parametrize(
    ("setting", "advice"),
    [
        ("epoch=3", "Did you mean epochs?"),
        ("optimizer.learning_rat=3", "Did you mean learning_rate?"),
        ("stopping.patient=3", "Did you mean patience?"),
        ("epochs", "Write --set epochs=VALUE."),
        ("epochs=", "Write --set epochs=VALUE."),
        ("epochs.x=3", "Write --set epochs=VALUE."),
        ("=3", "Use one of"),
    ],
)
def test_a_setting_that_names_no_field_is_refused_with_the_nearest(setting, advice):
    with pytest.raises(DiagnosticError) as refused:
        apply_overrides({}, [setting])
    (found,) = refused.value.diagnostics
    assert found.code == "setting-unfit"
    assert found.fixes[0].text.startswith(advice)


@pytest.mark.slow
@given(st.text(max_size=20), plain_json)
def test_no_setting_and_no_recipe_make_it_crash(text, held):
    for field in ("optimizer", "stopping", "epochs"):
        for setting in (text, f"{field}.{text}", f"optimizer.rho={text}", f"best.combine={text}"):
            try:
                changed = apply_overrides({field: held}, [setting])
            except DiagnosticError:
                continue
            assert parse_recipe(changed)


@pytest.mark.parametrize(
    "schema", [Recipe, CheckpointInterval, EarlyStopping, BestEpochRule, Monitor, Adam, SGD]
)
def test_every_field_is_described(schema):
    assert all(field.description for field in schema.model_fields.values())
