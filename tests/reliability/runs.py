"""Results of a run in a form that is equal for bit-identical runs."""

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
    """Return all curves of a run, with hexadecimal values."""
    state = read_state(run)
    kinds = {"step": state.steps, "train": state.train, "validation": state.validation}
    return {
        f"{kind}: {name}": [(step, value.hex()) for step, value in curve]
        for kind, found in kinds.items()
        for name, curve in found.items()
    }


def weights(run: Path) -> str:
    """Return a hash of the final weights of a run."""
    arrays = safetensors.numpy.load((run / "model.safetensors").read_bytes())
    hashed = hashlib.sha256()
    for name in sorted(arrays):
        hashed.update(name.encode() + arrays[name].tobytes())
    return hashed.hexdigest()


def inside_a_write(run: Path) -> bool:
    """Return whether the training process died during a write."""
    temps = [*run.glob("*.tmp-*"), *run.glob("checkpoints/*.tmp-*")]
    return bool(temps) or bool(unpointed(run))


def pointed(run: Path) -> dict[str, dict[str, Any]]:
    """Return the contents of all readable pointers by name."""
    places = {name: run / "checkpoints" / name for name in POINTERS}
    return {name: json.loads(file.read_bytes()) for name, file in places.items() if file.exists()}


def unpointed(run: Path) -> set[str]:
    """Return the checkpoints without a pointer: an additional one, or one that is too old."""
    kept = {pointer["file"] for pointer in pointed(run).values()}
    return {path.name for path in run.glob("checkpoints/step-*.safetensors")} - kept


def whole_checkpoints(run: Path) -> set[str]:
    """Return the checkpoints that have a pointer; check that their bytes match it."""
    for pointer in (found := pointed(run)).values():
        data = (run / "checkpoints" / pointer["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == pointer["sha256"]
    return {pointer["file"] for pointer in found.values()}
