"""Checkpoint files (weights, optimizer and training state), and the pointers to them.

A checkpoint file is immutable. Each of the pointers `latest.json`, `latest.prev.json` and
`best.json` has the name and sha256 sum of one file. Files that no pointer names are deleted after a
save.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from torch import Tensor

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import file_error, printable_path, write_bytes
from engine.runs.folder.run_folder import BEST_FILE
from engine.runtime.checkpoints import tensor_bytes
from engine.runtime.checkpoints.shards import shard_digests

FORMAT = "layerloom-checkpoint"
VERSION = 1
LATEST, PREVIOUS = "latest.json", "latest.prev.json"
SHARDS, SHARDS_SUFFIX = "shards", ".shards"

# Exceptions besides ValueError that decoding of a malformed state can raise.
_DECODE_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError)
_HEX = "float"  # a float is stored exactly, as {"float": "0x1.8p+0"}


@dataclass(frozen=True, slots=True)
class CheckpointPointer:
    """A reference to a checkpoint file: its name, step, checksum and size."""

    file: str
    step: int
    sha256: str
    bytes: int


_POINTERS = TypeAdapter(CheckpointPointer)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The complete state of a training run after a training step.

    Args:
        step: number of training steps done.
        weights: all weights by "node/weight", including non-trainable ones.
        optimizer: tensors of the optimizer by name, see `Optimizer.state_dict`.
        state: everything else that a resumed run needs, as plain JSON; floats are stored exactly.
        shards: the folder that has the tensors, if several ranks wrote their parts of them. The
            mappings `weights` and `optimizer` are empty then.
    """

    step: int
    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]
    shards: Path | None = None


@dataclass(frozen=True, slots=True)
class LoadedCheckpoint:
    """A checkpoint, its pointer file (such as "latest.json"), and warnings about damaged files."""

    checkpoint: Checkpoint
    pointer: str
    warnings: tuple[Diagnostic, ...] = ()


class CheckpointStore:
    """The checkpoint folder of a run, which keeps the last two checkpoints and the best one.

    Args:
        folder: path of the folder. Only the process that has the run's lock may save checkpoints.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._damaged: set[str] = set()

    def save(self, checkpoint: Checkpoint, best: bool = False) -> CheckpointPointer:
        """Write a checkpoint and make it the latest one, and also the best one if `best` is true.

        Why: best.json is written before latest.json. If the process is killed in between, the
        resumed run starts from the previous checkpoint, and finds the same best epoch again. In the
        opposite order, it would start from a state that names a best epoch whose weights were never
        kept. latest.prev.json is written last, so it never names the same file as latest.json.

        Raises:
            DiagnosticError: if a file can't be written (disk-full); previous checkpoints stay
                valid.
        """
        data = checkpoint_to_bytes(checkpoint)
        path = checkpoint.shards or self.new_shards(checkpoint.step)
        file = path.with_suffix(".safetensors").name
        digest = hashlib.sha256(data).hexdigest()
        pointer = CheckpointPointer(file, checkpoint.step, digest, len(data))
        write_bytes(self.folder / file, data)
        previous = self._read_pointer(LATEST)
        if best:
            self._write_pointer(BEST_FILE, pointer)
        self._write_pointer(LATEST, pointer)
        if previous is not None and previous.file not in self._damaged:
            self._write_pointer(PREVIOUS, previous)
        self.delete_unreferenced()
        return pointer

    def delete_unreferenced(self) -> None:
        """Delete the checkpoint files that are not named in any pointer file, such as latest.json.

        If a pointer file is unreadable, nothing is deleted.
        """
        with suppress(OSError, DiagnosticError):  # the next save tries again
            names = [name for name in (LATEST, PREVIOUS, BEST_FILE) if self._exists(name)]
            pointers = [self._read_pointer(name) for name in names]
            if None in pointers:
                return
            referenced = {pointer.file for pointer in pointers if pointer is not None}
            for path in self.folder.glob("step-*.safetensors"):
                if path.name not in referenced:
                    with suppress(OSError):
                        path.unlink()
            for path in self.folder.glob(f"step-*{SHARDS_SUFFIX}"):
                if path.with_suffix(".safetensors").name not in referenced:
                    shutil.rmtree(path, ignore_errors=True)

    @property
    def has_checkpoint(self) -> bool:
        """True if a checkpoint was ever saved in this folder."""
        return any(self._exists(name) for name in (LATEST, PREVIOUS, BEST_FILE))

    def load(self) -> LoadedCheckpoint:
        """Return the newest undamaged checkpoint.

        Raises:
            DiagnosticError: checkpoint-missing if no checkpoint was saved, checkpoint-lost if all
                are damaged.
        """
        return self._first_valid(LATEST, PREVIOUS, BEST_FILE)

    def load_best(self) -> LoadedCheckpoint:
        """Return the best checkpoint; if it is missing or damaged, the newest undamaged checkpoint.

        Raises:
            DiagnosticError: for the same reasons as `load`.
        """
        return self._first_valid(BEST_FILE, LATEST, PREVIOUS)

    def _first_valid(self, *pointers: str) -> LoadedCheckpoint:
        damaged: list[Diagnostic] = []
        for name in pointers:
            if not self._exists(name):
                continue
            try:
                return LoadedCheckpoint(self._load(name), name, tuple(damaged))
            except _DamagedError as error:
                file, reason = error.args
                self._damaged.add(file)
                damaged.append(_damaged(self.folder / file, reason))
        if damaged:
            raise DiagnosticError(*damaged, _lost(self.folder))
        raise diagnostic_error(
            "checkpoint-missing",
            "the run has no checkpoint yet",
            "Train again without --resume.",
            place=printable_path(self.folder),
            found="none",
            expected="a checkpoint to resume from",
        )

    def _load(self, pointer_name: str) -> Checkpoint:
        pointer = self._read_pointer(pointer_name)
        if pointer is None:
            raise _DamagedError(pointer_name, "not a pointer to a checkpoint")
        path = self.folder / pointer.file
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise _DamagedError(pointer.file, "the file is missing") from error
        except OSError as error:
            raise file_error(error, path, "read") from error
        if len(data) != pointer.bytes:
            raise _DamagedError(pointer.file, f"{len(data):,} of {pointer.bytes:,} bytes")
        if hashlib.sha256(data).hexdigest() != pointer.sha256:
            raise _DamagedError(pointer.file, "its checksum has changed since it was written")
        try:
            checkpoint = checkpoint_from_bytes(data)
        except ValueError as error:
            raise _DamagedError(pointer.file, str(error)) from error
        digests = checkpoint.state.get(SHARDS)
        if digests is None:
            return checkpoint
        shards = path.with_suffix(SHARDS_SUFFIX).absolute()
        if shard_digests(shards) != digests:
            raise _DamagedError(shards.name, "its files have changed since they were written")
        return replace(checkpoint, shards=shards)

    def _exists(self, name: str) -> bool:
        """Return whether the folder of the store contains a file `name`.

        Raises:
            DiagnosticError: if the folder can't be read.
        """
        path = self.folder / name
        try:
            return path.exists()
        except OSError as error:
            raise file_error(error, path, "read") from error

    def new_shards(self, step: int) -> Path:
        """Return a path for the shards of a new checkpoint, which has the same name."""
        stem, number = f"step-{step:010}", 1
        while self._exists(f"{stem}.safetensors") or self._exists(stem + SHARDS_SUFFIX):
            number += 1
            stem = f"step-{step:010}-{number}"
        # The ranks may have other working folders.
        return (self.folder / (stem + SHARDS_SUFFIX)).absolute()

    def _write_pointer(self, name: str, pointer: CheckpointPointer) -> None:
        write_bytes(self.folder / name, json.dumps(asdict(pointer), indent=1).encode() + b"\n")

    def _read_pointer(self, name: str) -> CheckpointPointer | None:
        with suppress(OSError, ValueError):
            data = (self.folder / name).read_bytes()
            pointer = _POINTERS.validate_json(data, strict=True)
            if Path(pointer.file).name == pointer.file:  # not in another folder
                return pointer
        return None


def checkpoint_to_bytes(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as the bytes of a safetensors file."""
    tensors = {f"model/{name}": tensor for name, tensor in checkpoint.weights.items()}
    tensors |= {f"opt/{name}": tensor for name, tensor in checkpoint.optimizer.items()}
    state = {"step": checkpoint.step, **encode_floats(checkpoint.state)}
    if checkpoint.shards is not None:
        state[SHARDS] = shard_digests(checkpoint.shards)
    text = json.dumps(state, allow_nan=False)
    metadata = {"format": FORMAT, "version": str(VERSION), "state": text}
    return tensor_bytes.tensors_to_bytes(tensors, metadata)


