"""Databases are read like files; they are never written, and passwords are stored nowhere."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi

from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.urls import absolute_text, path_text
from engine.data.readers.shards import find_shards
from engine.data.readers.sources import database
from engine.data.readers.table_file import open_table
from tests.engine.data.readers.sources.postgres import PASSWORD, postgres_server

ROOT = Path(__file__).parents[5]
TABLE = pa.table({"x": [row % 9 for row in range(40)], "y": [row % 9 / 2 for row in range(40)]})


@pytest.fixture(scope="module")
def url():
    with postgres_server() as running:
        with dbapi.connect(with_password(running)) as connection:
            with connection.cursor() as cursor:
                cursor.adbc_ingest("posts", TABLE)
                cursor.execute("create schema old")
                cursor.execute("create table old.posts as select 1 as z")
            connection.commit()
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    database._result.cache_clear()
    return tmp_path / "cache"


@pytest.fixture
def file(tmp_path):
    return make(tmp_path / "shop.db", "create table posts (x int); insert into posts values (1)")


def make(path, script):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def with_password(url, password=PASSWORD):
    return url.replace("@", f":{password}@")


def refusal(path):
    with pytest.raises(DiagnosticError) as error:
        open_table(Path(path))
    (found,) = error.value.diagnostics
    assert found.fixes
    return found


def test_a_table_is_named_and_the_only_one_need_not_be(file):
    for name in (file, f"{file}#posts", f"{file}#select x from posts where x < 2 -- a/b"):
        assert open_table(name).columns["x"].tolist() == [1]
    make(file, "create table users (x int)")
    database._result.cache_clear()
    assert refusal(file).found == "tables: posts, users"
    assert open_table(f"{file}#users").row_count == 0


@pytest.mark.parametrize("name", ["my posts", "posts.2024", 'the ""best"" posts'])
def test_the_only_table_may_have_any_name(tmp_path, name):
    file = make(tmp_path / "shop.db", f'create table "{name}" (x int)')
    assert list(open_table(file).columns) == ["x"]


def test_two_columns_of_a_query_with_one_name_are_refused(file):
    assert refusal(f"{file}#select x, x as x from posts").code == "column-names"


def test_the_password_may_come_from_the_environment(url, monkeypatch):
    assert "no password" in refusal(f"{url}#posts").found
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert open_table(f"{url}#posts").columns["x"].tolist() == TABLE["x"].to_pylist()
    assert open_table(f"{url}#old.posts").columns["z"].tolist() == [1]
    assert open_table(f"{url}?application_name=a#select 1 as one").columns["one"].tolist() == [1]


TYPES = """select 1::int2 as a, 1.25::numeric as b, true as c, date '2024-02-29' as d, 'x' as e,
timestamptz '2024-01-01 12:00+02' as f, '{"k": 1}'::json as g, array[1, 2] as h, null::float8 as i
union all select null, null, null, null, null, null, null, null, null"""


def test_types_of_postgresql_are_those_of_files(url):
    columns = open_table(f"{with_password(url)}#{TYPES}").columns
    assert [str(column[0]) for column in columns.values()] == [
        "1.0", "1.25", "1.0", "2024-02-29T00:00:00.000000", "x", "2024-01-01T10:00:00.000000",
        '{"k": 1}', "[1, 2]", "nan",
    ]  # fmt: skip
    assert refusal(f"{with_password(url)}#select interval '1 day' as x").code == "array-dtype"


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("none", 'relation "none" does not exist'),
        ("selec x from posts", "syntax error"),
        ("drop table posts", "read-only transaction"),
        ("insert into posts values (1) returning x", "read-only transaction"),
        ("set work_mem = 65536", "a statement that returns no rows"),
        ("", "tables: posts, posts"),
    ],
)
def test_a_wrong_query_is_one_diagnostic(url, part, found):
    refused = refusal(f"{with_password(url)}#{part}")
    assert refused.code == "data-query"
    assert found in refused.found
    assert PASSWORD not in str(refused)


@pytest.mark.parametrize("part", ["none", "drop table posts", "create temp table t (x int)"])
def test_files_are_not_written_either(file, part):
    before = file.read_bytes()
    assert refusal(f"{file}#{part}").code == "data-query"
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda url: with_password(url, "wrong1"), "password authentication failed"),
        (lambda url: "postgresql://ada:wrong1@127.0.0.1:9/x", "Connection refused"),
        (lambda url: "postgresql://ada:wrong1@[::1/x", "end of string"),
        (lambda url: f"{url}?password=wrong1", "a user name, a password or a key"),
    ],
)
def test_a_server_that_does_not_let_in_is_one_diagnostic(url, change, found):
    refused = refusal(f"{change(url)}#posts")
    assert refused.code == "data-url"
    assert found in refused.found
    assert "wrong1" not in str(refused.to_dict())


def test_a_missing_driver_is_named_with_what_to_type(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "adbc_driver_sqlite.dbapi", None)
    refused = refusal(f"{file}#posts")
    assert refused.code == "package-missing"
    assert 'pip install "layerloom[sql]"' in refused.fixes[0].text


def test_a_file_that_is_no_database_is_a_diagnostic(tmp_path):
    for name in ("a.db", "a.duckdb"):
        (tmp_path / name).write_text("hello" * 1000)
        assert refusal(tmp_path / name).code in ("data-query", "data-url")


def test_the_same_rows_are_found_again_in_the_cache(file):
    def stamp():
        database._result.cache_clear()
        (shard,) = find_shards(Path(f"{file}#posts"))
        return shard.name, shard.size, shard.modified

    first = stamp()
    assert first == stamp()
    make(file, "update posts set x = 2")
    assert first[:2] == stamp()[:2]
    assert first != stamp()


@pytest.mark.parametrize("password", [PASSWORD, "p@ss#w/1"])
def test_a_path_is_recorded_without_its_password(password):
    url = "postgresql://h:5/db#select a from t where b = 'x@y' and key=3 -- a/b"
    assert path_text(Path(url)) == absolute_text(Path(url)) == url
    with_user = url.replace("//h", "//ada@h")
    assert path_text(Path(with_password(with_user, password))).startswith("postgresql://ada@h:5/db")


def test_a_run_stores_the_query_and_no_password(url, tmp_path):
    data = f"{with_password(url)}#select x, y from posts order by x, y"

    def engine(*words, **variables):
        return subprocess.run(
            [sys.executable, "-m", "engine", *words], cwd=ROOT, text=True, capture_output=True,
            env={**os.environ, **variables},
        )  # fmt: skip

    graph, run = tmp_path / "n.loom.json", tmp_path / "run"
    done = [
        engine("new", "--from", data, "--target", "y", str(graph)),
        engine("train", str(graph), "--data", data, "--epochs", "1", "--run", str(run)),
        engine("evaluate", str(run), "--split", "validation", PGPASSWORD=PASSWORD),
    ]
    for each in done:
        assert each.returncode == 0, each.stderr
        assert PASSWORD not in each.stdout + each.stderr
    record = json.loads((run / "run.json").read_text())
    assert record["paths"]["data"] == data.replace(f":{PASSWORD}", "")
    assert "postgres" not in graph.read_text()
    files = [found for found in tmp_path.rglob("*") if found.is_file()]
    assert not [found for found in files if PASSWORD.encode() in found.read_bytes()]
