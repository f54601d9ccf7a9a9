"""A checkpoint comes back bit for bit, or the one before it does and a warning says why."""

import json
import math
import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.runtime.checkpoints.checkpoint import (
    Checkpoint,
    CheckpointStore,
    checkpoint_from_bytes,
    checkpoint_to_bytes,
)
from engine.runtime.checkpoints.tensor_bytes import read_metadata, tensors_to_bytes

ROOT = Path(__file__).parents[4]
STATE = {"epoch": 3, "best": {"loss": 0.1, "odd": math.inf}, "names": ["a", 1, None, True, 2.0]}


def checkpoint(step, fill=None):
    value = float(step if fill is None else fill)
    weights = {"dense.kernel": torch.full((3, 2), value), "dense.bias": torch.zeros(2)}
    memory = {
        "dense.kernel/velocity": torch.full((3, 2), -value, dtype=torch.float64),
        "iterations": torch.tensor(step),
    }
    return Checkpoint(step, weights, memory, {**STATE, "value": value})


def same(one, other):
    assert one.step == other.step
    assert json.dumps(one.state) == json.dumps(other.state)
    for mine, theirs in ((one.weights, other.weights), (one.optimizer, other.optimizer)):
        assert mine.keys() == theirs.keys()
        for name, tensor in mine.items():
            assert tensor.dtype == theirs[name].dtype
            assert torch.equal(tensor, theirs[name])


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    pointer = checkpoints.save(checkpoint(7))
    loaded = CheckpointStore(tmp_path).load()
    same(loaded.checkpoint, checkpoint(7))
    assert loaded.warnings == ()
    assert (pointer.step, pointer.bytes) == (7, (tmp_path / pointer.file).stat().st_size)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(min_size=1, max_size=5).filter("step".__ne__), plain))
def test_any_plain_state_comes_back_to_the_last_bit(state):
    back = checkpoint_from_bytes(checkpoint_to_bytes(Checkpoint(3, {}, {}, state)))
    assert repr(back.state) == repr(state)
    assert back.step == 3


def test_tensors_that_lie_oddly_in_memory_are_stored_as_they_look():
    whole = torch.arange(12.0).reshape(3, 4).requires_grad_()
    weights = {"turned": whole.T, "part": whole[:, 1:3], "whole": whole, "none": torch.empty(0, 2)}
    back = checkpoint_from_bytes(checkpoint_to_bytes(Checkpoint(1, weights, {}, {})))
    assert all(torch.equal(back.weights[name], weights[name]) for name in weights)


