"""The windows of a table are those that pandas finds, and their split leaks no target."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.counts import count_noun
from engine.data.dataset.dataset import Dataset
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.series.series_order import find_series, window_count
from engine.data.series.window_rows import WindowRows, split_windows
from engine.data.splits.chronological_split import chronological_split
from engine.data.splits.split_rows import SplitSizes
from engine.data.table.number_form import NumberFormCounter
from engine.data.table.table import table_from_arrays
from engine.recipe.data_mapping import DataMapping
from engine.recipe.windows import Windows

DAY = np.timedelta64(1, "D")


def pandas_windows(times, shops, settings):
    """Return the past rows and the target rows of each window, from shifted columns in pandas."""
    frame = pd.DataFrame({"time": times, "shop": shops, "row": range(len(times))})
    frame = frame.sort_values(["shop", "time"])
    step = frame.groupby("shop")["time"].diff()
    is_gap = ((step - step.median()).abs() > step.median() / 2) & step.notna()
    if is_gap.sum() > 0.05 * step.notna().sum():
        is_gap[:] = False
    piece = (is_gap | step.isna()).cumsum()
    shifts = range(1 - settings.past, settings.ahead + 1)
    windows = pd.concat([frame.groupby(piece)["row"].shift(-shift) for shift in shifts], axis=1)
    windows = windows.dropna().astype(int).to_numpy()
    return windows[:, : settings.past].tolist(), windows[:, settings.past :].tolist()


def found_windows(times, settings, shops=None):
    """Return the windows of a table with these times and series, and the info that counts them."""
    table = table_from_arrays({"t": np.arange(len(times)), "g": np.array(shops or ["a"])})
    table = type(table)(table.path, {**table.columns, "t": np.asarray(times)})
    series = find_series(table, DataMapping(windows=settings))
    span = settings.past + settings.ahead
    records = np.arange(len(times)).astype([("row", "i8")])
    fields = {("inputs", "x"): "row", ("inputs", "now"): "row", ("targets", "y"): "row"}
    windows = WindowRows(
        records, fields, settings=settings, order=series.order, starts=series.starts(span),
        sequences=frozenset({"x"}),
    )  # fmt: skip
    return windows, window_count(series, settings)


def rows_of(windows):
    """Return the past rows and the target rows of windows."""
    taken = windows.take(slice(None))
    return taken["inputs"]["x"], taken["targets"]["y"].reshape(len(windows), -1)


@st.composite
def tables(draw):
    """Return the times and shops of rows in any order; some series have gaps."""
    pairs = []
    for shop, count in enumerate(draw(st.lists(st.integers(0, 30), min_size=1, max_size=3))):
        removed = draw(st.sets(st.integers(0, 30), max_size=2))
        pairs += [(time, f"{shop}") for time in range(count) if time not in removed]
    pairs = draw(st.permutations(pairs))
    assume(pairs)
    return [time for time, _ in pairs], [shop for _, shop in pairs]


SETTINGS = st.builds(
    Windows,
    by=st.just("t"),
    group=st.just("g"),
    past=st.integers(1, 5),
    ahead=st.integers(1, 3),
)


@given(SETTINGS, tables())
def test_windows_are_those_of_pandas(settings, table):
    times, shops = table
    past, targets = pandas_windows(times, shops, settings)
    if not past:
        with pytest.raises(DiagnosticError) as refused:
            found_windows(times, settings, shops)
        assert refused.value.diagnostics[0].code == "series-short"
        return
    windows, told = found_windows(times, settings, shops)
    found = rows_of(windows)
    assert (found[0].tolist(), found[1].tolist()) == (past, targets)
    assert windows.last_rows[:].tolist() == [rows[-1] for rows in past]
    assert windows.take(slice(None))["inputs"]["now"].tolist() == [rows[-1] for rows in past]
    left_out = len(times) - len({row for rows in (*past, *targets) for row in rows})
    assert told.message.startswith(f"{count_noun(len(past), 'window')} of {len(times)} rows")
    assert (told.rows.count if told.rows else 0) == left_out


@given(SETTINGS, st.integers(10, 40), st.floats(0.1, 0.4))
def test_no_time_of_a_training_window_is_a_time_of_a_validation_target(settings, count, fraction):
    times, shops = [*range(count), *range(3, count)], ["a"] * count + ["b"] * (count - 3)
    windows, _ = found_windows(times, settings, shops)
    rows = chronological_split(
        np.array(times), "t", SplitSizes(len(times), fraction, fraction), NumberFormCounter()
    )
    try:
        split = split_windows(Dataset.from_memmap(windows, FittedEncoders()), rows)
    except DiagnosticError:  # a subset is shorter than the steps ahead
        assume(False)
    time = np.array(times)
    ends, used = [], 0
    for subset, of_rows in zip(
        (split.train, split.validation, split.test),
        (rows.train, rows.validation, rows.test), strict=True,
    ):  # fmt: skip
        past, targets = (time[found] for found in rows_of(windows.select(subset)))
        assert (past.max(axis=1) < targets.min(axis=1)).all()
        assert set(targets.flat) <= set(time[of_rows])
        ends.append((targets.min(), targets.max()))
        used += len(subset)
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]
    assert len(windows) - used <= 2 * 2 * (settings.ahead - 1), "only those across a cut are lost"


@pytest.mark.parametrize(
    ("times", "pieces"),
    [
        (np.delete(np.arange("2024-01-01", "2024-03-01", dtype="M8[D]"), 20), 2),
        (np.busday_offset("2024-01-01", np.arange(60), roll="forward"), 1),
        (np.arange("2020-01", "2024-01", dtype="M8[M]").astype("M8[D]"), 1),
        (np.arange("2020-01", "2024-01", dtype="M8[M]").astype("M8[D]") - DAY, 1),
        (np.delete(np.arange("2020-01", "2024-01", dtype="M8[M]"), 30).astype("M8[D]"), 2),
        ((1749 + np.arange(60) / 12).round(3), 1),
    ],
    ids=["missing day", "business days", "months", "ends of months", "missing month", "decimals"],
)
def test_windows_span_no_gap_in_regular_steps(times, pieces):
    times = times.astype("M8[us]") if times.dtype.kind == "M" else times
    windows, _ = found_windows(times, Windows(by="t", past=3), ["a"] * len(times))
    assert len(windows) == len(times) - 3 * pieces


def test_a_time_that_a_series_has_twice_is_told_with_its_rows():
    with pytest.raises(DiagnosticError) as refused:
        found_windows([1, 2, 3, 2], Windows(by="t", past=1), [*"abab"])
    (found,) = refused.value.diagnostics
    assert (found.code, found.rows.numbers) == ("series-times", (3,))
    assert '"group"' in found.fixes[0].text
    windows, _ = found_windows([1, 2, 3, 2], Windows(by="t", group="g", past=1), [*"abac"])
    assert len(windows) == 1


@pytest.mark.parametrize(
    ("cells", "edits"),
    [(["1,234", "2,345"], ["set_file"] * 2), (["2020-01-01", "x"], []), (["1", ""], [])],
)
def test_fixes_of_times_that_can_not_be_read_keep_the_split_by_time(cells, edits):
    table = table_from_arrays({"day": np.array(cells)})
    with pytest.raises(DiagnosticError) as refused:
        find_series(table, DataMapping(windows=Windows(by="day", past=1)))
    (found,) = refused.value.diagnostics
    assert found.fixes
    assert [fix.edit["do"] for fix in found.fixes if fix.edit] == edits
