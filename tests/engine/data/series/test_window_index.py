"""The windows of a table are those that a loop over its series finds."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.series.window_index import WindowIndex
from engine.data.splits.chronological_split import chronological_split
from engine.data.splits.split_rows import SplitSizes
from engine.data.table.table import table_from_arrays
from engine.recipe.windows import Windows

DAY = np.timedelta64(1, "D")


def windows_of(times, shops, settings):
    """Return the rows of each window: (past rows, target rows), by plain loops."""
    found = []
    for shop in sorted(set(shops)):
        rows = sorted(np.flatnonzero(np.array(shops) == shop), key=lambda row: times[row])
        for last in range(settings.past - 1, len(rows) - settings.skip - settings.ahead):
            first = last + 1 + settings.skip
            past = rows[last + 1 - settings.past : last + 1]
            found.append((past, rows[first : first + settings.ahead]))
    return found


def index_of(times, settings, shops=None, with_targets=True):
    table = table_from_arrays({"t": np.arange(len(times)), "g": np.array(shops or ["a"])})
    table = type(table)(table.path, {**table.columns, "t": np.asarray(times)})
    return WindowIndex.from_table(table, settings, with_targets)


SETTINGS = st.builds(
    Windows,
    by=st.just("t"),
    group=st.just("g"),
    past=st.integers(1, 5),
    ahead=st.integers(1, 3),
    skip=st.integers(0, 2),
)


@given(SETTINGS, st.lists(st.integers(0, 12), min_size=1, max_size=3), st.randoms())
def test_windows_are_those_of_a_loop_over_the_series(settings, lengths, chosen):
    pairs = [(time, f"{shop}") for shop, count in enumerate(lengths) for time in range(count)]
    chosen.shuffle(pairs)
    times, shops = [time for time, _ in pairs], [shop for _, shop in pairs]
    assume(pairs)
    expected = windows_of(times, shops, settings)
    if not expected:
        with pytest.raises(DiagnosticError) as refused:
            index_of(times, settings, shops)
        assert refused.value.diagnostics[0].code == "series-short"
        return
    index = index_of(times, settings, shops)
    targets = np.asarray(index.target_rows()).reshape(len(index), -1)
    assert np.asarray(index.past_rows()).tolist() == [past for past, _ in expected]
    assert targets.tolist() == [target for _, target in expected]
    assert index.last_rows.tolist() == [past[-1] for past, _ in expected]
    used = {row for past, target in expected for row in (*past, *target)}
    # With skipped steps, the rows between are part of the window, too.
    left_out = [note.rows.count for note in index.notes()]
    if not settings.skip:
        assert sum(left_out) == len(times) - len(used)


@given(SETTINGS, st.integers(10, 40), st.floats(0.1, 0.4))
def test_no_time_of_a_training_window_is_a_time_of_a_validation_target(settings, count, fraction):
    times, shops = [*range(count), *range(3, count)], ["a"] * count + ["b"] * (count - 3)
    index = index_of(times, settings, shops)
    rows = chronological_split(np.array(times), "t", SplitSizes(len(times), fraction, fraction))
    try:
        split = index.split(rows)
    except DiagnosticError:  # a subset is shorter than the steps ahead
        assume(False)
    time = np.array(times)
    ends = []
    for windows in (split.train, split.validation, split.test):
        targets = time[np.asarray(index.select(windows).target_rows()).reshape(len(windows), -1)]
        past = time[np.asarray(index.select(windows).past_rows())]
        assert (past.max(axis=1) < targets.min(axis=1)).all()
        ends.append((targets.min(), targets.max()))
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]


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
    settings = Windows(by="t", past=3)
    index = index_of(times, settings, ["a"] * len(times))
    assert len(index) == len(times) - 3 * pieces


def test_a_time_that_a_series_has_twice_is_told_with_its_rows():
    with pytest.raises(DiagnosticError) as refused:
        index_of([1, 2, 3, 2], Windows(by="t", past=1), [*"abab"])
    (found,) = refused.value.diagnostics
    assert (found.code, found.rows.numbers) == ("series-times", (3,))
    assert '"group"' in found.fixes[0].text
    assert len(index_of([1, 2, 3, 2], Windows(by="t", group="g", past=1), [*"abac"])) == 1
