"""The same table gives the same encoded rows, from wherever and in whatever form it comes."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import threading
import zipfile
from datetime import date, timedelta
from pathlib import Path

import datasets
import numpy as np
import pandas
import polars
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from engine.check.report import check
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.policy import CacheSettings
from engine.data.cache.reader import cached_entry
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.starter.starter_graph import build_starter_project
from engine.data.table.column_types import concat_columns
from engine.data.writers.table import write_table
from engine.functional.frames import frame_columns
from tests.engine.data.readers.sources.postgres import PASSWORD, postgres_server
from tests.engine.data.readers.sources.web import serve

ROOT = Path(__file__).parents[4]
ROWS = 60
TABLE = pa.table(
    {
        "word": [("red", "green", "blue")[row % 3] for row in range(ROWS)],
        "size": [row * row % 37 for row in range(ROWS)],
        "weight": [None if row == 7 else row % 11 / 4 for row in range(ROWS)],
        "day": [date(2024, 1, 1) + timedelta(row * 3) for row in range(ROWS)],
        "price": [row % 13 / 8 + 0.5 for row in range(ROWS)],
    }
)


def csv_bytes(table=TABLE, delimiter=","):
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return "".join(f"{delimiter.join(row)}\n" for row in [table.column_names, *cells]).encode()


def records(table=TABLE):
    return [{**row, "day": row["day"].isoformat()} for row in table.to_pylist()]


def zstd(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def workbook(folder):
    from openpyxl import Workbook

    book = Workbook()
    for row in (TABLE.column_names, *zip(*(x.to_pylist() for x in TABLE.columns), strict=True)):
        book.active.append(row)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def other_workbook(path, engine):
    frame = TABLE.to_pandas()
    if engine:
        frame.to_excel(path, index=False, engine=engine)
        return path
    import xlwt

    book = xlwt.Workbook()
    sheet, as_date = book.add_sheet("posts"), xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, name in enumerate(TABLE.column_names):
        for row, cell in enumerate([name, *TABLE[name].to_pylist()]):
            style = (as_date,) if isinstance(cell, date) else ()
            sheet.write(row, at, cell, *style)
    book.save(path)
    return path


def archive(folder, members):
    with zipfile.ZipFile(folder / "t.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return folder / "t.zip"


def hive(folder):
    """Write a folder for each word; within one, the rows of `TABLE` keep their order."""
    for word in ("blue", "green", "red"):
        part = folder / f"word={word}" / "part-0.parquet"
        part.parent.mkdir()
        rows = np.array(TABLE["word"].to_pylist()) == word
        pq.write_table(TABLE.filter(pa.array(rows)).drop_columns("word"), part)
    return folder


def pipe(folder):
    os.mkfifo(folder / "pipe")
    threading.Thread(target=(folder / "pipe").write_bytes, args=(csv_bytes(),)).start()
    return folder / "pipe"


def frame(folder, kind):
    made = {
        "pandas": lambda: pandas.DataFrame(TABLE.to_pydict()),
        "polars": lambda: polars.from_arrow(TABLE),
        "datasets": lambda: datasets.Dataset(TABLE),
        "pyarrow": lambda: TABLE,
    }[kind]()
    write_table(folder / "t.parquet", frame_columns(made, TABLE.column_names))
    return folder / "t.parquet"


def put(name, data):
    def write(folder):
        (folder / name).write_bytes(data)
        return folder / name

    return write


def sqlite(folder):
    from adbc_driver_sqlite.dbapi import connect

    with connect(str(folder / "t.db")) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("posts", TABLE.set_column(3, "day", TABLE["day"].cast(pa.string())))
        connection.commit()
    return folder / "t.db"


def duck(folder):
    import duckdb

    with duckdb.connect(folder / "t.duckdb") as connection:
        connection.register("given", TABLE)
        connection.execute("create table posts as select * from given")
    return folder / "t.duckdb#posts"


SOURCES = {
    "csv": put("t.csv", csv_bytes()),
    "txt": put("t.txt", csv_bytes(delimiter="\t")),
    "csv.gz": put("t.csv.gz", gzip.compress(csv_bytes())),
    "csv.bz2": put("t.csv.bz2", bz2.compress(csv_bytes())),
    "csv.xz": put("t.csv.xz", lzma.compress(csv_bytes())),
    "csv.zst": put("t.csv.zst", zstd(csv_bytes())),
    "json": put("t.json", json.dumps(records(), indent=1).encode()),
    "object": put("t.json", json.dumps({"count": ROWS, "rows": records()}).encode()),
    "lines": put("t.json", "\n".join(map(json.dumps, records())).encode()),
    "json.gz": put("t.json.gz", gzip.compress(json.dumps(records()).encode())),
    "zip": lambda folder: archive(folder, {"a/README.txt": b"hi", "a/t.csv": csv_bytes()}),
    "zip of json": lambda folder: archive(folder, {"t.json": json.dumps(records()).encode()}),
    "zip of shards": lambda folder: archive(
        folder, {"b.csv": csv_bytes(TABLE[40:]), "a.csv": csv_bytes(TABLE[:40])}
    ),
    "parquet": lambda folder: pq.write_table(TABLE, folder / "t.parquet") or folder,
    "arrow": lambda folder: feather.write_feather(TABLE, str(folder / "t.arrow")) or folder,
    "file://": lambda folder: Path(f"file://{put('t.csv', csv_bytes())(folder)}"),
    "xlsx": workbook,
    "xls": lambda folder: other_workbook(folder / "t.xls", None),
    "ods": lambda folder: other_workbook(folder / "t.ods", "odf"),
    "pipe": pipe,
    "hive": hive,
    "sqlite": sqlite,
    "duckdb": duck,
    **{kind: lambda folder, kind=kind: frame(folder, kind) for kind in
       ("pandas", "polars", "datasets", "pyarrow")},
}  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Return the report of a project for `TABLE`, and the digest of the rows as a CSV file."""
    table = open_table(SOURCES["csv"](tmp_path_factory.mktemp("csv")))
    report = check(build_starter_project(table, ["price"]).project)
    read = [name for source in report.mapping.inputs.values() for name in source.column_names]
    assert {*read} == {"word", "size", "weight", "day"}
    return report, encode_for_graph(report, table).digest()


