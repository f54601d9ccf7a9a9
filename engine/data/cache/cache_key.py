"""Cache keys: hashes of the content of a table and of all settings that affect its encoding."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.check.report import Report
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import write_bytes
from engine.core.tensor_spec import Dim
from engine.data.dataset.dataset import Precision
from engine.data.encoders.categories import to_text
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.image_folder import IMAGE_FOLDER_COLUMNS, read_image_folder
from engine.data.readers.table_file import resolve_data_path

CACHE_VERSION = 2  # to be increased when the encoding or the format of the cache changes
_SETTLED = 2  # seconds after which another change of a file surely has a new timestamp
_STAMPS = "stamps.json"
_MAX_STAMPS = 500


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
        from engine.data.dataset.graph_dataset import target_specs

        report, recipe = self.report, self.report.recipe
        assert report.mapping is not None, "the mapping has errors"
        assert recipe is not None, "the recipe has errors"
        split = (
            [list(self.separate_files), recipe.seed, recipe.validation_split]
            if self.fitted is None
            else []
        )
        return {
            "version": [CACHE_VERSION, np.__version__.split(".")[0], version("pyarrow")],
            "mapping": report.mapping.params(),
            "inputs": [
                [name, spec.dtype, _sizes(spec.shape)]
                for name, spec in sorted(report.input_specs().items())
            ],
            "targets": [_target_json(port) for port in target_specs(report)]
            if self.with_targets
            else [],
            "precision": self.precision,
            "divided": split,
            "fitted": self.fitted.params() if self.fitted else None,
        }


def _sizes(shape: Sequence[Dim]) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in shape]


def _target_json(port: TargetSpec) -> list[Any]:
    """Return the settings of a target that affect its encoding. The loss weight is not included."""
    fields = (
        port.name,
        port.form,
        port.classes,
        port.ignored_class,
        port.missing,
        port.has_balanced_classes,
    )
    return [*fields, _sizes(port.shape), list(port.labels)]


def cache_key(path: Path, request: CacheRequest, folder: Path) -> str:
    """Return the cache key of a table, which is also the folder name of its cache entry.

    Args:
        path: the path of the table.
        request: the settings that determine how the table is encoded.
        folder: the cache folder, which also holds the digests of files.
    """
    digest = hashlib.sha256(json.dumps(request.to_json(), sort_keys=True).encode())
    for line in _content_lines(path, folder):
        digest.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()[:32]


def _content_lines(path: Path, folder: Path) -> Iterator[str]:
    location, arrays = resolve_data_path(path)
    if location.is_dir() and not arrays:
        images = to_text(read_image_folder(location).columns[IMAGE_FOLDER_COLUMNS[0]]).to_pylist()
        yield from (f"{name} {file_stamp(location / name)}" for name in images)
        return
    stamps = DigestCache(folder)
    for file in arrays or [location]:
        yield f"{file.name} {stamps.digest(file)}"
    stamps.save()


def file_stamp(image: Path) -> list[int]:
    """Return the size and modification time of an image. Hashing the content would be slow.

    Raises:
        OSError: if the file does not exist.
    """
    stat = image.stat()
    return [stat.st_size, stat.st_mtime_ns]


class DigestCache:
    """A persistent cache of file digests. A digest is valid until its file is changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _STAMPS
        self._digests: dict[str, list[Any]] = {}
        with suppress(OSError, ValueError, RecursionError):
            content = json.loads(self._path.read_bytes())
            self._digests = content if isinstance(content, dict) else {}
        self._is_modified = False

    def digest(self, file: Path) -> str:
        """Return the SHA-256 digest of a file's content. A valid digest in the cache is reused."""
        stat = file.stat()
        stamp = [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        name = str(file.absolute())
        cached = self._digests.get(name)
        if isinstance(cached, list) and cached[:-1] == stamp and isinstance(cached[-1], str):
            return cached[-1]
        digest = _sha256(file)
        # A file that has just changed may change again without a new timestamp.
        if time.time_ns() - stat.st_ctime_ns > _SETTLED * 10**9:
            self._digests.pop(name, None)
            self._digests[name] = [*stamp, digest]
            self._is_modified = True
        return digest

    def save(self) -> None:
        """Write the cache to disk if it has new digests. Write errors are ignored."""
        if self._is_modified:
            recent: Mapping[str, Any] = dict(list(self._digests.items())[-_MAX_STAMPS:])
            with suppress(OSError, DiagnosticError):
                os.makedirs(self._path.parent, exist_ok=True)
                write_bytes(self._path, json.dumps(recent).encode())


def _sha256(file: Path) -> str:
    with file.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
