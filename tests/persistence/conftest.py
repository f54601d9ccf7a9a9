"""A copy of the folder that a version before has left, for tests to work in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.persistence.program import GOLDEN, RUNS, copied_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a copy of the whole folder: projects, rows, runs."""
    return copied_home(tmp_path / "networks")


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return what copies a run and the rows that it was trained on into a folder of their own."""

    def copied(name: str, rows: str) -> Path:
        place = tmp_path / "networks"
        shutil.copytree(RUNS / name, place / "runs" / name)
        for file in (GOLDEN / "home" / rows, *(GOLDEN / "home").glob("*.png")):
            shutil.copy(file, place)
        return place / "runs" / name

    return copied
