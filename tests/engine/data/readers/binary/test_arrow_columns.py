"""Parquet, Arrow files and streams: every type has one outcome, and bombs are refused unread."""

import datetime
import decimal
import struct
from contextlib import suppress
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.table.column_types import is_list, is_text
from tests.engine.data.hostile import harm_of_opening, refused_in_little
from tests.tiers import grid

UTC = datetime.UTC
DAY = datetime.datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001 - without a zone on purpose


def write_ipc(table, path, **options):
    with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as file:
        file.write_table(table)


def write_stream(table, path):
    with pa.ipc.new_stream(path, table.schema) as file:
        file.write_table(table)


WRITERS = {
    "parquet": lambda table, path: pq.write_table(table, path),
    "feather": lambda table, path: pa.feather.write_feather(table, str(path)),
    "arrow": write_ipc,
    "arrows": write_stream,
}


def written(tmp_path, kind, **columns):
    path = tmp_path / f"t.{kind}"
    WRITERS[kind](pa.table(columns), path)
    return path


def plain(column):
    return column.to_pylist() if is_text(column) or is_list(column) else column.tolist()


def refusals(path):
    with pytest.raises(DiagnosticError) as refused:
        open_table(path)
    for found in refused.value.diagnostics:
        assert found.fixes
        assert found.found
    return refused.value.diagnostics


NAN = "nan"
KEPT = {
    "int64": (pa.array([1, 2]), "int64", [1, 2], None),
    "int64 with a hole": (pa.array([1, None]), "float64", [1.0, NAN], None),
    "int8": (pa.array([1, 2], pa.int8()), "int32", [1, 2], None),
    "uint64": (pa.array([1, 2], pa.uint64()), "int64", [1, 2], None),
    "float32": (pa.array([1.5, None], pa.float32()), "float32", [1.5, NAN], None),
    "float16": (pa.array([np.float16(1.5)], pa.float16()), "float32", [1.5], None),
    "bool": (pa.array([True, False]), "int32", [1, 0], None),
    "bool with a hole": (pa.array([True, None]), "float64", [1.0, NAN], None),
    "decimal": (pa.array([decimal.Decimal("1.25"), None]), "float64", [1.25, NAN], "decimal"),
    "text": (pa.array(["a", None, "é"]), "text", ["a", "", "é"], None),
    "large text": (pa.array(["a", None], pa.large_string()), "text", ["a", ""], None),
    "nothing": (pa.nulls(2), "text", ["", ""], None),
    "dictionary": (pa.array(["a", "b", None]).dictionary_encode(), "text", ["a", "b", ""], None),
    "day": (pa.array([DAY.date(), None]), "datetime64[us]", [DAY.replace(hour=0, minute=0), None],
            None),
    "time": (pa.array([DAY, None], pa.timestamp("s")), "datetime64[us]", [DAY, None], None),
    "nanoseconds": (pa.array([1_000_000_001], pa.timestamp("ns")), "datetime64[us]",
                    [datetime.datetime(1970, 1, 1, 0, 0, 1)], None),  # noqa: DTZ001
    "time with a zone": (pa.array([DAY.replace(tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")),
                         "datetime64[us]", [DAY], "times in Europe/Berlin"),
    "lists": (pa.array([[1, 2], None, []]), "list", [[1, 2], [], []], None),
    "lists with holes": (pa.array([[1, None]]), "list", [[1.0, NAN]], None),
    "lists of reals": (pa.array([[1.5], [2.0]], pa.list_(pa.float32())), "list", [[1.5], [2.0]],
                       None),
    "lists of text": (pa.array([["a", None], ["b"]]), "list", [["a", ""], ["b"]], None),
    "lists of booleans": (pa.array([[True], [False]]), "list", [[1], [0]], None),
    "vectors": (pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)), "float32",
                [[1.0, 2.0], [3.0, 4.0]], None),
    "vectors with a hole": (pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2)), "float32",
                            [[1.0, 2.0], [NAN, NAN]], None),
    "matrices": (pa.array([[[1, 2], [3, 4]]], pa.list_(pa.list_(pa.int64(), 2), 2)), "int64",
                 [[[1, 2], [3, 4]]], None),
    "texts of one number": (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), "list",
                            [["a", "b"]], None),
}  # fmt: skip


def with_nan(values):
    if isinstance(values, list):
        return [with_nan(value) for value in values]
    return NAN if isinstance(values, float) and values != values else values


