"""Tables in pieces: the same values as the whole, in memory that does not grow with the file."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.table.column_types import is_text
from tests.tiers import cases

ARRAYS = hnp.arrays(
    "int64",
    hnp.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=9),
    elements=st.integers(0, 99),
)


def plain(column):
    return column.tolist() if isinstance(column, np.ndarray) else column.to_pylist()


@settings(max_examples=cases(16, 80), deadline=None)
@given(ARRAYS, st.sampled_from(["<f4", ">f8", "|u1", "<i8", "<U3"]), st.booleans(),
       st.sampled_from(["npz", "packed", "npy", "folder"]), st.integers(1, 10))  # fmt: skip
def test_arrays_come_in_pieces(tmp_path_factory, array, dtype, fortran, kind, size):
    path = tmp_path_factory.mktemp("d")
    array = np.asarray(array.astype(dtype), order="F" if fortran else "C")
    other = np.arange(len(array))
    if kind == "npy":
        np.save(path / "x.npy", array)
    elif kind == "folder":
        np.save(path / "x.npy", array)
        np.save(path / "y.npy", other)
    else:
        save = np.savez if kind == "npz" else np.savez_compressed
        save(path / "d.npz", x=array, y=other)
    file = {"npy": path / "x.npy", "folder": path}.get(kind, path / "d.npz")
    whole = open_table(file).columns
    parts = list(read_table_chunks(file, chunk_rows=size))
    assert [part.row_count for part in parts[:-1]] == [size] * (len(parts) - 1)
    for name, column in whole.items():
        pieces = [part.columns[name] for part in parts]
        assert [is_text(piece) for piece in pieces] == [is_text(column)] * len(pieces)
        assert sum(map(plain, pieces), []) == plain(column)


def test_only_the_columns_that_are_asked_for_are_read(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.arange(3), y=np.zeros(3, complex))
    (part,) = read_table_chunks(tmp_path / "d.npz", ["x"])
    assert plain(part.columns["x"]) == [0, 1, 2]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl"])
def test_a_piece_knows_how_its_file_is_written_as_the_whole_does(tmp_path, name):
    """Commas of a few rows may be decimal signs or group digits; those of all rows tell."""
    path = tmp_path / name
    lines = {"t.csv": ["a;b", *[f"{n},125;{n},5" for n in range(1, 40)]],
             "t.tsv": ["a\tb", *[f"{n},125\t{n},5" for n in range(1, 40)]],
             "t.jsonl": [f'{{"a": {n}}}' for n in range(40)]}[name]  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    whole, part = open_table(path), next(read_table_chunks(path, ["a"], 4))
    assert part.dialect == whole.dialect
    assert part.decimal == (None if name == "t.jsonl" else ",")


def test_arrays_of_different_lengths_are_refused(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.arange(3), y=np.arange(4))
    with pytest.raises(DiagnosticError) as refused:
        list(read_table_chunks(tmp_path / "d.npz", chunk_rows=2))
    assert refused.value.diagnostics[0].code == "rows-differ"


@pytest.mark.parametrize("rows", [4, 100])
def test_a_checksum_that_fails_is_met_at_the_end(rows, tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, x=np.arange(9.0))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") - 1] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(DiagnosticError) as refused:
        list(read_table_chunks(path, chunk_rows=rows))
    assert refused.value.diagnostics[0].code == "array-broken"


def test_an_odd_member_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as file:
        file.writestr("../x.npy", b"")
    with pytest.raises(DiagnosticError) as refused:
        list(read_table_chunks(tmp_path / "d.npz"))
    assert refused.value.diagnostics[0].code == "archive-odd"


@pytest.mark.parametrize("name", ["nothing.csv", "data.pkl"])
def test_what_is_no_table_is_refused_at_once(name, tmp_path):
    (tmp_path / "data.pkl").write_bytes(b"x")
    with pytest.raises(DiagnosticError):
        next(read_table_chunks(tmp_path / name))


MEASURED = """
import resource, sys
from pathlib import Path
import pyarrow as pa
from engine.data.readers.table_file import read_table_chunks
count = sum(part.row_count for part in read_table_chunks(Path(sys.argv[1]), chunk_rows=10_000))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
HEAD = "number,real,word\n"


def peak(path):
    """Return rows, and the most memory of a process that reads them in pieces, in MiB."""
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    rows, size = told.stdout.split()
    return int(rows), int(size)


def write(path, rows):
    if path.suffix == ".npz":
        np.savez_compressed(path, x=np.zeros((rows, 20)), y=np.arange(rows))
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8") as file:
            file.write(HEAD)
            words = "many words, " * 20
            file.writelines(f'{row},{row / 7:.5f},"{words}{row % 97}"\n' for row in range(rows))
    elif path.suffix == ".jsonl":
        with path.open("w", encoding="utf-8") as file:
            file.writelines(
                f'{{"number":{row},"word":"word {row % 97} and more"}}\n' for row in range(rows)
            )
    else:
        import pyarrow as pa
        import pyarrow.feather
        import pyarrow.parquet as pq

        words = pa.array([f"word {row} and more" for row in range(100_000)])
        part = pa.table({"number": pa.array(range(100_000)), "word": words})
        table = pa.concat_tables([part] * (rows // 100_000))
        if path.suffix == ".parquet":
            pq.write_table(table, path, row_group_size=100_000)
        else:
            pa.feather.write_feather(table, str(path), chunksize=50_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "rows"),
    [("csv", 150_000), ("npz", 300_000), ("jsonl", 300_000), ("parquet", 300_000),
     ("feather", 300_000)],
)  # fmt: skip
def test_eight_times_the_rows_take_hardly_more_memory(kind, rows, tmp_path):
    """What is read grows by hundreds of MiB; a few blocks of it are held, and pools are lazy."""
    peaks = {}
    for many in (rows, 8 * rows):
        path = tmp_path / f"{many}.{kind}"
        write(path, many)
        counted, peaks[many] = peak(path)
        assert counted == many
    assert peaks[8 * rows] < peaks[rows] + 64
