"""Folders of tensors to which each rank writes the parts that it stores.

The files are safetensors. The default format of torch.distributed.checkpoint has a pickle, which
could run code when the run folder of another user is opened.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.files.atomic_write import file_error
from engine.runtime.checkpoints.state_dicts import checkpoint_mismatch


def save_shards(folder: Path, tensors: Mapping[str, Tensor], process_group: Any) -> None:
    """Write tensors to a folder, and wait until all ranks of `process_group` have done so.

    Raises:
        DiagnosticError: on all ranks, if one of them can't write its files.
    """
    from torch.distributed.checkpoint import hf_storage, state_dict_saver

    with _errors_of_ranks(folder, "written"):
        writer = hf_storage.HuggingFaceStorageWriter(str(folder), save_distributed=True)
        state_dict_saver.save(dict(tensors), storage_writer=writer, process_group=process_group)


def load_shards(
    folder: Path, tensors: Mapping[str, Tensor], process_group: Any | None = None
) -> None:
    """Set tensors to their values in a folder, to which another number of ranks may have written.

    Args:
        process_group: the ranks, if the tensors are sharded; else None.

    Raises:
        DiagnosticError: if a file can't be read, or a tensor is missing or has another shape.
    """
    from torch.distributed.checkpoint import hf_storage, state_dict_loader

    with _errors_of_ranks(folder, "read"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a single process
        state_dict_loader.load(
            dict(tensors),
            storage_reader=hf_storage.HuggingFaceStorageReader(str(folder)),
            process_group=process_group,
            no_dist=process_group is None,
        )


def shard_digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file in a folder of shards, by file name.

    Raises:
        DiagnosticError: if a file can't be read.
    """
    digests = {}
    try:
        for path in sorted(folder.glob("*.safetensors")):
            with path.open("rb") as file:
                digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise file_error(error, folder, "read") from error
    return digests


@contextmanager
def _errors_of_ranks(folder: Path, action: str) -> Iterator[None]:
    """Within the context, errors that torch has collected from the ranks become diagnostics."""
    from torch.distributed.checkpoint.api import CheckpointException

    try:
        yield
    except CheckpointException as error:
        first, _ = next(iter(error.failures.values()))
        if isinstance(first, OSError):
            raise file_error(first, folder, action) from error
        raise checkpoint_mismatch(" ".join(str(first).split())[:200]) from error