@pytest.mark.parametrize("kind", WRITERS)
def test_every_type_has_one_outcome_and_a_note_if_it_was_converted(kind, tmp_path):
    columns = {
        name: pa.concat_arrays([case[0]] * (6 // len(case[0]))) for name, case in KEPT.items()
    }
    table = open_table(written(tmp_path, kind, **columns))
    told = {
        name: note.found for name in KEPT for note in table.notes if f'"{name}"' in note.message
    }
    for name, (_, dtype, wanted, note) in KEPT.items():
        column = table.columns[name]
        assert with_nan(plain(column)) == wanted * (6 // len(wanted))
        if dtype == "text":
            assert is_text(column)
            assert column.null_count == 0
        elif dtype == "list":
            assert is_list(column)
            assert column.null_count == column.flatten().null_count == 0
        else:
            assert column.dtype == dtype
            assert column.flags.writeable
        assert (name in told) == (note is not None)
        assert str(note or "") in told.get(name, "")


def test_a_dictionary_of_numbers_is_looked_up(tmp_path):
    table = open_table(written(tmp_path, "arrow", x=pa.array([7, None, 7]).dictionary_encode()))
    assert with_nan(plain(table.columns["x"])) == [7.0, NAN, 7.0]
    assert table.notes == ()


REFUSED = {
    "bytes": pa.array([b"x"]),
    "large bytes": pa.array([b"x"], pa.large_binary()),
    "object": pa.array([{"a": 1}]),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "lists of lists": pa.array([[[1]]]),
    "lists of objects": pa.array([[{"a": 1}]]),
    "lists of dates": pa.array([[DAY]]),
    "time of day": pa.array([datetime.time(12)]),
    "time span": pa.array([datetime.timedelta(1)]),
}


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_what_is_no_cell_is_refused_by_the_columns_name(kind, tmp_path):
    path = written(tmp_path, kind, good=pa.array([1]), **REFUSED)
    found = refusals(path)
    assert [each.code for each in found] == ["array-dtype"] * len(REFUSED)
    assert all(f'"{name}"' in each.message for name, each in zip(REFUSED, found, strict=True))
    (part,) = read_table_chunks(path, ["good"])
    assert part.columns["good"].tolist() == [1]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize(
    ("values", "code"),
    [(pa.array([1, 2**63], pa.uint64()), "array-dtype"),
     (pa.array([b"ok", b"\xff"]).view(pa.string()), "array-broken"),
     (pa.array([0, 2**61], pa.timestamp("ms")), "array-dtype")],
)  # fmt: skip
def test_a_value_that_is_no_cell_is_refused_where_its_column_is_read(kind, values, code, tmp_path):
    """A uint64 that no int64 holds, text that is no UTF-8, and a date beyond all years."""
    path = written(tmp_path, kind, good=pa.array([1, 2]), bad=values)
    (found,) = refusals(path)
    assert (found.code, found.place) == (code, f"array bad in t.{kind}")
    (part,) = read_table_chunks(path, ["good"])
    assert part.columns["good"].tolist() == [1, 2]


class Secret(pa.ExtensionType):
    """An extension type that runs code when it is found in a file, if anything lets it."""

    met = 0

    def __init__(self):
        super().__init__(pa.int64(), "layerloom.secret")

    def __arrow_ext_serialize__(self):
        return b"os.system"

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, serialized):
        cls.met += 1
        return cls()


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_extension_types_are_refused_and_none_is_ever_looked_up(kind, tmp_path):
    secret = Secret()
    path = written(tmp_path, kind, x=pa.ExtensionArray.from_storage(secret, pa.array([1])))
    (found,) = refusals(path)
    assert found.code == "array-dtype"
    assert "layerloom.secret" in found.found
    assert Secret.met == 0


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_columns_have_a_name_each(kind, tmp_path):
    path = tmp_path / f"t.{kind}"
    one = pa.array([1])
    WRITERS[kind](pa.Table.from_arrays([one, one, one], ["x", "x", ""]), path)
    assert [found.code for found in refusals(path)] == ["column-names"] * 2


def test_conversions_of_one_kind_are_told_together(tmp_path):
    prices = {f"x{place}": pa.array([1], pa.decimal128(5, 2)) for place in range(20)}
    (note,) = open_table(written(tmp_path, "parquet", **prices)).notes
    assert note.code == "array-converted"
    assert note.message.endswith("and 8 more were read as float64")


def repeated(rows):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), ["x" * 2**20])


def bomb(name, path):
    rows = 2**27
    if name == "constant numbers":
        with pq.ParquetWriter(path, pa.schema([("x", pa.int64())])) as file:
            part = pa.table({"x": np.zeros(2**24, np.int64)})
            for _ in range(rows // 2**24):
                file.write_table(part)
    elif name == "one text in each row":
        pq.write_table(pa.table({"x": repeated(2_000)}), path, store_schema=False)
    elif name == "a dictionary":
        write_ipc(pa.table({"x": repeated(2_000)}), path)
    elif name == "packed zeros":
        write_ipc(pa.table({"x": np.zeros(rows, np.int64)}), path, compression="zstd")
    elif name == "packed dictionary":
        text = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), ["x" * 2**30])
        write_ipc(pa.table({"x": text}), path, compression="zstd")
    elif name == "many views of one text":
        looks = pa.py_buffer(struct.pack("<i4sii", 2**20, b"xxxx", 0, 0) * 2_000)
        parts = [None, looks, pa.py_buffer(b"x" * 2**20)]
        write_ipc(pa.table({"x": pa.Array.from_buffers(pa.string_view(), 2_000, parts)}), path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("constant numbers", "parquet"),
        ("one text in each row", "parquet"),
        ("a dictionary", "arrow"),
        ("packed zeros", "arrow"),
        ("packed dictionary", "arrow"),
        ("many views of one text", "arrow"),
    ],
)
def test_what_unpacks_to_more_than_the_limit_is_refused_in_little_time_and_memory(
    name, kind, tmp_path
):
    path = tmp_path / f"t.{kind}"
    bomb(name, path)
    assert path.stat().st_size < 2**25
    assert refused_in_little(path, limit=2**28).code == "data-too-large"


