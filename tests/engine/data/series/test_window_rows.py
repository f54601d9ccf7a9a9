"""Windows of tables: the same values in memory and in the cache, and no copy of a row."""

import tracemalloc

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import check_data, prepare_data
from engine.graph.edits.registry import apply_edit
from tests.engine.runtime.small import node, project

PAST, AHEAD, COUNTS = 5, 3, {"a": 40, "b": 60}
WINDOWS = {"by": "day", "group": "shop", "past": PAST, "ahead": AHEAD}
SCALED = {"column": "sold", "scale": "standardize"}


def forecast(shape=(PAST, 2), units=AHEAD, windows=WINDOWS, **recipe):
    return project(
        node("x", "Input", shape=list(shape)),
        node("now", "Input", shape=[1]),
        node("f", "Flatten", "x"),
        node("all", "Concatenate", {"xs": ["f", "now"]}),
        node("d", "Dense", "all", units=units),
        node("y", "Output", "d", loss="mse"),
        data={
            "inputs": {"x": {"columns": ["sold", "price"], "scale": "standardize"},
                       "now": {"column": "price"}},
            "targets": {"y": SCALED},
            "windows": windows,
        },
        **recipe,
    )  # fmt: skip


def sales(folder, counts=COUNTS):
    """Write shuffled sales of shops, and return the file and the rows, sorted."""
    random = np.random.default_rng(0)
    rows = [
        (shop, np.datetime64("2024-01-31") + day, random.normal(9, 2), random.normal())
        for shop, count in counts.items()
        for day in range(count)
    ]
    lines = [f"{day},{shop},{sold},{price}" for shop, day, sold, price in rows]
    file = folder / "sales.csv"
    file.write_text("\n".join(["day,shop,sold,price", *random.permutation(lines)]) + "\n")
    return file, rows


def expected_windows(rows, precision):
    """Return inputs, last prices and targets of training and validation windows, by loops."""
    days = sorted(day for _, day, *_ in rows)
    cut = days[80]  # a fifth of 100 rows is held out
    train = np.array([row[2:] for row in rows if row[1] < cut])
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    found = {"train": [], "validation": []}
    for shop in COUNTS:
        series = [row for row in rows if row[0] == shop]
        for end in range(PAST, len(series) - AHEAD + 1):
            past = (np.array([row[2:] for row in series[end - PAST : end]]) - mean) / deviation
            ahead = series[end : end + AHEAD]
            target = (np.array([row[2] for row in ahead]) - mean[0]) / deviation[0]
            window = (past.astype(precision), series[end - 1][3], target.astype(precision))
            if ahead[-1][1] < cut:
                found["train"].append(window)
            elif ahead[0][1] >= cut:
                found["validation"].append(window)
    return {
        name: [np.array(part) for part in zip(*each, strict=True)] for name, each in found.items()
    }


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("cache", [False, True])
def test_windows_have_the_values_that_a_loop_computes(tmp_path, precision, cache):
    file, rows = sales(tmp_path)
    report = check(forecast(precision=precision))
    caching = CacheSettings(cache, folder=tmp_path / "cache")
    for _ in range(2):  # the second time, the entry is opened again
        prepared = prepare_data(report, file, None, caching=caching)
        expected = expected_windows(rows, precision)
        for name, dataset in (("train", prepared.train), ("validation", prepared.validation)):
            arrays = dataset.memmap.take(slice(None))
            given = (arrays["inputs"]["x"], arrays["inputs"]["now"][:, 0], arrays["targets"]["y"])
            assert given[0].dtype == precision
            for values, other in zip(given, expected[name], strict=True):
                np.testing.assert_allclose(values, other, rtol=3e-6)
                assert values.shape == other.shape


def test_an_entry_without_the_order_of_its_rows_is_built_again(tmp_path):
    """Rows were trained on in place of windows."""
    file, _ = sales(tmp_path)
    report, caching = check(forecast()), CacheSettings(True, folder=tmp_path / "cache")
    windows = prepare_data(report, file, None, caching=caching).sides
    (order,) = (tmp_path / "cache").rglob("series.npy")
    order.unlink()
    assert prepare_data(report, file, None, caching=caching).sides == windows


def test_the_cache_changes_no_bit_and_a_stream_is_refused(tmp_path):
    file, _ = sales(tmp_path)
    report = check(forecast())
    caches = [CacheSettings(use, folder=tmp_path / "cache") for use in (False, True)]
    one, other = (prepare_data(report, file, None, caching=caching) for caching in caches)
    assert (one.sides, one.digest) == (other.sides, other.digest)
    assert one.train.digest() == other.train.digest()
    with pytest.raises(DiagnosticError) as refused:
        prepare_data(report, file, None, caching=CacheSettings(stream=True, folder=tmp_path / "c"))
    assert refused.value.diagnostics[0].code == "series-streamed"


@pytest.mark.parametrize("wrong", [{"shape": (PAST, 3)}, {"shape": (9, 2)}, {"units": 1}])
def test_fixes_give_inputs_and_outputs_the_shape_of_windows(tmp_path, wrong):
    file, _ = sales(tmp_path)
    given = forecast(**wrong)
    found = next(each for each in check_data(check(given), file) if each.is_error)
    assert found.code == "array-shape"
    fixed = apply_edit(given, found.fixes[0].edit)
    assert fixed.graph == forecast().graph
    assert not [each for each in check_data(check(fixed), file) if each.is_error]


def test_a_constant_column_is_left_out_of_a_sequence(tmp_path):
    file, rows = sales(tmp_path)
    lines = [f"{day},{shop},{sold},7" for shop, day, sold, _ in rows]
    file.write_text("\n".join(["day,shop,sold,price", *lines]))
    given = forecast()
    found = next(each for each in check_data(check(given), file) if each.node == "x")
    assert found.code == "column-constant"
    assert apply_edit(given, found.fixes[0].edit).graph["x"].params["shape"] == [PAST, 1]


def test_a_target_that_only_later_rows_change_is_not_split_at_random(tmp_path):
    file, rows = sales(tmp_path)
    last = max(day for _, day, _, _ in rows)
    lines = [f"{day},{shop},{int(day == last)},{price}" for shop, day, _, price in rows]
    file.write_text("\n".join(["day,shop,sold,price", *lines]))
    (found,) = (each for each in check_data(check(forecast()), file) if each.is_error)
    assert found.code == "target-constant"
    assert not [fix for fix in found.fixes if fix.edit], "windows are split by time"


def test_the_past_of_a_target_is_no_mistake_but_unused_columns_are_named(tmp_path):
    file, _ = sales(tmp_path)
    assert [each.code for each in check_data(check(forecast()), file)] == ["series-left-out"]
    short = {**WINDOWS, "past": 99}
    (found,) = check_data(check(forecast((99, 2), windows=short)), file)
    assert found.code == "series-short"


def test_long_windows_of_many_rows_take_the_memory_of_the_rows(tmp_path):
    count, past = 50_000, 1000
    np.savez(tmp_path / "d.npz", t=np.arange(count), v=np.random.default_rng(0).normal(size=count))
    given = project(
        node("x", "Input", shape=[past, 1]),
        node("p", "GlobalAveragePooling1D", "x"),
        node("d", "Dense", "p", units=1),
        node("v", "Output", "d", loss="mse"),
        data={"inputs": {"x": {"column": "v"}}, "windows": {"by": "t", "past": past}},
    )
    tracemalloc.start()
    prepared = prepare_data(check(given), tmp_path / "d.npz", None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert prepared.train.inputs["x"].nbytes > 150e6
    assert peak < 40e6
