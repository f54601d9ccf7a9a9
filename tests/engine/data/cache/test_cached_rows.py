"""Rows from the cache are the rows in memory, bit for bit, for each encoding."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from engine.check.report import check
from engine.data.cache import table_head
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from tests.engine.runtime.small import node, project

ROWS = 90


def encode(kind, **params):
    return {"encode": {"kind": kind, "params": params}}


def scaled(scale, fill):
    return {"column": "number", **encode("number", scale=scale, fill=fill)}


FLOATS = {
    "standardized": ([1], scaled("standardize", "mean")),
    "between_0_and_1": ([1], scaled("minmax", "zero")),
    "quartiles": ([1], scaled("robust", "median")),
    "ranks": ([1], scaled("quantile", "mean")),
    "logarithm": ([1], scaled("log", "mean")),
    "several_columns": ([5], {"columns": ["number", "city", "width"], "encode": [
        {"kind": "number", "params": {"fill": "median"}}, None, None]}),
    "several_numbers_a_row": ([3], {"column": "vector", "scale": "standardize"}),
    "labels": ([3], {"column": "city"}),
    "rare_labels": ([3], {"column": "rare", **encode("category", rare=5)}),
    "one_of_two": ([1], {"column": "yes", **encode("boolean")}),
    "several_labels": ([3], {"column": "tags", **encode("multilabel")}),
    "dates": ([4], {"column": "day", **encode("date", parts=["year", "month", "days"])}),
    "images": ([4, 4, 1], {"column": "image", **encode("image", size=[4, 4], channels=1)}),
}  # fmt: skip
IDS = {
    "ids_of_labels": ([], {"column": "city"}),
    "words": ([6], {"column": "story", **encode("text", vocabulary=8, length=6)}),
    "the_longest_rows_words": ([None], {"column": "story", **encode("text")}),
    "characters": ([9], {"column": "story", **encode("text", unit="character", length=9)}),
    "pieces": ([6], {"column": "story", **encode("text", unit="bpe", vocabulary=300, length=6)}),
    "lists_of_ids": ([4], {"column": "list", **encode("ids", length=4)}),
}  # fmt: skip


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 900)  # a few rows
    rng = np.random.default_rng(2)
    for number in range(3):
        pixels = rng.integers(0, 256, (4, 4), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    words = [f"word{number}" for number in range(12)]
    with (tmp_path / "t.jsonl").open("w") as file:
        for row in range(ROWS):
            print(json.dumps({
                "number": None if row % 7 == 3 else round(abs(rng.normal(5, 2)), 3),
                "width": int(rng.integers(9)),
                "vector": rng.normal(size=3).round(3).tolist(),
                "city": "abc"[row % 3],
                "rare": "ab"[row % 2] if row % 30 else f"only {row}",
                "yes": ["no", "yes"][row % 2],
                "tags": "|".join({"red", "big", "old"} - {["red", "big", "old"][row % 3]}),
                "day": f"{2000 + row % 20}-0{1 + row % 9}-17",
                "image": f"{row % 3}.png",
                "story": " ".join(rng.choice(words, row % 7 + 1)),
                "list": rng.integers(1, 9, row % 4 + 1).tolist(),
                "y": rng.normal(),
                "kind": [None, "u", "v"][row % 3],
            }), file=file)  # fmt: skip
    return tmp_path / "t.jsonl"


def report(cases, **output):
    """Return the check of a network with an Input for each case."""
    nodes, sources, flat = [], {}, []
    for case in cases:
        shape, sources[case] = (FLOATS | IDS)[case]
        nodes.append(node(case, "Input", shape=shape, dtype="int32" if case in IDS else "float32"))
        if case in IDS:
            nodes.append(node(f"{case}_e", "Embedding", case, input_dim=400, output_dim=2))
        pool = "GlobalAveragePooling1D" if shape == [None] else "Flatten"
        nodes.append(node(f"{case}_flat", pool, nodes[-1]["name"]))
        flat.append(f"{case}_flat")
    return check(project(
        *nodes,
        node("all", "Concatenate", {"xs": [*flat, flat[0]]}),
        node("d", "Dense", "all", units=1, activation="sigmoid"),
        node("y", "Output", "d", **{"loss": "mse"} | output),
        data={"inputs": sources, "targets": {"y": {"column": "kind" if output else "y"}}},
        validation_split=0.25,
    ))  # fmt: skip


def agree(checked, path, folder):
    made = [
        prepare_data(checked, path, None, caching=CacheSettings(use, folder / "cache"))
        for use in (True, False)
    ]
    assert [each.train.memmap is not None for each in made] == [True, False]
    cached, memory = made
    assert cached.fitted == memory.fitted
    for one, two in ((cached.train, memory.train), (cached.validation, memory.validation)):
        everything = one.memmap.take(slice(None))
        for group in ("inputs", "targets", "masks", "weights"):
            arrays = getattr(two, group)
            assert everything[group].keys() == arrays.keys()
            for port, array in arrays.items():
                for given in (everything[group][port], getattr(one, group)[port][:]):
                    assert given.dtype == array.dtype
                    np.testing.assert_array_equal(given, array, err_msg=port)
    assert cached.digest == memory.digest
    return cached


def test_inputs_are_encoded_as_in_memory(table, tmp_path):
    checked = report([*FLOATS, *IDS])
    assert not checked.errors, "\n".join(map(str, checked.errors))
    agree(checked, table, tmp_path)


def test_a_target_that_is_masked_and_balanced_is_encoded_as_in_memory(table, tmp_path):
    balanced = {"missing": "mask", "class_weight": "balanced"}
    agree(report(["standardized"], loss="binary_crossentropy", **balanced), table, tmp_path)


def test_an_image_that_changes_is_read_again(table, tmp_path):
    checked = report(["images"])
    first = agree(checked, table, tmp_path)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "1.png")
    assert agree(checked, table, tmp_path).digest != first.digest


def test_a_folder_of_images_is_cached_and_notices_a_new_one(tmp_path):
    place, checked = tmp_path / "images", check(project(
        node("x", "Input", shape=[4, 4, 1]),
        node("flat", "Flatten", "x"),
        node("d", "Dense", "flat", units=2, activation="softmax"),
        node("y", "Output", "d", loss="sparse_categorical_crossentropy"),
        data={"inputs": {"x": {"column": "image"}}, "targets": {"y": {"column": "label"}}},
    ))  # fmt: skip
    for label in "ab":
        os.makedirs(place / "train" / label)
        for number in range(9):
            pixels = np.full((4, 4), number * 9, np.uint8)
            Image.fromarray(pixels).save(place / "train" / label / f"{number}.png")
    first = agree(checked, place, tmp_path)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(place / "train" / "b" / "new.png")
    assert agree(checked, place, tmp_path).digest != first.digest