def in_order(table):
    """Return the rows in the order of `TABLE`; the folders of Hive are in the order of names."""
    words = np.array(TABLE["word"].to_pylist())
    if [str(word) for word in table.columns["word"]] == [*words]:
        return table
    return table.take(np.argsort(np.argsort(words, kind="stable")))


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_rows(source, tmp_path, reference):
    report, digest = reference
    path = SOURCES[source](tmp_path)
    table = open_table(path)
    assert encode_for_graph(report, in_order(table)).digest() == digest
    parts = list(read_table_chunks(path, chunk_rows=7))
    for name, column in table.columns.items():
        streamed = concat_columns([part.columns[name] for part in parts])
        assert [*map(str, streamed)] == [*map(str, column)]


def test_postgresql_gives_the_same_rows(reference, monkeypatch, tmp_path):
    from adbc_driver_postgresql.dbapi import connect

    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    report, digest = reference
    with postgres_server() as url:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("posts", TABLE)
            cursor.execute("alter table posts alter column weight type numeric")
            connection.commit()
        for part in ("posts", "select price, day, weight, size, word from posts"):
            assert encode_for_graph(report, open_table(f"{url}#{part}")).digest() == digest


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_thousand_shards_are_one_table(kind, tmp_path):
    """Byte for byte, whether the rows are encoded in memory, in the cache, or streamed."""
    table = pa.concat_tables([TABLE] * 50)
    for name, step in (("one", 3000), ("many", 3)):
        (tmp_path / name).mkdir()
        for start in range(0, 3000, step):
            rows, file = table.slice(start, step), tmp_path / name / f"part-{start:04}.{kind}"
            if kind == "parquet":
                pq.write_table(rows, file)
            else:
                file.write_bytes(csv_bytes(rows))
    assert len(list((tmp_path / "many").iterdir())) == 1000
    report = check(build_starter_project(open_table(tmp_path / "one"), ["price"]).project)

    def digests(path):
        yield encode_for_graph(report, open_table(path)).digest()
        for streamed in (False, True):
            caching = CacheSettings(True, stream=streamed, folder=tmp_path / "cache")
            yield cached_entry(path, CacheRequest(report, "float32"), caching).digest

    assert [*digests(tmp_path / "one")] == [*digests(tmp_path / "many")]


def test_a_url_gives_the_same_rows(tmp_path, monkeypatch, reference):
    report, digest = reference
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(csv_bytes()))
    with serve(tmp_path) as server:
        for path in (f"{server.url}/t.csv.gz", Path(f"{server.url}/t.csv.gz")):
            assert encode_for_graph(report, open_table(path)).digest() == digest


@pytest.mark.parametrize("content", ["csv", "json", "csv.gz", "csv.zst", "lines", "zip", "parquet"])
def test_stdin_gives_the_same_rows(content, tmp_path):
    """The format is detected from the content."""
    file = SOURCES[content](tmp_path)
    data = (next(file.iterdir()) if file.is_dir() else file).read_bytes()
    for name in ("-", "/dev/stdin"):
        words = [sys.executable, "-m", "engine", "data", name, "--json"]
        done = subprocess.run(words, input=data, capture_output=True, cwd=ROOT, check=True)
        found = json.loads(done.stdout)
        assert found["rows"] == ROWS
        assert {column["name"] for column in found["columns"]} == {*TABLE.column_names}
