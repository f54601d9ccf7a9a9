"""Checkpoints: weights, optimizer and state of one moment in one file, and the pointers to them.

A file never changes once it has its name. `latest.json`, `latest.prev.json` and `best.json` point
at files, with their sha256; a file that nothing points at is deleted, after that is durable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.files.atomic_write import refusal, shown, write_bytes
from engine.runs.folder.run_folder import BEST
from engine.runtime.checkpoints.tensor_bytes import (
    metadata_of,
    tensors_from_bytes,
    tensors_to_bytes,
)

FORMAT = "layerloom-checkpoint"
VERSION = 1
LATEST, PREVIOUS = "latest.json", "latest.prev.json"

# What reading a state of another form can raise.
_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError)
_HEX = "float"  # {"float": "0x1.8p+0"} in the state stands for a float, to its last bit


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which file, and what it must hold."""

    file: str
    step: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run was at one moment.

    Args:
        step: steps done.
        weights: by name, trained or not.
        optimizer: what `Optimizer.state_dict` answered.
        state: all else that a resume needs, plain JSON; floats are kept to the last bit.
    """

    step: int
    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checkpoint, the pointer it was found by, and warnings about those that were damaged."""

    checkpoint: Checkpoint
    pointer: str
    warnings: tuple[Diagnostic, ...] = ()


class Checkpoints:
    """The checkpoints of one run: the last two, and the best.

    Args:
        folder: where they lie; only the holder of the run's lock may save.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._damaged: set[str] = set()

    def save(self, checkpoint: Checkpoint, best: bool = False) -> Pointer:
        """Write a checkpoint and make it the latest one, and the best if it is.

        Why: a run that dies between best and latest repeats the epoch, and judges it the best
        again; the other way round it would remember the best epoch, and have the weights of
        another. The one before comes last, so that two pointers lead to two files at any moment.

        Raises:
            DiagnosticError: disk-full and its like; the checkpoints before it still stand.
        """
        data = to_bytes(checkpoint)
        file = self._free_name(checkpoint.step)
        pointer = Pointer(file, checkpoint.step, hashlib.sha256(data).hexdigest(), len(data))
        write_bytes(self.folder / file, data)
        before = self._read(LATEST)
        if best:
            self._point(BEST, pointer)
        self._point(LATEST, pointer)
        if before is not None and before.file not in self._damaged:
            self._point(PREVIOUS, before)
        self.sweep()
        return pointer

    def sweep(self) -> None:
        """Delete what nothing points at, left by whoever was killed in the middle of a save."""
        with suppress(OSError, Refused):  # the next one sweeps again
            self._sweep()

    @property
    def saved(self) -> bool:
        """True if a checkpoint was ever saved here."""
        return any(self._there(name) for name in (LATEST, PREVIOUS, BEST))

    def load(self) -> Loaded:
        """Return the newest checkpoint that is whole.

        Raises:
            DiagnosticError: checkpoint-missing if there never was one, checkpoint-lost if none is whole.
        """
        return self._first_whole(LATEST, PREVIOUS, BEST)

    def load_best(self) -> Loaded:
        """Return the best checkpoint, or the newest if none was called best or it is damaged.

        Raises:
            DiagnosticError: as `load`.
        """
        return self._first_whole(BEST, LATEST, PREVIOUS)

    def _first_whole(self, *pointers: str) -> Loaded:
        damaged: list[Diagnostic] = []
        for name in pointers:
            if not self._there(name):
                continue
            try:
                return Loaded(self._follow(name), name, tuple(damaged))
            except _DamagedError as error:
                self._damaged.add(error.file)
                damaged.append(_damaged(self.folder / error.file, error.why))
        raise Refused(*damaged, _lost(self.folder) if damaged else _missing(self.folder))

    def _follow(self, name: str) -> Checkpoint:
        pointer = self._read(name)
        if pointer is None:
            raise _DamagedError(name, "no pointer to a checkpoint")
        path = self.folder / pointer.file
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise _DamagedError(pointer.file, "the file is gone") from error
        except OSError as error:
            raise refusal(error, path, "read") from error
        if len(data) != pointer.bytes:
            raise _DamagedError(pointer.file, f"{len(data):,} of {pointer.bytes:,} bytes")
        if hashlib.sha256(data).hexdigest() != pointer.sha256:
            raise _DamagedError(pointer.file, "another checksum than when it was written")
        try:
            return from_bytes(data)
        except ValueError as error:
            raise _DamagedError(pointer.file, str(error)) from error

    def _there(self, name: str) -> bool:
        """Return whether a file is there; a disk that does not say is no reason to guess.

        Raises:
            DiagnosticError: if the disk does not say.
        """
        path = self.folder / name
        try:
            return path.exists()
        except OSError as error:
            raise refusal(error, path, "read") from error

    def _free_name(self, step: int) -> str:
        stem, number = f"step-{step:010}", 1
        while self._there(f"{stem}.safetensors"):
            number += 1
            stem = f"step-{step:010}-{number}"
        return f"{stem}.safetensors"

    def _point(self, name: str, pointer: Pointer) -> None:
        write_bytes(self.folder / name, json.dumps(asdict(pointer), indent=1).encode() + b"\n")

    def _read(self, name: str) -> Pointer | None:
        with suppress(OSError, ValueError, TypeError, RecursionError):
            pointer = Pointer(**json.loads((self.folder / name).read_bytes().decode()))
            if _sound(pointer):
                return pointer
        return None

    def _sweep(self) -> None:
        """Delete what nothing points at. A pointer that can't be read keeps everything."""
        names = [name for name in (LATEST, PREVIOUS, BEST) if self._there(name)]
        pointers = [self._read(name) for name in names]
        if None in pointers:
            return
        kept = {pointer.file for pointer in pointers if pointer is not None}
        for path in self.folder.glob("step-*.safetensors"):
            if path.name not in kept:
                with suppress(OSError):
                    path.unlink()


