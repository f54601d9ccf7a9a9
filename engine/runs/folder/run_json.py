"""run.json, which says what a run is: read whole and of the right form, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, printable_path
from engine.events import ControlTaken

RUN = "run.json"
FORMAT = "layerloom-run"
VERSION = 1
MOST_BYTES = 64 << 20  # what encoders have learned, such as vocabularies, is in it


class _Again(BaseModel):
    changes: list[ControlTaken] = []


class _Form(BaseModel):
    """What stands in a description, as far as somebody relies on it; a field may be missing."""

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
    again: _Again = _Again()


def described(folder: Path) -> dict[str, Any]:
    """Return what run.json in a folder says.

    Raises:
        Refused: run-missing, run-broken or run-newer.
    """
    file = folder / RUN
    value = _value(file)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise DiagnosticError(broken(file, "the JSON of another program"))
    version = value.get("version")
    if type(version) is not int or version > VERSION:
        raise DiagnosticError(_newer(file, version))
    try:
        _Form.model_validate(value)
    except ValidationError as error:
        raise DiagnosticError(broken(file, _what(error))) from error
    return value


def require_told(folder: Path, run: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Let a run go on whose description says all that is needed for that.

    Args:
        folder: the run folder.
        run: what run.json says.
        keys: what is needed; "hashes.data" is what stands in another.

    Raises:
        Refused: run-broken.
    """
    for key in keys:
        outer, _, inner = key.partition(".")
        if outer not in run or (inner and inner not in run[outer]):
            raise DiagnosticError(broken(folder / RUN, f'no "{key}"'))


def _value(file: Path) -> Any:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DiagnosticError(missing(file.parent)) from error
    except (OSError, ValueError) as error:
        raise file_error(error, file, "read") from error
    if len(data) > MOST_BYTES:
        raise DiagnosticError(broken(file, f"more than {MOST_BYTES:,} bytes"))
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise DiagnosticError(broken(file, str(error)[:200])) from error


def _what(error: ValidationError) -> str:
    """Return where a description has another form, in a few words."""
    first = error.errors()[0]
    return f'"{".".join(map(str, first["loc"]))[:80]}": {first["msg"].lower()}'


def missing(folder: Path) -> Diagnostic:
    """Return that a folder holds no run."""
    return Diagnostic(
        "run-missing",
        "there is no run in that folder",
        place=printable_path(folder),
        found=f"no {RUN}",
        expected="a folder that a training made",
        fixes=(Fix("Name a run folder, such as runs/posts-001; `engine runs` lists them."),),
    )


def broken(file: Path, found: str) -> Diagnostic:
    """Return that a file of a run can't be understood."""
    return Diagnostic(
        "run-broken",
        f"{file.name} can't be understood",
        place=printable_path(file),
        found=found,
        expected="the description of a run",
        fixes=(Fix("Copy the run folder again from where it came from."),),
    )


def _newer(file: Path, version: object) -> Diagnostic:
    return Diagnostic(
        "run-newer",
        "a newer version of Layerloom wrote this run",
        place=printable_path(file),
        found=f"version {str(version)[:40]}",
        expected=f"version {VERSION} or older",
        fixes=(Fix("Install the newest Layerloom."),),
    )
