"""What a run came to, in a form that two equal runs share to the last bit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import safetensors.numpy

from engine.runs.state.run_state import read_state
from engine.runtime.checkpoints.checkpoint import BEST_FILE, LATEST, PREVIOUS

POINTERS = (LATEST, PREVIOUS, BEST_FILE)


def curves(run: Path) -> dict[str, list[tuple[int, str]]]:
    """Return every curve of a run, its numbers as hexadecimal."""
    state = read_state(run)
    kinds = {"step": state.steps, "train": state.train, "validation": state.validation}
    return {
        f"{kind}: {name}": [(step, value.hex()) for step, value in curve]
        for kind, found in kinds.items()
        for name, curve in found.items()
    }


def weights(run: Path) -> str:
    """Return the fingerprint of the weights that a run ended with."""
    arrays = safetensors.numpy.load((run / "model.safetensors").read_bytes())
    hashed = hashlib.sha256()
    for name in sorted(arrays):
        hashed.update(name.encode() + arrays[name].tobytes())
    return hashed.hexdigest()


def inside_a_write(run: Path) -> bool:
    """Return whether the process that trained here died while it wrote something."""
    temps = [*run.glob("*.tmp-*"), *run.glob("checkpoints/*.tmp-*")]
    return bool(temps) or bool(unpointed(run))


def pointed(run: Path) -> dict[str, dict[str, Any]]:
    """Return what the pointers say that can be read, by their name."""
    places = {name: run / "checkpoints" / name for name in POINTERS}
    return {name: json.loads(file.read_bytes()) for name, file in places.items() if file.exists()}


def unpointed(run: Path) -> set[str]:
    """Return the checkpoints that no pointer leads to: one more than before, or one too old."""
    kept = {pointer["file"] for pointer in pointed(run).values()}
    return {path.name for path in run.glob("checkpoints/step-*.safetensors")} - kept


def whole_checkpoints(run: Path) -> set[str]:
    """Return the checkpoints that pointers lead to; their bytes are what the pointers say."""
    for pointer in (found := pointed(run)).values():
        data = (run / "checkpoints" / pointer["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == pointer["sha256"]
    return {pointer["file"] for pointer in found.values()}
