"""Data files and run folders of documents, remembered in the user settings."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

from app.settings import Settings
from engine.core.formatting.urls import path_text

DataRole = Literal["data", "validation", "test"]


def load_data_path(file: Path, role: DataRole = "data") -> Path | None:
    """Return the stored data path of a document file; None if none was stored.

    `role` is "data" for training data, "validation" for validation rows, "test" for test rows.
    """
    value = Settings().read(_key(file, role))
    return Path(value) if isinstance(value, str) and value else None


def save_data_path(file: Path, data: Path | None, role: DataRole = "data") -> None:
    """Store the data path of a document file for a `role`; None removes the stored path."""
    Settings().write(_key(file, role), data and path_text(data))


def load_run_paths(file: Path) -> tuple[Path, ...]:
    """Return the stored run folders of the document `file`: those that are not next to it."""
    value = Settings().read(_key(file, "runs"))
    return tuple(Path(run) for run in value) if isinstance(value, list) else ()


def save_run_paths(file: Path, runs: tuple[Path, ...]) -> None:
    """Store the paths of run folders that are not next to the document file; () removes them."""
    Settings().write(_key(file, "runs"), [str(run) for run in runs] or None)


def _key(file: Path, role: DataRole | Literal["runs"]) -> str:
    return f"training/{role}/" + hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:24]