def test_one_long_text_among_many_rows_is_no_reason_to_refuse_them(tmp_path):
    texts = ["x" * 2**16, *["short"] * 8_000, None]
    path = written(tmp_path, "parquet", x=pa.array(texts))
    assert open_table(path, limit=2**21).columns["x"].tolist() == [*texts[:-1], ""]


@pytest.mark.parametrize(("kind", "cut"), grid(product(WRITERS, [0, 5, 40, -1, -30]), 8))
def test_a_file_that_is_cut_off_is_told(cut, kind, tmp_path):
    path = written(tmp_path, kind, x=pa.array(range(1000)), y=pa.array(["a"] * 1000))
    data = path.read_bytes()
    path.write_bytes(data[:cut])
    if kind != "parquet" and cut == -1:
        with suppress(DiagnosticError):  # the end of a stream may be left out
            assert open_table(path).row_count == 1000
        return
    codes = ("data-format", "data-not-found") if cut else ("no-rows",)
    assert refusals(path)[0].code in codes


def test_the_first_feather_is_refused_by_name(tmp_path):
    path = tmp_path / "t.feather"
    path.write_bytes(b"FEA1" + bytes(60))
    (found,) = refusals(path)
    assert "Feather version 1" in found.found


CELLS = {
    "x": st.none() | st.integers(-(2**31), 2**31),
    "y": st.none() | st.floats(allow_nan=False, width=32),
    "t": st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
    "l": st.none() | st.lists(st.integers(-9, 9), max_size=3),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=60)
TYPES = {"x": pa.int64(), "y": pa.float64(), "t": pa.string(), "l": pa.list_(pa.int64())}


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(ROWS, st.sampled_from([*WRITERS]), st.integers(1, 70))
def test_what_pyarrow_writes_is_read_back_whole_and_in_chunks(tmp_path_factory, rows, kind, size):
    table = pa.Table.from_pylist(rows, pa.schema(list(TYPES.items())))
    path = tmp_path_factory.mktemp("d") / f"t.{kind}"
    WRITERS[kind](table, path)
    whole = open_table(path).columns
    numbers = lambda values: [float("nan") if value is None else value for value in values]  # noqa: E731
    np.testing.assert_array_equal(whole["x"], numbers(table["x"].to_pylist()))
    np.testing.assert_array_equal(whole["y"], numbers(table["y"].to_pylist()))
    assert whole["t"].to_pylist() == [value or "" for value in table["t"].to_pylist()]
    assert whole["l"].to_pylist() == [value or [] for value in table["l"].to_pylist()]
    parts = list(read_table_chunks(path, ["t", "x"], size))
    assert [part.row_count for part in parts[:-1]] == [size] * (len(parts) - 1)
    assert sum((part.columns["t"].to_pylist() for part in parts), []) == whole["t"].to_pylist()
    joined = np.concatenate([part.columns["x"] for part in parts])
    np.testing.assert_array_equal(joined, whole["x"])


@pytest.mark.slow
def test_a_tables_rows_may_be_none(tmp_path):
    for kind in WRITERS:
        table = open_table(
            written(tmp_path, kind, x=pa.array([], pa.int64()), t=pa.array([], "str"))
        )
        assert (table.row_count, list(table.columns)) == (0, ["x", "t"])
        assert list(read_table_chunks(tmp_path / f"t.{kind}")) == []


def test_opening_runs_connects_and_starts_nothing(tmp_path):
    secret = pa.ExtensionArray.from_storage(Secret(), pa.array([1]))
    kinds = ("parquet", "arrow")
    paths = [written(tmp_path, kind, x=secret, y=pa.array(["a"])) for kind in kinds]
    assert harm_of_opening(paths) == []


@pytest.mark.slow
def test_long_texts_in_dictionaries_within_lists_are_counted_too(tmp_path):
    items = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000, np.int8)), ["x" * 2**20])
    lists = pa.ListArray.from_arrays(pa.array([0, 2_000], pa.int32()), items)
    for kind in ("parquet", "arrow"):
        path = written(tmp_path, kind, x=lists)
        with pytest.raises(DiagnosticError) as refused:
            open_table(path, limit=2**28)
        assert refused.value.diagnostics[0].code == "data-too-large"


def test_a_file_of_many_row_groups_and_long_texts_is_read_whole(tmp_path):
    """Few rows at a time are read where texts are long; none is lost."""
    texts = [f"{row} " + "long " * (row % 7) * 3_000 for row in range(400)]
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"t": texts, "n": range(400)}), path, row_group_size=90)
    table = open_table(path)
    assert table.columns["t"].to_pylist() == texts
    assert table.columns["n"].tolist() == list(range(400))
