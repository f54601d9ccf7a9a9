"""What is odd in a column is told once, with a fix that settles it."""

import numpy as np
import pandas as pd
import pytest

from engine.check.report import check
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from engine.data.profile.column_warnings import column_warnings
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.starter.starter_graph import build_starter_project
from engine.graph.edits.registry import apply_edit
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping

RNG = np.random.default_rng(0)
ROWS = 120
Y = RNG.normal(size=ROWS).round(3)
WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    "parquet": lambda frame, path: frame.to_parquet(path, index=False),
}
MEASURED = np.where(np.arange(ROWS) % 9 == 0, -999.0, RNG.normal(50, 5, ROWS).round(1))
GROUPED = [f"{row // 7 + 1},{100 + row}" for row in range(ROWS)]


def some(*cells):
    return [cells[row % len(cells)] for row in range(ROWS)]


def warnings(path, project=None):
    mapping = DataMapping.try_from_params(project.data) if project else None
    table = open_table(path, dialect=mapping.file if mapping else None)
    return column_warnings(profile_table(table))


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("cells", "code", "found"),
    [
        (MEASURED, "sentinel-values", "-999"),
        (
            [f"{value} kg" if value > 0 else "-999 kg" for value in MEASURED],
            "sentinel-values",
            "-9",
        ),
        ([*map(str, range(ROWS - 3)), "so", "?", "inf"], "number-unreadable", "'so', 'inf'"),
    ],
)
def test_a_fix_declares_cells_as_missing_in_every_format(kind, cells, code, found, tmp_path):
    path = tmp_path / f"t.{kind}"
    WRITERS[kind](pd.DataFrame({"x": cells, "y": Y}), path)
    *_, warning = warnings(path)
    assert (warning.code, warning.found[: len(found)]) == (code, found)
    starter = build_starter_project(open_table(path), ["y"])
    assert warning in starter.notes
    fixed = apply_edit(starter.project, warning.fixes[0].edit)
    assert not [item for item in warnings(path, fixed) if item.severity == "warning"]
    prepared, cached = (
        prepare_data(check(fixed), path, None, caching=CacheSettings(use, tmp_path / "cache"))
        for use in (False, True)
    )
    assert prepared.digest == cached.digest
    values = next(iter(prepared.train.inputs.values()))
    assert np.isfinite(values).all()
    assert np.abs(values).max() < 6, "no value is far from the others"


@pytest.mark.parametrize("kind", WRITERS)
def test_common_words_among_numbers_and_dates_are_missing_and_told_once(kind, tmp_path):
    words = ["", "n/a", "-", "?", "NULL", "NA"]
    columns = {
        "x": some(*(f"{n}.5" for n in range(20)), *words),
        "day": some(*(f"2020-01-{n + 10}" for n in range(15)), *words),
        "kind": some("a", "b", "-", "?"),
        "y": Y,
    }
    path = tmp_path / f"t.{kind}"
    WRITERS[kind](pd.DataFrame(columns), path)
    starter = build_starter_project(open_table(path), ["y"])
    (note,) = starter.notes
    assert (note.code, note.place) == ("csv-read-as", "columns x, day")
    statistics = {column.name: column for column in profile_table(open_table(path))}
    for name, distinct in (("x", 20), ("day", 15)):
        missing = sum(cell in words for cell in columns[name])
        assert (statistics[name].missing, statistics[name].distinct) == (missing, distinct)
    assert (statistics["kind"].missing, statistics["kind"].distinct) == (0, 4), "these are labels"
    prepared, cached = (
        prepare_data(check(starter.project), path, None, caching=CacheSettings(use, tmp_path / "c"))
        for use in (False, True)
    )
    assert prepared.digest == cached.digest
    assert {item.code for item in prepared.warnings} == {"cells-filled"}, "not told again"
    assert list(map(str, prepared.warnings)) == list(map(str, cached.warnings))


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_each_fix_of_ambiguous_commas_settles_them(kind, tmp_path):
    path = tmp_path / f"t.{kind}"
    WRITERS[kind](pd.DataFrame({"x": GROUPED, "y": Y}), path)
    (warning,) = warnings(path)
    for fix, factor in zip(warning.fixes, (1000, 1), strict=True):
        dialect = Dialect(**fix.edit["fields"])
        table = open_table(path, dialect=dialect)
        project = build_starter_project(table, ["y"], file=dialect).project
        assert warnings(path, project) == ()
        encoder = prepare_data(check(project), path, None).fitted.inputs["x"]
        assert encoder.low[0] == pytest.approx(1.1 * factor, rel=0.01)


def test_the_order_of_day_and_month_is_asked_once(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"day": some("03/04/2020", "05/06/2020", "7/8/2020"), "y": Y}).to_csv(path)
    starter = build_starter_project(open_table(path), ["y"])
    (warning,) = (note for note in starter.notes if note.code == "date-ambiguous")
    for fix, first in zip(warning.fixes, ("2020-04-03", "2020-03-04"), strict=True):
        fixed = apply_edit(starter.project, fix.edit)
        prepared = prepare_data(check(fixed), path, None)
        assert prepared.fitted.inputs["day"].first == first


def test_labels_that_look_alike_are_merged_by_a_fix(tmp_path):
    path = tmp_path / "t.parquet"
    cells = some("setosa", "Setosa ", "virginica", "setosa", "VIRGINICA", "other", "virginica")
    pd.DataFrame({"x": cells, "kind": cells}).to_parquet(path)
    project = build_starter_project(open_table(path), ["kind"], ["x"]).project
    for _ in range(2):
        found = prepare_data(check(project), path, None).warnings
        found = [item for item in found if item.code == "labels-alike"]
        assert "'Setosa '" in found[0].found
        project = apply_edit(project, found[0].fixes[0].edit)
    prepared = prepare_data(check(project), path, None)
    assert not [item for item in prepared.warnings if item.code == "labels-alike"]
    assert prepared.train.inputs["x"].any(axis=0).sum() == 3
    assert len(np.unique(prepared.train.targets["kind"])) == 3


@pytest.mark.parametrize(
    "cells",
    [
        range(ROWS),
        some(1, 2, 3, 99, 4, 200),
        [*range(ROWS - 1), 9999],
        some(0, 1),
        some(0, 99),
    ],
)
def test_usual_numbers_are_no_sentinels(cells, tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"x": list(cells)}).to_parquet(path)
    assert warnings(path) == ()
