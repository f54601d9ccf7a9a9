"""Weights and states of another training are refused, one reason each, and named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.diagnostic import DiagnosticError
from engine.runtime.checkpoints.checkpoint import (
    LATEST,
    CheckpointStore,
    checkpoint_from_bytes,
)
from engine.runtime.checkpoints.state_dicts import load_weights
from engine.runtime.checkpoints.weight_file import read_weights
from engine.runtime.run.training_checkpoint import make_checkpoint, restore_checkpoint
from engine.runtime.training.loop import fit
from tests.engine.runtime.small import line, straight, training


@pytest.fixture
def made():
    """A training after three steps."""
    arrays = line()
    given = training(straight(batch_size=8), {"x": arrays["x"]}, {"y": arrays["y"][:, None]})
    for _ in zip(fit(given), range(3), strict=False):
        pass
    return given


@pytest.fixture
def kept(made):
    return make_checkpoint(made)


def why(act, *arguments):
    with pytest.raises(DiagnosticError) as caught:
        act(*arguments)
    (found,) = caught.value.diagnostics
    assert found.code in ("checkpoint-unfit", "checkpoint-lost")
    return found.found


def test_a_checkpoint_of_the_training_itself_is_taken(made, kept):
    restore_checkpoint(made, kept)


def test_weights_of_other_names_shapes_or_values_are_refused(made, kept):
    weights = dict(kept.weights)
    assert why(restore_checkpoint, made, replace(kept, weights={})) == "no d/bias"
    more = weights | {"e/bias": torch.ones(1)}
    assert "e/bias" in why(restore_checkpoint, made, replace(kept, weights=more))
    wide = weights | {"d/bias": torch.ones(2)}
    assert "(2,)" in why(restore_checkpoint, made, replace(kept, weights=wide))
    wild = weights | {"d/bias": torch.full((1,), np.nan)}
    assert "infinite or NaN" in why(restore_checkpoint, made, replace(kept, weights=wild))


def test_a_memory_or_a_state_of_another_training_is_refused(made, kept):
    assert why(restore_checkpoint, made, replace(kept, state={})).startswith("a malformed state")
    other = {**kept.state, "step": 10**6} if "step" in kept.state else None
    state = other or {**kept.state, next(iter(kept.state)): 10**6}
    assert "state" in why(restore_checkpoint, made, replace(kept, state=state))

    assert "another training" in why(restore_checkpoint, made, replace(kept, step=kept.step + 1))

    other = {"nonsense": torch.ones(1)}
    assert why(restore_checkpoint, made, replace(kept, optimizer=other)).startswith("no ")
    lazy = {**kept.optimizer, "e/steps": torch.ones(1)}  # a table without a slot
    assert "optimizer state" in why(restore_checkpoint, made, replace(kept, optimizer=lazy))


def test_weights_alone_are_looked_at_as_well(made, kept):
    assert why(load_weights, made.network, {}).startswith("no ")
    assert why(load_weights, made.network, kept.weights | {"d/bias": torch.ones(2)})


def test_a_file_of_weights_that_is_gone_is_told(tmp_path):
    with pytest.raises(DiagnosticError) as caught:
        read_weights(tmp_path / "none.safetensors")
    assert caught.value.diagnostics[0].code == "file-missing"


def test_a_folder_in_the_place_of_a_checkpoint_is_told_as_what_it_is(tmp_path, kept):
    checkpoints = CheckpointStore(tmp_path)
    pointer = checkpoints.save(kept)
    (tmp_path / pointer.file).unlink()
    (tmp_path / pointer.file).mkdir()
    with pytest.raises(DiagnosticError) as caught:
        CheckpointStore(tmp_path).load()
    assert caught.value.diagnostics[0].code == "file-is-folder"
    with pytest.raises(DiagnosticError):
        checkpoints._exists("x" * 300)


def test_bytes_that_are_no_checkpoint_are_damage_even_with_their_checksum(tmp_path, kept):
    pointer = CheckpointStore(tmp_path).save(kept)
    data = b"no checkpoint"
    (tmp_path / pointer.file).write_bytes(data)
    told = json.loads((tmp_path / LATEST).read_bytes())
    told |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (tmp_path / LATEST).write_text(json.dumps(told))
    with pytest.raises(DiagnosticError) as caught:
        CheckpointStore(tmp_path).load()
    assert [found.code for found in caught.value.diagnostics][-1] == "checkpoint-lost"


def test_a_pointer_that_can_not_be_read_keeps_every_file(tmp_path, kept):
    checkpoints = CheckpointStore(tmp_path)
    for step in (1, 2):
        checkpoints.save(replace(kept, step=step))
    (tmp_path / LATEST).write_text("{")
    before = {path.name for path in tmp_path.glob("*.safetensors")}
    checkpoints.delete_unreferenced()
    assert before == {path.name for path in tmp_path.glob("*.safetensors")}


def test_a_name_that_stands_twice_is_no_header():
    header = b'{"__metadata__": {}, "a": 1, "a": 2}'
    with pytest.raises(ValueError, match="duplicate key"):
        checkpoint_from_bytes(len(header).to_bytes(8, "little") + header)
