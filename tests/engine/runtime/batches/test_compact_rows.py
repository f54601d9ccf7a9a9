"""What a feed holds in bytes is handed out as the very numbers that came in."""

import weakref

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.data.prepared_data import prepare_data
from engine.runtime.batches.compact_rows import compact_rows
from engine.runtime.training.builder import build_training
from tests.engine.runtime.small import node, project

LARGE = (3000, 100)
CPU = torch.device("cpu")


def whole(dtype="float32"):
    return np.random.default_rng(0).integers(0, 256, LARGE).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whole_numbers_up_to_255_take_a_byte_each(dtype):
    array = whole(dtype)
    held = compact_rows(array, getattr(torch, dtype), compact=True)
    assert held.tensor.nbytes == array.size
    for rows in (slice(3, 50), torch.tensor([2999, 0, 7, 7])):
        found = held.take(rows, CPU)
        assert found.dtype == getattr(torch, dtype)
        assert np.array_equal(
            found.numpy(), array[rows if isinstance(rows, slice) else rows.numpy()]
        )


@pytest.mark.parametrize("odd", [0.5, -1.0, 256.0, np.nan, np.inf, -np.inf, -0.0, 1e-30, 3e9])
@pytest.mark.parametrize("place", [0, -1])
def test_one_number_that_does_not_fit_keeps_all_as_they_are(odd, place):
    array = whole()
    array.reshape(-1)[place] = odd
    held = compact_rows(array, torch.float32, compact=True)
    assert held.tensor.dtype == torch.float32
    assert held.tensor.numpy().tobytes() == array.tobytes()


@pytest.mark.parametrize("array", [whole()[:100], whole("int32"), whole("uint8"), whole() > 9])
def test_small_arrays_ids_and_masks_stay_as_they_are(array):
    held = compact_rows(array, torch.float32, compact=True)
    assert held.tensor.numpy().dtype == array.dtype
    assert held.take(slice(0, 9), CPU).numpy().dtype == array.dtype


def test_memory_is_shared_with_whoever_holds_the_array_too():
    array = whole()
    assert np.shares_memory(compact_rows(array, torch.float32).tensor.numpy(), array)


def test_rows_that_lie_apart_are_read_as_they_stand():
    array = np.concatenate([whole()] * 8)[::3, ::2]
    held = compact_rows(array, torch.float32, compact=True)
    assert held.tensor.dtype == torch.uint8
    assert np.array_equal(held.take(slice(0, len(array)), CPU).numpy(), array)


def test_a_training_lets_go_of_the_rows_that_it_keeps_in_bytes(tmp_path):
    given = project(
        node("x", "Input", shape=[4]),
        node("head", "Dense", "x", units=300, activation="softmax"),
        node("y", "Output", "head", loss="categorical_crossentropy"),
        validation_split=0.0, shuffle=False,
    )  # fmt: skip
    answers = np.eye(300, dtype="float32")[np.arange(2000) % 300]
    np.savez(tmp_path / "rows.npz", x=np.ones((2000, 4), "float32"), y=answers)
    prepared = [prepare_data(check(given), tmp_path / "rows.npz", None)]
    array = prepared[0].train.targets["y"]
    whole = weakref.ref(array if array.base is None else array.base)
    del array
    training = build_training(prepared.pop(), compact=True)
    assert whole() is None
    batch = next(training.train.batches())
    assert np.array_equal(batch.targets["y"].numpy(), answers[: batch.row_count])
