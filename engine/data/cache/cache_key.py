"""Cache keys: hashes of everything that determines the encoded rows of a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.check.report import Report
from engine.core.formatting.urls import absolute_text
from engine.core.tensor_spec import Dim
from engine.data.dataset.dataset import Precision
from engine.data.encoders.categories import to_text
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.image_folder import IMAGE_FOLDER_COLUMNS, read_image_folder
from engine.data.readers.shards import find_shards
from engine.data.readers.table_file import os_errors, resolve_folder

CACHE_VERSION = 5  # to be increased when the encoding or the format of the cache changes


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """The settings that determine how a table is encoded.

    Args:
        report: the check report of the project.
        precision: the dtype of floats.
        separate_files: two flags. The first is True if the validation rows are in a separate file,
            the second is True if the test rows are.
        fitted: the encoders of a previous run; None to fit new encoders on the training rows.
        with_targets: False to leave the targets out.
    """

    report: Report
    precision: Precision
    separate_files: tuple[bool, bool] = (False, False)
    fitted: FittedEncoders | None = None
    with_targets: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return all settings that affect the encoded rows, as JSON."""
        from engine.data.dataset.graph_dataset import input_specs, target_specs

        report, recipe = self.report, self.report.recipe
        assert report.mapping is not None, "the mapping has errors"
        assert recipe is not None, "the recipe has errors"
        inputs = sorted(input_specs(report).items())
        targets = target_specs(report) if self.with_targets else []
        split = [list(self.separate_files), recipe.seed, recipe.validation_split]
        return {
            "mapping": report.mapping.params(),
            "inputs": [[name, spec.dtype, _sizes(spec.shape)] for name, spec in inputs],
            "targets": list(map(_target_json, targets)),
            "precision": self.precision,
            "split": split if self.fitted is None else [],
            "fitted": self.fitted.params() if self.fitted else None,
        }


def _sizes(shape: Sequence[Dim]) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in shape]


def _target_json(port: TargetSpec) -> dict[str, Any]:
    """Return the settings of a target, without those that do not affect its encoding."""
    unused = {"loss": "", "loss_weight": 1.0, "units_node": "", "has_dense": False}
    return {**asdict(port), "shape": _sizes(port.shape), **unused}


def cache_key(path: Path, request: CacheRequest) -> str:
    """Return the name of a table's cache entry, which changes if the encoded rows may change.

    It is a hash of the path of the table, the size and modification time of its files, the
    settings, and the versions of the format and of the libraries.

    Raises:
        OSError: if a file of the table can't be read.
        DiagnosticError: if there is no table at `path`.
    """
    table = absolute_text(path)
    parts = {
        "version": [CACHE_VERSION, np.__version__.split(".")[0], version("pyarrow")],
        "table": table,
        "files": _stamped_files(Path(table)),
        "settings": request.to_json(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _stamped_files(path: Path) -> list[list[str | int]]:
    """Return the name, size and modification time of each file of a table."""
    with os_errors(path):
        shards = find_shards(path)
    if shards:
        return [[shard.name, shard.size, shard.modified] for shard in shards]
    folder, files = resolve_folder(path)
    if not files:
        images = to_text(read_image_folder(folder).columns[IMAGE_FOLDER_COLUMNS[0]])
        files = [folder / image for image in images.to_pylist()]
    return [[str(file), *file_stamp(file)] for file in files]


def file_stamp(file: Path) -> list[int]:
    """Return the size and modification time of a file, which tell whether it was changed.

    Raises:
        OSError: if the file does not exist.
    """
    stat = file.stat()
    return [stat.st_size, stat.st_mtime_ns]
