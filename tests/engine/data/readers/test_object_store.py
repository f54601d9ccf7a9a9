"""Shards in an object store are read as local ones; a server of S3's protocol stands in for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.cache.table_head import read_table_head
from engine.data.readers.binary import probe
from engine.data.readers.shards import find_shards, footer_row_count
from engine.data.readers.table_file import open_table, read_table_chunks
from tests.engine.data.readers.test_shards import LENGTHS, TABLE, csv_text, parts

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Start a server, and set the environment by which clients find it."""
    from pyarrow.fs import LocalFileSystem, S3FileSystem, copy_files

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    given = {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("shards")
    for index, part in enumerate(parts()):
        pq.write_table(part, folder / f"part-{index}.parquet")
        (folder / f"part-{index}.csv").write_bytes(csv_text(part))
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        try:
            for name, value in given.items():
                patch.setenv(name, value)
            while server.poll() is None:
                with socket.socket() as client:
                    if not client.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            system = S3FileSystem(
                endpoint_override=given["AWS_ENDPOINT_URL"], allow_bucket_creation=True
            )
            system.create_dir("bucket")
            for file in folder.iterdir():
                key = f"bucket/{file.suffix[1:]}/{file.name}"
                copy_files(str(file), key, LocalFileSystem(), system)
            yield system
        finally:
            server.kill()
            server.wait()


@pytest.mark.parametrize(
    "url", ["s3://bucket/parquet", "s3://bucket/parquet/part-*", "s3://bucket/csv/*.csv"]
)
def test_objects_are_one_table(store, url):
    path = Path(url)
    table = open_table(path)
    assert [str(cell) for cell in table.columns["word"]] == TABLE["word"].to_pylist()
    assert [c.row_count for c in read_table_chunks(path, ["x"], 16)] == [16, 4, 16, 14]
    assert {shard.name[:5] for shard in find_shards(path)} == {"s3://"}


@pytest.mark.parametrize("url", ["s3://bucket/hive", "s3://bucket/hive/year=*/*.parquet"])
def test_folders_of_hive_and_patterns_of_folders_are_read(store, url):
    for year in (2024, 2025):
        with store.open_output_stream(f"bucket/hive/year={year}/part-0.parquet") as file:
            pq.write_table(TABLE.slice(0, year % 2 + 1), file)
    assert open_table(Path(url)).columns["year"].to_pylist() == ["2024", "2025", "2025"]


def test_footers_are_read_without_the_objects(store):
    assert footer_row_count(find_shards(Path("s3://bucket/parquet"))) == sum(LENGTHS)


def test_objects_that_were_read_are_not_probed_again(store, monkeypatch):
    def write(rows):
        with store.open_output_stream("bucket/known/a.parquet") as file:
            pq.write_table(TABLE.slice(0, rows), file)

    write(50)
    head = read_table_head(Path("s3://bucket/known"), None)
    assert sum(chunk.row_count for _, chunk in head.chunks(["x"])) == 50
    monkeypatch.setattr(probe.subprocess, "Popen", None)
    assert sum(chunk.row_count for _, chunk in head.chunks(["word"])) == 50
    write(40)
    with pytest.raises(DiagnosticError, match=r"known/a\.parquet changed while it was read"):
        list(head.chunks(["x"]))


def test_a_damaged_object_is_named_by_its_url(store):
    with store.open_output_stream("bucket/damaged/a.parquet") as file:
        file.write(b"PAR1 no")
    with pytest.raises(DiagnosticError) as error:
        open_table(Path("s3://bucket/damaged"))
    assert error.value.diagnostics[0].place == "s3://bucket/damaged/a.parquet"


def test_what_is_not_there_is_said(store):
    for url in ("s3://bucket/none", "s3://bucket/parquet/*.csv", "s3://none/at-all"):
        with pytest.raises(DiagnosticError) as error:
            open_table(Path(url))
        assert (error.value.diagnostics[0].code, url in str(error.value)) == (
            "data-not-found",
            True,
        )


def test_a_store_that_does_not_answer_is_a_diagnostic(store):
    with pytest.raises(DiagnosticError) as error:
        open_table(Path("s3://bucket/a?endpoint_override=http://127.0.0.1:9"))
    assert error.value.diagnostics[0].code == "data-unreadable"
    assert "http://127.0.0.1:9" in error.value.diagnostics[0].place


def test_a_run_is_streamed_from_the_store_and_evaluated(store, tmp_path):
    url = "s3://bucket/parquet/*.parquet"

    def engine(*words):
        environment = {**os.environ, "LAYERLOOM_CACHE": str(tmp_path / "cache")}
        return subprocess.run(
            [sys.executable, "-m", "engine", *words], cwd=ROOT, env=environment, text=True,
            capture_output=True, check=True,
        )  # fmt: skip

    graph, run = tmp_path / "n.loom.json", tmp_path / "run"
    engine("new", "--from", url, "--target", "x", str(graph))
    engine("train", str(graph), "--data", url, "--stream", "--epochs", "1", "--run", str(run))
    record = json.loads((run / "run.json").read_text())
    assert (record["paths"]["data"], record["stream"]) == (url, True)
    assert url in engine("evaluate", str(run), "--split", "validation").stdout
    engine("predict", str(run), "--data", url, "--out", str(tmp_path / "p.csv"))
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 51
