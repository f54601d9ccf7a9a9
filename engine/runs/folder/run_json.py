"""Reading and validation of run.json, the description of a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import file_error, printable_path
from engine.events import ControlTaken

RUN_FILE = "run.json"
FORMAT = "layerloom-run"
VERSION = 1
MAX_RUN_JSON_BYTES = 64 << 20  # run.json has fitted encoders, such as vocabularies


class _Repeat(BaseModel):
    changes: list[ControlTaken] = []


class _RunJson(BaseModel):
    """The fields of run.json that other modules use; all are optional."""

    model_config = ConfigDict(strict=True)

    run_id: str = ""
    name: str = ""
    argv: list[str] = []
    settings: list[str] = []
    paths: dict[str, str | None] = {}
    versions: dict[str, str] = {}
    device: str = ""
    precision: str = ""
    threads: int = Field(1, ge=1, le=1024)
    cpu: str = ""
    native: bool = False
    hashes: dict[str, str] = {}
    rows: int = 0
    validation_rows: int = 0
    seed: int = 0
    split: str = ""
    sides: dict[str, Any] = {}
    labelled: dict[str, dict[str, int]] = {}
    fitted: dict[str, Any] = {}
    baselines: dict[str, list[FiniteFloat]] = {}
    again: _Repeat = _Repeat()
    bench: dict[str, Any] = {}


def read_run_json(folder: Path) -> dict[str, Any]:
    """Return the content of run.json in a folder.

    Raises:
        DiagnosticError: run-missing, run-broken or run-newer.
    """
    file = folder / RUN_FILE
    value = _read_json(file)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise broken_run(file, "the JSON of another program")
    version = value.get("version")
    if type(version) is not int or version > VERSION:
        raise diagnostic_error(
            "run-newer",
            "the run was written by a newer version of Layerloom",
            "Install the newest Layerloom.",
            place=printable_path(file),
            found=f"version {str(version)[:40]}",
            expected=f"version {VERSION} or older",
        )
    try:
        _RunJson.model_validate(value)
    except ValidationError as error:
        raise broken_run(file, _describe_error(error)) from error
    return value


def require_keys(folder: Path, run: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Check that `run`, the content of run.json in `folder`, has all `keys`.

    The key "hashes.data" stands for the key "data" in the object "hashes".

    Raises:
        DiagnosticError: run-broken, if a key is missing.
    """
    for key in keys:
        outer, _, inner = key.partition(".")
        if outer not in run or (inner and inner not in run[outer]):
            raise broken_run(folder / RUN_FILE, f'no "{key}"')


def _read_json(file: Path) -> Any:
    try:
        if file.stat().st_size > MAX_RUN_JSON_BYTES:
            raise broken_run(file, f"more than {MAX_RUN_JSON_BYTES:,} bytes")
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing_run(file.parent) from error
    except (OSError, ValueError) as error:
        raise file_error(error, file, "read") from error
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise broken_run(file, str(error)[:200]) from error


def _describe_error(error: ValidationError) -> str:
    first = error.errors()[0]
    return f'"{".".join(map(str, first["loc"]))[:80]}": {first["msg"].lower()}'


def missing_run(folder: Path) -> DiagnosticError:
    """Return the error for a folder without a run, or a file in place of a folder."""
    return diagnostic_error(
        "run-missing",
        "this is not the folder of a run",
        "Name a run folder, such as runs/posts-001; `engine runs` lists them.",
        "If nothing was trained yet, train first: engine train FILE --data D.",
        place=printable_path(folder),
        found="a file" if folder.is_file() else f"no {RUN_FILE}",
        expected="a folder written by a training",
    )


def broken_run(file: Path, found: str) -> DiagnosticError:
    """Return the error for an invalid file of a run; `found` describes the invalid content."""
    return diagnostic_error(
        "run-broken",
        f"{file.name} is not valid",
        "Copy the run folder again from its source.",
        place=printable_path(file),
        found=found,
        expected="the description of a run",
    )
