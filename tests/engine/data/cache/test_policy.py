"""Rows are cached where reading them in memory would take too much of it, and nowhere else."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from PIL import Image

from engine.core.tensor_spec import TensorSpec
from engine.data.cache import policy
from engine.data.cache.policy import CacheSettings, needs_cache

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
        for number in range(10):
            Image.new("L", (4, 4)).save(tmp_path / kind / f"{number}.png")
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


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 no archive"])
def test_what_can_not_be_read_is_told_by_its_reader(tmp_path, content):
    place = tmp_path / "t.npz"
    if content:
        place.write_bytes(content)
    assert not needs_cache(place, None, NARROW)
