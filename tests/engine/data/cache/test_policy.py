"""Rows are cached where reading them in memory would take too much of it, and nowhere else."""

from __future__ import annotations

import gzip
import io
import re

import numpy as np
import pytest
from PIL import Image

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.cache import policy
from engine.data.cache.policy import CacheSettings, needs_cache
from engine.data.cache.table_head import read_table_head
from engine.data.prepared_data import check_data, prepare_data
from engine.data.readers import table_file
from tests.reliability.tables import number

WIDE, NARROW = {"x": TensorSpec((64, 64, 3))}, {"x": TensorSpec((2,))}


def free(monkeypatch, size):
    monkeypatch.setattr(policy, "available_memory", lambda: size)


@pytest.mark.parametrize("kind", ["t.csv", "t.csv.gz", "t.npz", "folder"])
def test_a_table_that_would_fill_half_of_memory_is_cached(tmp_path, monkeypatch, kind):
    place = tmp_path / kind
    text = b"x,y\n" + b"1.25,2.5\n" * 20_000
    if kind == "folder":
        place.mkdir()
        np.save(place / "x.npy", np.zeros(45_000, "f4"))
    elif kind == "t.npz":
        np.savez_compressed(place, x=np.zeros(45_000, "f4"))
    else:
        place.write_bytes(gzip.compress(text) if kind.endswith("gz") else text)
    size = 180_000
    free(monkeypatch, 24 * size)
    assert not needs_cache(place, None, NARROW)
    free(monkeypatch, 5 * size)
    assert needs_cache(place, None, NARROW)


def test_it_is_the_encoded_rows_that_count_where_they_are_larger(tmp_path, monkeypatch):
    place = tmp_path / "t.csv"
    place.write_text("x\n" + "pictures/one.png\n" * 1_000)
    free(monkeypatch, 10**8)
    assert not needs_cache(place, None, NARROW)
    assert needs_cache(place, None, WIDE)


def test_a_folder_of_pictures_counts_by_their_number(tmp_path, monkeypatch):
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for image in range(10):
            Image.new("L", (4, 4)).save(tmp_path / kind / f"{image}.png")
    free(monkeypatch, 10**8)
    assert not needs_cache(tmp_path, None, WIDE)
    free(monkeypatch, 10**6)
    assert needs_cache(tmp_path, None, WIDE)


def test_what_a_person_says_counts_more(tmp_path, monkeypatch):
    place = tmp_path / "t.csv"
    place.write_text("x\n1\n")
    assert CacheSettings(True).should_cache(place, None, NARROW)
    free(monkeypatch, 0)
    assert CacheSettings().should_cache(place, None, NARROW)
    assert not CacheSettings(False).should_cache(place, None, NARROW)


def test_the_files_of_a_table_are_listed_once(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n")
    monkeypatch.setattr(table_file, "find_shards", None)
    assert read_table_head(tmp_path, None).table.row_count == 1


def archive(version=20, size=None):
    """Return an archive of two arrays, of which its directory may tell something else."""
    file = io.BytesIO()
    np.savez_compressed(file, x=np.arange(20.0), y=np.arange(20.0))
    data = bytearray(file.getvalue())
    for entry in (found.start() for found in re.finditer(b"PK\x01\x02", data)):
        data[entry + 6] = version
        if size:
            data[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 no archive", archive(version=247)])
def test_what_can_not_be_read_is_told_by_its_reader(tmp_path, content):
    place = tmp_path / "t.npz"
    if content:
        place.write_bytes(content)
        assert not needs_cache(place, None, NARROW)
    (found,) = check_data(check(number(), available=1 << 30), place)
    assert found.code == ("data-format" if content else "data-not-found")


@pytest.mark.parametrize("use", [None, True, False])
def test_an_archive_that_unpacks_to_gigabytes_of_equal_values_is_refused(tmp_path, use):
    """A check refuses it as `engine data` does; its rows' numbers alone would fill the memory."""
    place = tmp_path / "t.npz"
    place.write_bytes(archive(size=3_200_000_000))
    caching = CacheSettings(use, tmp_path / "cache")
    with pytest.raises(DiagnosticError) as refused:
        prepare_data(check(number(), available=1 << 30), place, None, caching=caching)
    (found,) = refused.value.diagnostics
    assert (found.code, found.expected) == ("data-too-large", "at most 4.0 GiB")
