"""A folder of runs, made without training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.events import RunStarted
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.app.training.conftest import TEXT
from tests.app.training.made import heads_of, made_run, said


@pytest.fixture
def project() -> Project:
    return parse(json.dumps(TEXT).encode()).project


@pytest.fixture
def place(tmp_path: Path, project: Project) -> Path:
    """Three runs: the second has more units, the third a note and more epochs."""
    runs = tmp_path / "runs"
    wide = field_edits.set_params(project, "hidden", {"units": 8})
    wide = node_edits.add_node(wide, "Dropout", "drop")
    for number, (each, epochs) in enumerate(((project, 4), (wide, 3), (wide, 6)), 1):
        heads = heads_of(each)
        events = [
            event.model_copy(update={"time": f"2026-01-0{number}T10:00:00.000Z"})
            if isinstance(event, RunStarted) else event
            for event in said(heads, epochs)
        ]  # fmt: skip
        made_run(runs / f"tiny-{number:03}", each, "tiny", events)
        described = json.loads((runs / f"tiny-{number:03}" / "run.json").read_text())
        described["hashes"] = {"graph": str(number > 1), "recipe": "r", "data": "d"}
        (runs / f"tiny-{number:03}" / "run.json").write_text(json.dumps(described))
    return runs