def _sound(pointer: Pointer) -> bool:
    """A pointer leads to a file beside it, nowhere else."""
    texts = isinstance(pointer.file, str) and isinstance(pointer.sha256, str)
    numbers = isinstance(pointer.step, int) and isinstance(pointer.bytes, int)
    return texts and numbers and Path(pointer.file).name == pointer.file


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as the bytes of a safetensors file."""
    tensors = {f"model/{name}": tensor for name, tensor in checkpoint.weights.items()}
    tensors |= {f"opt/{name}": tensor for name, tensor in checkpoint.optimizer.items()}
    state = {"step": checkpoint.step, **exact(checkpoint.state)}
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "state": json.dumps(state, allow_nan=False),
    }
    return tensors_to_bytes(tensors, metadata)


def from_bytes(data: bytes) -> Checkpoint:
    """Return the checkpoint in the bytes of a safetensors file.

    Raises:
        ValueError: if they are none, or one of a newer version.
    """
    metadata = metadata_of(data)
    if metadata.get("format") != FORMAT:
        raise ValueError("it is no checkpoint of Layerloom")
    if metadata.get("version") != str(VERSION):
        raise ValueError(f"it has version {metadata.get('version')}, this program reads {VERSION}")
    try:
        tensors = tensors_from_bytes(data)
        state = _revived(json.loads(metadata["state"]))
        step = int(state.pop("step"))
    except (*_ODD, ValueError) as error:
        raise ValueError(f"it can't be understood: {error}") from error
    return Checkpoint(step, _below(tensors, "model/"), _below(tensors, "opt/"), state)


def _below(tensors: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(start): tensor
        for name, tensor in tensors.items()
        if name.startswith(start)
    }


def exact(value: Any) -> Any:
    """Return plain values with each float written to its last bit, infinities and NaN included."""
    if isinstance(value, float):
        return {_HEX: value.hex()}
    if isinstance(value, Mapping):
        return {str(key): exact(item) for key, item in value.items()}
    return [exact(item) for item in value] if isinstance(value, (list, tuple)) else value


def _revived(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_HEX} and isinstance(value[_HEX], str):
            return float.fromhex(value[_HEX])
        return {key: _revived(item) for key, item in value.items()}
    return [_revived(item) for item in value] if isinstance(value, list) else value


class _DamagedError(Exception):
    def __init__(self, file: str, why: str) -> None:
        super().__init__(why)
        self.file = file
        self.why = why


def _damaged(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        "checkpoint-damaged",
        f"{path.name} is damaged and was passed over",
        severity="warning",
        place=shown(path),
        found=why,
        expected="the bytes that were written",
        fixes=(Fix("Check the disk; the steps since the checkpoint before are done again."),),
    )


def _lost(folder: Path) -> Diagnostic:
    return Diagnostic(
        "checkpoint-lost",
        "no checkpoint of the run is whole",
        place=shown(folder),
        found="damaged files only",
        expected="one checkpoint whose checksum fits",
        fixes=(Fix("Restore the folder from a copy, or train again without --resume."),),
    )


def _missing(folder: Path) -> Diagnostic:
    return Diagnostic(
        "checkpoint-missing",
        "the run has no checkpoint yet",
        place=shown(folder),
        found="none",
        expected="a checkpoint to go on from",
        fixes=(Fix("Train again without --resume."),),
    )