def checkpoint_from_bytes(data: bytes) -> Checkpoint:
    """Return the checkpoint in the bytes of a safetensors file.

    Raises:
        ValueError: if the file isn't a checkpoint, or has an unknown version.
    """
    metadata = tensor_bytes.read_metadata(data)
    if metadata.get("format") != FORMAT:
        raise ValueError("it is not a Layerloom checkpoint")
    if metadata.get("version") != str(VERSION):
        raise ValueError(f"it has version {metadata.get('version')}, this program reads {VERSION}")
    try:
        tensors = tensor_bytes.tensors_from_bytes(data)
        state = _decode_floats(json.loads(metadata["state"]))
        step = int(state.pop("step"))
    except (*_DECODE_ERRORS, ValueError) as error:
        raise ValueError(f"its content is malformed: {error}") from error
    return Checkpoint(step, _with_prefix(tensors, "model/"), _with_prefix(tensors, "opt/"), state)


def _with_prefix(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names start with a prefix, by their names without the prefix."""
    named = tensors.items()
    return {name.removeprefix(prefix): x for name, x in named if name.startswith(prefix)}


def encode_floats(value: Any) -> Any:
    """Return the JSON `value` with each float, even NaN, replaced by {"float": HEXADECIMAL}."""
    if isinstance(value, float):
        return {_HEX: value.hex()}
    if isinstance(value, Mapping):
        return {str(key): encode_floats(item) for key, item in value.items()}
    return [encode_floats(item) for item in value] if isinstance(value, (list, tuple)) else value


def _decode_floats(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_HEX} and isinstance(value[_HEX], str):
            return float.fromhex(value[_HEX])
        return {key: _decode_floats(item) for key, item in value.items()}
    return [_decode_floats(item) for item in value] if isinstance(value, list) else value


class _DamagedError(Exception):
    """The error of a damaged file; its arguments are the name of the file and the reason."""


def _damaged(path: Path, reason: str) -> Diagnostic:
    return Diagnostic.warning(
        "checkpoint-damaged",
        f"{path.name} is damaged and was skipped",
        "Check the disk; the steps since the previous checkpoint are repeated.",
        place=printable_path(path),
        found=reason,
        expected="the bytes that were written",
    )


def _lost(folder: Path) -> Diagnostic:
    return Diagnostic.error(
        "checkpoint-lost",
        "all checkpoints of the run are damaged",
        "Restore the folder from a backup, or train again without --resume.",
        place=printable_path(folder),
        found="damaged files only",
        expected="a checkpoint with a matching checksum",
    )
