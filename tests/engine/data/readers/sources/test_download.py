"""Downloads are kept, checked for changes and limited; credentials are nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.urls import absolute_text, path_text
from engine.data.readers.shards import find_shards
from engine.data.readers.sources import download
from engine.data.readers.table_file import open_table
from tests.engine.data.readers.sources.web import serve

ROOT = Path(__file__).parents[5]


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "www").mkdir()
    with serve(tmp_path / "www") as running:
        yield running


@pytest.fixture
def www(tmp_path, server):
    return tmp_path / "www"


def refusal(url):
    with pytest.raises(DiagnosticError) as error:
        open_table(Path(url))
    (found,) = error.value.diagnostics
    assert found.fixes
    assert url.partition("?")[0].rpartition("@")[2] in str(error.value)
    return found


def test_a_url_is_downloaded_once_in_a_process(server, www):
    url = f"{server.url}/t.csv"
    (www / "t.csv").write_text("a,b\n1,x\n")
    (first,) = find_shards(Path(url))
    assert open_table(url).row_count == open_table(Path(url)).row_count == 1
    assert server.answers == [200]
    download.downloaded.cache_clear()
    (again,) = find_shards(Path(url))
    assert (first.name, first.modified) == (again.name, again.modified)
    download.downloaded.cache_clear()
    (www / "t.csv").write_text("a,b\n2,x\n")
    assert find_shards(Path(url))[0].modified != first.modified


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("none.csv", None, "404 File not found"),
        ("page", b"<!DOCTYPE html><html>", "a web page"),
        ("cut.csv", b"a,b\n1,2\n", "8 of 1,000 bytes"),
    ],
)
def test_what_is_no_table_is_not_kept(server, www, name, data, found):
    if data:
        (www / name).write_bytes(data)
    assert (refusal(f"{server.url}/{name}").code, refusal(f"{server.url}/{name}").found) == (
        "data-url",
        found,
    )


def test_a_server_that_is_not_there_is_a_diagnostic():
    assert "refused" in refusal("http://127.0.0.1:9/t.csv").found


def test_a_large_file_is_refused_before_it_is_read(server, www, monkeypatch):
    monkeypatch.setattr(download, "MAX_DOWNLOAD_BYTES", 5)
    (www / "t.csv").write_text("a,b\n1,x\n")
    assert refusal(f"{server.url}/t.csv").code == "data-too-large"


def test_the_format_is_detected_if_the_url_does_not_name_it(server, www):
    (www / "raw").write_text('[{"a": 1}, {"a": 2}]')
    assert open_table(f"{server.url}/raw?format=json").columns["a"].tolist() == [1, 2]


def test_a_line_of_a_download_is_named_without_its_copy(server, www):
    (www / "t.csv").write_text("a,b\n")
    (www / "bad.csv").write_text("a,b\n1\n")
    with pytest.raises(DiagnosticError, match='line 2 of "bad.csv"'):
        open_table(Path(f"{server.url}/bad.csv"))


SECRETS = [
    "http://user:pass123@{}/t.csv",
    "http://pass123@{}/t.csv",
    "http://{}/t.csv?access_token=pass123&a=1",
    "http://{}/t.csv?X-Amz-Signature=pass123",
    "http://{}/t.csv?sig=pass123",
    "s3://bucket/a?secret_key=pass123",
]


@pytest.mark.parametrize("url", SECRETS)
def test_credentials_are_refused_and_shown_nowhere(url, server, tmp_path):
    url = url.format(server.url.removeprefix("http://"))
    assert "pass123" not in path_text(Path(url)) + absolute_text(Path(url))
    assert refusal(url).code == "data-url"
    for words in (["new", "--from", url, "--target", "b", "n.loom.json"], ["data", url]):
        command = [sys.executable, "-m", "engine", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert "data-url" in done.stderr
        assert "pass123" not in done.stdout + done.stderr
    assert not server.answers
    assert not any(b"pass123" in f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())


def test_a_url_with_a_harmless_query_has_no_credentials():
    assert path_text(Path("https://host/t.csv?design=1&monkey=2")).endswith("design=1&monkey=2")
