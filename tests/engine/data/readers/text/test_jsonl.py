"""JSON lines: one flat object a line; every fault is named by its line."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.readers.text import byte_stream
from engine.data.table.column_types import is_list, is_text
from tests.engine.data.hostile import refused_in_little
from tests.tiers import cases, grid, noted


def read(tmp_path, data, name="t.jsonl"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(path)


def refusal(tmp_path, data, name="t.jsonl"):
    with pytest.raises(DiagnosticError) as refused:
        read(tmp_path, data, name)
    (found,) = refused.value.diagnostics
    assert found.fixes
    return found


def plain(column):
    return column.to_pylist() if is_text(column) or is_list(column) else column.tolist()


BROKEN = {
    "key twice": ('{"a":1}\n{"a":1,"a":2}', "json-broken", "line 2"),
    "number, then text": ('{"a":1}\n\n{"a":"x"}', "json-broken", "line 3"),
    "yes, then number": ('{"a":true}\n{"a":1}', "json-broken", "line 2"),
    "list of two kinds": ('{"a":[1,"x"]}', "json-broken", "line 1"),
    "lists of two kinds": ('{"a":[1]}\n{"a":["x"]}', "json-broken", "line 2"),
    "list, then number": ('{"a":[1]}\n{"a":1}', "json-broken", "line 2"),
    "no object": ("[1]", "json-broken", "line 1"),
    "a number": ('{"a":1}\n7', "json-broken", "line 2"),
    "null": ('{"a":1}\nnull', "json-broken", "line 2"),
    "two objects in a line": ('{"a":1}{"a":2}', "json-broken", "line 1"),
    "an object over lines": ('{"a":1,\n"b":2}', "json-broken", "line 1"),
    "not closed": ('{"a":1}\n{"a":1', "json-broken", "line 2"),
    "comma at the end": ('{"a":1,}', "json-broken", "line 1"),
    "one quote": ("{'a':1}", "json-broken", "line 1"),
    "a zero in front": ('{"a":01}', "json-broken", "line 1"),
    "no name": ('{"":1}', "json-broken", "line 1"),
    "not UTF-8": (b'{"a":"x"}\n{"a":"\xff"}', "json-broken", "line 2"),
    "half a sign": ('{"a":"\\ud800"}', "json-broken", "line 1"),
    "deep": ('{"a":1}\n{"a":' + "[" * 300_000 + "]" * 300_000 + "}", "json-broken", "line 2"),
    "deep objects": ('{"a":' * 300_000 + "1" + "}" * 300_000, "json-broken", "line 1"),
    "too large a number": ('{"a":1e400}', "json-broken", "line 1"),
    "object": ('{"a":1}\n{"a":2,"b":{"c":1}}', "array-dtype", "column b in t.jsonl, line 2"),
    "list of objects": ('{"b":[{"c":1}]}', "array-dtype", "column b in t.jsonl, line 1"),
    "list of lists": ('{"b":[[1]]}', "array-dtype", "column b in t.jsonl, line 1"),
    "an array of objects": ('[{"a":1},\n{"a":2}]', "json-broken", "line 1"),
}  # fmt: skip


def test_a_fault_is_refused_by_its_line(tmp_path):
    for name, (data, code, place) in BROKEN.items():
        with noted(name):
            found = refusal(tmp_path, data)
            assert (found.code, found.place) == (code, place)


@pytest.mark.slow
@pytest.mark.parametrize("row", [0, 70_000, 149_999])
def test_a_fault_far_down_is_found_though_types_are_guessed_block_by_block(row, tmp_path):
    lines = [json.dumps({"number": number, "word": f"w{number}"}) for number in range(150_000)]
    lines[row] = '{"number": "x", "word": "y"}'
    place = "line 2" if row == 0 else f"line {row + 1}"
    assert refusal(tmp_path, "\n".join(lines)).place == place


KEPT = {
    "numbers": ('{"a":1}\n{"a":2.5}\n{"a":null}', [1.0, 2.5, "nan"]),
    "whole numbers": ('{"a":1}\n{"a":-2}', [1, -2]),
    "large numbers": ('{"a":1}\n{"a":12345678901234567890}', [1.0, 12345678901234567890.0]),
    "not a number": ('{"a":1}\n{"a":NaN}', [1.0, "nan"]),
    "yes or no": ('{"a":true}\n{"a":false}', [1, 0]),
    "text": ('{"a":"x"}\n{"a":null}\n{"b":1}', ["x", "", ""]),
    "texts like dates": ('{"a":"2020-01-01"}\n{"a":"x"}', ["2020-01-01", "x"]),
    "dates only": ('{"a":"2020-01-01T10:00:00Z"}', ["2020-01-01T10:00:00Z"]),
    "lists": ('{"a":[1]}\n{"a":[]}\n{"a":null}\n{"a":[2.5,null]}', [[1.0], [], [], [2.5, "nan"]]),
    "lists of text": ('{"a":[]}\n{"a":["2020-01-01"]}', [[], ["2020-01-01"]]),
    "nothing": ('{"a":null}\n{"a":null}', ["", ""]),
    "blank lines and a mark": ('\ufeff\n{"a":1}\r\n\r\n{"a":2}\n\n', [1, 2]),
    "escapes": ('{"a":"\\u00e9\\n\\"[[[["}', ['é\n"[[[[']),
    "brackets in many texts": ("\n".join(['{"a":"[[[["}'] * 200), ["[[[["] * 200),
}


def with_nan(values):
    if isinstance(values, list):
        return [with_nan(value) for value in values]
    return "nan" if isinstance(values, float) and values != values else values


@pytest.mark.parametrize("packed", [False, True])
def test_values_are_kept_and_holes_are_missing(packed, tmp_path):
    for name, (data, wanted) in KEPT.items():
        with noted(name):
            bytes_ = gzip.compress(data.encode()) if packed else data.encode()
            table = read(tmp_path, bytes_, "t.jsonl.gz" if packed else "t.ndjson")
            assert with_nan(plain(table.columns["a"])) == wanted


def test_columns_keep_the_order_of_the_file(tmp_path):
    data = '{"a":1,"day":"2020-01-01","b":"x","when":"2020-01-01"}\n'
    assert list(read(tmp_path, data * 3).columns) == ["a", "day", "b", "when"]


def test_types_are_settled_by_all_lines_not_by_the_first_block(tmp_path, monkeypatch):
    monkeypatch.setattr(byte_stream, "READ_BLOCK_SIZE", 64)
    lines = ['{"a":null,"d":"2020-01-01"}'] * 9 + ['{"a":1}'] * 9 + ['{"a":1.5,"d":"x","n":[1]}']
    table = read(tmp_path, "\n".join(lines))
    assert with_nan(plain(table.columns["a"])) == ["nan"] * 9 + [1.0] * 9 + [1.5]
    assert plain(table.columns["d"]) == ["2020-01-01"] * 9 + [""] * 9 + ["x"]
    assert plain(table.columns["n"]) == [[]] * 18 + [[1]]
    for size in (1, 7, 100):
        parts = list(read_table_chunks(tmp_path / "t.jsonl", chunk_rows=size))
        for name, column in table.columns.items():
            joined = sum((plain(part.columns[name]) for part in parts), [])
            assert with_nan(joined) == with_nan(plain(column))


SCALARS = {
    "i": st.integers(-(2**40), 2**40),
    "f": st.floats(allow_nan=False, allow_infinity=False),
    "b": st.booleans(),
    "t": st.text(st.characters(exclude_categories=("Cs",)), max_size=6),
    "l": st.lists(st.integers(-9, 9), max_size=3),
    "s": st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=3), max_size=3),
}
MISSING = {"i": "nan", "f": "nan", "b": "nan", "t": "", "l": [], "s": []}


@settings(max_examples=cases(40, 150), deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional=SCALARS), min_size=1, max_size=30))
def test_what_python_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("d") / "t.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    named = {key for row in rows for key in row}
    if not named:
        with pytest.raises(DiagnosticError):
            open_table(path)
        return
    columns = open_table(path).columns
    assert set(columns) == named
    for key, column in columns.items():
        wanted = [row.get(key, MISSING[key]) for row in rows]
        if any(wanted) or key not in "ls":  # empty lists alone do not tell what they are of
            assert with_nan(plain(column)) == wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "limit", "code"),
    grid(
        [
            (b'{"a":1}\n', 2**26, "data-too-large"),
            (b"[", 2**32, "archive-odd"),
            (b" ", 2**32, "archive-odd"),
            (b'{"a":1}\n', 2**32, "archive-odd"),
        ],
        quick=2,
    ),
)
def test_a_package_that_unpacks_without_end_is_refused_in_little_time_and_memory(
    line, limit, code, tmp_path
):
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=6) as file:
        for _ in range(2**8):
            file.write(line * (2**20 // len(line)))
    assert refused_in_little(path, limit).code == code


def test_a_limit_holds_for_what_is_unpacked(tmp_path):
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a":1}\n' * 2**21))
    with pytest.raises(DiagnosticError) as refused:
        open_table(path, limit=2**20)
    assert refused.value.diagnostics[0].code == "data-too-large"
