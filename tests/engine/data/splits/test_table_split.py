"""Splits by what a column holds: each row on one side, decided by the seed and the rows alone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.splits.table_split import split_table
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.recipe.recipe import Recipe
from engine.recipe.split import (
    ColumnSplit,
    GroupSplit,
    RandomSplit,
    StratifiedSplit,
    TimeSplit,
    parse_split,
)

RECIPE = Recipe(seed=1)
SHARES = st.floats(0.05, 0.4)


def table(**columns):
    return Table(Path("data.csv"), columns)


def divided(split, apart=(False, False), recipe=RECIPE, **columns):
    return split_table(table(**columns), split, recipe, apart)


def refused(split, apart=(False, False), **columns):
    with pytest.raises(DiagnosticError) as error:
        divided(split, apart, **columns)
    (found,) = error.value.diagnostics
    return found


def everyone(sides):
    return sorted(np.concatenate((sides.train, sides.validation, sides.test)).tolist())


def labels(*counts):
    return [f"class {place}" for place, count in enumerate(counts) for _ in range(count)]


def test_without_a_split_the_share_of_the_recipe_is_held_out():
    sides = divided(None, recipe=Recipe(seed=1, validation_split=0.3), x=np.arange(10))
    assert sides.validation.tolist() == [1, 7, 9]
    assert len(sides.test) == 0
    assert sides.description == "held back at random with seed 1"


def test_a_random_split_keeps_rows_for_a_test_and_validates_on_the_same_rows_as_without():
    plain = divided(RandomSplit(validation=0.2), x=np.arange(50))
    sides = divided(RandomSplit(validation=0.2, test=0.1), x=np.arange(50))
    assert sides.validation.tolist() == plain.validation.tolist()
    assert (len(sides.validation), len(sides.test)) == (10, 5)
    assert everyone(sides) == list(range(50))


def test_the_split_s_own_share_goes_before_the_recipe_s():
    assert len(divided(RandomSplit(), x=np.arange(50)).validation) == 10
    assert len(divided(RandomSplit(validation=0.1), x=np.arange(50)).validation) == 5


@example([1, 2, 5], 0.25, 0.375, 0)  # the classes with room take what the others have none for
@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    SHARES,
    SHARES,
    st.integers(0, 2**63 - 1),
)
def test_each_class_has_the_same_share_on_every_side(counts, validation, test, seed):
    rows = sum(counts)
    held, kept = round(rows * validation), round(rows * test)
    room = sum(count - 1 for count in counts)
    if not (held and kept and held + kept <= room and len(counts) <= rows / 2):
        return
    cells = np.random.default_rng(seed).permutation(labels(*counts))
    split = StratifiedSplit(column="y", validation=validation, test=test)
    sides = divided(split, recipe=Recipe(seed=seed), y=text_column(cells.tolist()))
    assert everyone(sides) == list(range(rows))
    assert (len(sides.validation), len(sides.test)) == (held, kept)
    for place, count in enumerate(counts):
        own = cells == f"class {place}"
        assert own[sides.train].sum() >= 1
        if min(counts) > 10:  # with few rows a class keeps its last one, and others make up for it
            assert abs(own[sides.validation].sum() - count * held / rows) < 1
            assert abs(own[sides.test].sum() - count * kept / rows) <= 1


def test_the_only_row_of_a_class_is_trained_on():
    cells = labels(40, 1)
    for seed in range(20):
        split = StratifiedSplit(column="y", validation=0.5)
        sides = divided(split, recipe=Recipe(seed=seed), y=text_column(cells))
        assert 40 in sides.train


@pytest.mark.parametrize(
    "column",
    [text_column(labels(6, 3, 3)), np.repeat([2, 5, 7], [6, 3, 3]), np.repeat([0.5, 1, np.nan], 4)],
)
def test_strata_may_be_texts_or_numbers(column):
    sides = divided(StratifiedSplit(column="y", validation=1 / 3), y=column)
    assert len(sides.validation) == 4
    assert sides.description.endswith('in equal shares of "y"')


def test_splits_are_the_same_on_every_machine():
    """Fixed numbers: a change here changes what every kept run was trained on."""
    species = text_column(labels(6, 4, 2))
    stratified = divided(StratifiedSplit(column="y", validation=0.25, test=0.25), y=species)
    assert stratified.validation.tolist() == STRATIFIED
    group = text_column([f"patient {row % 5}" for row in range(12)])
    grouped = divided(GroupSplit(column="g", validation=0.2, test=0.2), g=group)
    assert grouped.validation.tolist() == GROUPED


@given(st.lists(st.integers(0, 9), min_size=4, max_size=80), SHARES, st.integers(0, 2**63 - 1))
def test_no_group_is_on_two_sides(groups, share, seed):
    split = GroupSplit(column="g", validation=share, test=share / 2)
    if len(set(groups)) < 3 or round(len(groups) * share / 2) == 0:
        return
    column = np.array(groups)
    sides = divided(split, recipe=Recipe(seed=seed), g=column)
    assert everyone(sides) == list(range(len(groups)))
    own = [set(column[rows].tolist()) for rows in (sides.train, sides.validation, sides.test)]
    assert all(own)
    assert sum(map(len, own)) == len(set(groups))


def test_groups_of_about_one_size_come_close_to_the_share():
    column = np.repeat(np.arange(100), 10)
    sides = divided(GroupSplit(column="g", validation=0.2, test=0.1), g=column)
    assert (len(sides.validation), len(sides.test)) == (200, 100)
    assert sides.description == 'held back at random with seed 1, no "g" on two sides'


def test_a_group_larger_than_the_share_is_held_out_rather_than_none():
    sides = divided(GroupSplit(column="g", validation=0.1), g=np.repeat([1, 2], [30, 20]))
    assert len(sides.validation) == 20


def test_a_row_without_a_group_is_refused():
    found = refused(GroupSplit(column="g"), g=text_column(["a", "b", "", "a"]))
    assert (found.code, found.place) == ("split-unfit", "column g, row 2 (counting from 0)")


DAYS = [f"2024-0{1 + row // 28}-{1 + row % 28:02}" for row in range(56)]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (np.arange(56), "39 and 50"),
        (np.array(DAYS, "datetime64[us]"), "2024-02-12 and 2024-02-23"),
        (text_column(DAYS), "2024-02-12 and 2024-02-23"),
        (
            text_column([f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in DAYS]),
            "2024-02-12 and 2024-02-23",
        ),
        (text_column([str(row) for row in range(56)]), "39 and 50"),
    ],
)
def test_the_latest_rows_are_held_out_and_the_very_last_kept_for_the_test(column, told):
    shuffled = np.random.default_rng(0).permutation(56)
    split = TimeSplit(column="day", validation=0.2, test=0.1)
    values = column[shuffled] if isinstance(column, np.ndarray) else column.take(shuffled)
    sides = divided(split, day=values)
    assert sorted(shuffled[sides.train].tolist()) == list(range(39))
    assert sorted(shuffled[sides.test].tolist()) == list(range(50, 56))
    assert sides.description == f'held back as the latest by "day", from {told} on'


def test_rows_of_one_time_stay_together():
    years = np.repeat([2019, 2020, 2021], 10)
    sides = divided(TimeSplit(column="year", validation=0.3, test=0.2), year=years)
    assert [len(rows) for rows in (sides.train, sides.validation, sides.test)] == [10, 10, 10]
    assert sides.description == 'held back as the latest by "year", from 2020 and 2021 on'


@pytest.mark.parametrize(
    ("column", "place"),
    [
        (text_column(["2024-01-01", "yesterday", "2024-01-03", "2024-01-04"]), "row 1"),
        (text_column(["2024-01-01", "2024-02-31", "2024-01-03", "2024-01-04"]), "row 1"),
        (np.array(["2024-01-01", "NaT", "2024-01-03"], "datetime64[us]"), "row 1"),
        (np.array([1.0, np.nan, 3.0]), "row 1"),
        (text_column(["1/2/2024", "2/3/2024", "3/4/2024"]), ""),
        (np.ones((3, 2)), ""),
    ],
)
def test_a_row_without_a_time_is_refused_by_its_number(column, place):
    found = refused(TimeSplit(column="day"), day=column)
    assert found.code == "split-unfit"
    assert place in found.place
    assert found.fixes[-1].edit == {"do": "set_split", "split": "random"}


def test_rows_of_one_time_only_can_not_be_split():
    assert refused(TimeSplit(column="year"), year=np.full(20, 2024)).code == "split-empty"


SAID = ["train", "Test ", "VAL", "training", "dev", "train"]


@pytest.mark.parametrize("column", [text_column(SAID)])
def test_a_column_says_which_side_a_row_is_on(column):
    sides = divided(ColumnSplit(column="part"), part=column)
    assert (sides.train.tolist(), sides.validation.tolist(), sides.test.tolist()) == (
        [0, 3, 5],
        [2, 4],
        [1],
    )
    assert sides.description == 'as column "part" says'


def test_a_column_may_say_it_in_words_of_its_own_or_numbers():
    split = ColumnSplit(column="fold", train=("0", "1"), validation=("2",), test=())
    sides = divided(split, fold=np.array([0, 2, 1, 0]))
    assert (sides.train.tolist(), sides.validation.tolist()) == ([0, 2, 3], [1])


def test_a_word_that_says_nothing_is_refused_with_its_row_and_an_edit():
    found = refused(ColumnSplit(column="part"), part=text_column(["train", "trian", "test"]))
    assert (found.place, found.found) == (
        "column part, row 1 (counting from 0)",
        "'trian' in row 1",
    )
    edited = parse_split(found.fixes[1].edit["split"])
    assert edited == ColumnSplit(column="part", train=("train", "training", "trian"))


def test_a_column_and_a_file_for_the_same_side_are_refused():
    column = text_column(["train", "val", "test"])
    assert refused(ColumnSplit(column="p"), (True, False), p=column).found.startswith(
        "1 rows for val"
    )
    assert refused(ColumnSplit(column="p"), (False, True), p=column).code == "split-unfit"
    assert (
        len(divided(ColumnSplit(column="p"), (True, True), p=text_column(["train"] * 3)).train) == 3
    )


def test_files_of_their_own_take_the_place_of_shares():
    split = StratifiedSplit(column="y", validation=0.2, test=0.2)
    rows = {"y": text_column(labels(10, 10))}
    assert len(divided(split, (True, False), **rows).train) == 16
    assert len(divided(split, (True, True), **rows).train) == 20
    assert len(divided(None, (True, False), **rows).train) == 20


def test_a_column_that_is_not_there_offers_the_nearest():
    found = refused(StratifiedSplit(column="specis", test=0.1), species=text_column(labels(5, 5)))
    assert (found.code, found.place) == ("column-missing", "data.split")
    assert parse_split(found.fixes[0].edit["split"]) == StratifiedSplit(column="species", test=0.1)


@pytest.mark.parametrize(
    ("split", "columns"),
    [
        (StratifiedSplit(column="y", test=0.3), {"y": np.arange(20) * 1.5}),
        (StratifiedSplit(column="z", validation=0.1, test=0.3), {"y": np.arange(20)}),
        (GroupSplit(column="y", test=0.3), {"y": text_column(["a", "", "b"])}),
        (
            TimeSplit(column="y", validation=0.1),
            {"y": text_column(["2024-01-01", "no", "2024-01-03"])},
        ),
    ],
)
def test_the_fix_that_splits_at_random_holds_out_as_much(split, columns):
    (random,) = (
        parse_split(fix.edit["split"])
        for fix in refused(split, **columns).fixes
        if fix.text == "Split the rows at random."
    )
    assert random == RandomSplit(validation=split.validation, test=split.test)


def test_values_that_all_differ_can_not_be_spread():
    found = refused(StratifiedSplit(column="y"), y=np.arange(20) * 1.5)
    assert (found.code, found.found) == ("split-unfit", "20 values in 20 rows")


@pytest.mark.parametrize(
    ("split", "columns"),
    [
        (RandomSplit(validation=0.01), {"x": np.arange(9)}),
        (RandomSplit(test=0.01), {"x": np.arange(9)}),
        (GroupSplit(column="x", validation=0.5), {"x": np.ones(9)}),
        (StratifiedSplit(column="x", validation=0.01), {"x": np.arange(9) % 2}),
    ],
)
def test_a_side_that_would_be_empty_is_refused(split, columns):
    assert refused(split, **columns).code == "split-empty"


@pytest.mark.parametrize(
    "split",
    [None, StratifiedSplit(column="y"), GroupSplit(column="y"), TimeSplit(column="y")],
)
def test_a_table_without_rows_is_left_to_the_audit(split):
    assert everyone(divided(split, y=np.zeros(0))) == []


STRATIFIED = [1, 2, 9]
GROUPED = [2, 7]