def test_the_last_two_and_the_best_are_kept(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    for step in range(1, 7):
        checkpoints.save(checkpoint(step), best=step == 2)
    assert files(tmp_path) == [
        "best.json", "latest.json", "latest.prev.json",
        "step-0000000002.safetensors", "step-0000000005.safetensors",
        "step-0000000006.safetensors",
    ]  # fmt: skip
    assert checkpoints.load().checkpoint.step == 6
    assert checkpoints.load_best().checkpoint.step == 2


def test_without_a_best_the_newest_is_taken(tmp_path):
    CheckpointStore(tmp_path).save(checkpoint(3))
    assert CheckpointStore(tmp_path).load_best().checkpoint.step == 3


def test_what_was_loaded_says_by_which_pointer_it_was_found(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    checkpoints.save(checkpoint(1), best=True)
    newest = checkpoints.save(checkpoint(2))
    assert checkpoints.load().pointer == "latest.json"
    assert checkpoints.load_best().pointer == "best.json"
    (tmp_path / newest.file).unlink()
    assert checkpoints.load().pointer == "latest.prev.json"


def test_a_file_never_changes_once_it_has_its_name(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    first = checkpoints.save(checkpoint(5), best=True)
    before = (tmp_path / first.file).read_bytes()
    second = checkpoints.save(checkpoint(5, fill=9))
    assert second.file != first.file
    assert (tmp_path / first.file).read_bytes() == before
    same(checkpoints.load().checkpoint, checkpoint(5, fill=9))


def test_no_flipped_bit_is_loaded_and_the_one_before_takes_its_place(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    checkpoints.save(checkpoint(1))
    path = tmp_path / checkpoints.save(checkpoint(2)).file
    whole = path.read_bytes()
    chosen = random.Random(4)
    for place in chosen.sample(range(8 * len(whole)), 500):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        loaded = CheckpointStore(tmp_path).load()
        same(loaded.checkpoint, checkpoint(1))
        (warning,) = loaded.warnings
        assert (warning.code, warning.severity) == ("checkpoint-damaged", "warning")
    path.write_bytes(whole)
    same(CheckpointStore(tmp_path).load().checkpoint, checkpoint(2))


def test_a_file_cut_at_any_byte_is_passed_over(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    checkpoints.save(checkpoint(1))
    path = tmp_path / checkpoints.save(checkpoint(2)).file
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert CheckpointStore(tmp_path).load().checkpoint.step == 1
        with pytest.raises(ValueError, match="it"):
            checkpoint_from_bytes(whole[:size])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"file": "../../x", "step": 1}'])
def test_a_damaged_pointer_is_passed_over(tmp_path, text):
    checkpoints = CheckpointStore(tmp_path)
    checkpoints.save(checkpoint(1))
    checkpoints.save(checkpoint(2))
    (tmp_path / "latest.json").write_text(text)
    loaded = checkpoints.load()
    assert loaded.checkpoint.step == 1
    assert len(loaded.warnings) == 1


def test_a_pointer_never_leads_out_of_its_folder(tmp_path):
    inside = tmp_path / "checkpoints"
    inside.mkdir()
    pointer = CheckpointStore(tmp_path).save(checkpoint(1))
    text = (tmp_path / "latest.json").read_text().replace("step-", "../step-")
    (inside / "latest.json").write_text(text)
    assert (inside / ("../" + pointer.file)).exists()
    with pytest.raises(DiagnosticError):
        CheckpointStore(inside).load()


def test_a_damaged_checkpoint_never_becomes_the_one_before(tmp_path):
    checkpoints = CheckpointStore(tmp_path)
    checkpoints.save(checkpoint(1))
    (tmp_path / checkpoints.save(checkpoint(2)).file).write_bytes(b"gone")
    resumed = CheckpointStore(tmp_path)
    assert resumed.load().checkpoint.step == 1
    third = resumed.save(checkpoint(3))
    (tmp_path / third.file).write_bytes(b"gone too")
    assert CheckpointStore(tmp_path).load().checkpoint.step == 1


@pytest.mark.parametrize("saved", [0, 3])
def test_without_a_whole_checkpoint_nothing_is_trained_on(tmp_path, saved):
    for step in range(saved):
        CheckpointStore(tmp_path).save(checkpoint(step))
    for path in tmp_path.glob("*.safetensors"):
        path.unlink()
    with pytest.raises(DiagnosticError) as refused:
        CheckpointStore(tmp_path).load()
    last = refused.value.diagnostics[-1]
    assert last.code == ("checkpoint-lost" if saved else "checkpoint-missing")
    assert CODES[last.code].exit is ExitCode.CHECKPOINT


@pytest.mark.parametrize(
    "data",
    [
        b"", b"1234567", b"\xff" * 8, b"\x00" * 8, b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
        b"\x02\x00\x00\x00\x00\x00\x00\x00[]", (100_000).to_bytes(8, "little") + b"[" * 100_000,
        tensors_to_bytes({"a": torch.ones(2)}, {"format": "pt"}),
        tensors_to_bytes({}, {"format": "layerloom-checkpoint", "version": "99"}),
        tensors_to_bytes({}, {"format": "layerloom-checkpoint", "version": "1", "state": "[]"}),
        tensors_to_bytes({}, {"format": "layerloom-checkpoint", "version": "1"}),
    ],
    ids=len,  # the order of the metadata in the bytes differs from process to process
)  # fmt: skip
def test_bytes_that_are_no_checkpoint_are_refused(data):
    with pytest.raises(ValueError, match="it"):
        checkpoint_from_bytes(data)


@given(st.binary(max_size=100))
def test_any_bytes_have_metadata_or_are_refused(data):
    for read in (read_metadata, checkpoint_from_bytes):
        try:
            read(data)
        except ValueError:
            continue
