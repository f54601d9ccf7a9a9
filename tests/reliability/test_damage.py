"""Flipped bits in a pointer or checkpoint: the run goes on from the checkpoint before."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from engine.events import RunFinished, Warned
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import LATEST, PREVIOUS, CheckpointStore
from tests.engine.runtime.small import ordered, run
from tests.reliability import runs
from tests.reliability.seed import chances
from tests.reliability.subjects import remembering, rows
from tests.tiers import cases

RESUMED = cases(1, 5, 30)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that was stopped after step 10, and the same run without interruption."""
    order = ordered(
        tmp_path_factory.mktemp("run"), remembering(epochs=2, checkpoint_every={"steps": 5}), rows()
    )
    through, _ = run(order)
    broken, _ = run(order, 10)
    return broken.path, through.path


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def latest(folder):
    """Return the file of the newest checkpoint."""
    return (
        folder / "checkpoints" / json.loads((folder / "checkpoints" / LATEST).read_bytes())["file"]
    )


@pytest.mark.slow
def test_no_flipped_bit_of_a_pointer_leads_to_other_weights(stopped, swift, figures):
    """Some bits have no effect, such as those of whitespace; all others are detected."""
    folder = shutil.copytree(stopped[0], swift / "run")
    file = folder / "checkpoints" / LATEST
    whole = file.read_bytes()
    newest = CheckpointStore(folder / "checkpoints").load().checkpoint
    before = runs.pointed(folder)[PREVIOUS]["step"]
    found = 0
    for bit in range(0, 8 * len(whole), cases(97, 7, 1)):
        file.write_bytes(flipped(whole, bit))
        loaded = CheckpointStore(folder / "checkpoints").load()
        if loaded.warnings:
            found += 1
            assert loaded.checkpoint.step == before
        else:
            assert loaded.checkpoint.step == newest.step
            for name, tensor in newest.weights.items():
                assert torch.equal(loaded.checkpoint.weights[name], tensor)
    figures(flipped_bits=len(range(0, 8 * len(whole), cases(97, 7, 1))), found=found)
    assert found


def test_a_run_goes_on_from_the_checkpoint_before_to_the_very_same_end(stopped, swift, figures):
    chosen = chances("resume")
    for number in range(RESUMED):
        folder = shutil.copytree(stopped[0], swift / f"run-{number}")
        file = latest(folder)
        whole = file.read_bytes()
        file.write_bytes(flipped(whole, chosen.randrange(8 * len(whole))))
        _, events = run(TrainRequest(None, None, run=folder, resume=True))
        codes = [event.diagnostic["code"] for event in events if isinstance(event, Warned)]
        assert codes == ["checkpoint-damaged"]
        assert isinstance(events[-1], RunFinished)
        assert runs.curves(folder) == runs.curves(stopped[1])
        assert runs.weights(folder) == runs.weights(stopped[1])
    figures(damaged_runs_resumed=RESUMED, ended_identical=RESUMED)
