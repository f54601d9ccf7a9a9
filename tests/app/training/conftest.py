"""A network of two outputs so small that an epoch takes a millisecond, and rows for it."""

import csv
import json
import random
from pathlib import Path

import pytest

from app.documents.session import Session
from engine.graph.edits import field_edits
from engine.graph.model import Project
from engine.graph.serialization.file import parse, write

TEXT = {
    "format": "layerloom", "version": 1,
    "graph": {"nodes": [
        {"name": "x", "kind": "Input", "params": {"shape": [2]}},
        {"name": "hidden", "kind": "Dense", "inputs": {"x": "x"}, "params": {"units": 4}},
        {"name": "left", "kind": "Dense", "inputs": {"x": "hidden"}, "params": {"units": 1}},
        {"name": "right", "kind": "Dense", "inputs": {"x": "hidden"}, "params": {"units": 1}},
        {"name": "a", "kind": "Output", "inputs": {"x": "left"},
         "params": {"loss": "mse", "metrics": ["mae"]}},
        {"name": "b", "kind": "Output", "inputs": {"x": "right"},
         "params": {"loss": "mae", "loss_weight": 0.5}},
    ]},
    "recipe": {"epochs": 3, "batch_size": 8, "seed": 1, "device": "cpu", "threads": 1},
    "data": {"inputs": {"x": {"columns": ["x1", "x2"]}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return parse(json.dumps(TEXT).encode()).project


def write_rows(path: Path, columns: tuple[str, ...] = ("x1", "x2", "a", "b")) -> Path:
    """Write a table of 40 rows."""
    chance = random.Random(1)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows([[f"{chance.random():.3f}" for _ in columns] for _ in range(40)])
    return path


def set_epochs(document: Session, epochs: int) -> None:
    """Let a document be trained for so long."""
    document.edit("Set epochs", field_edits.set_recipe, {"epochs": epochs})


def saved(folder: Path, project: Project) -> Session:
    """Return the session of a document that was saved in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "tiny.loom.json", project)
    return Session(project, folder / "tiny.loom.json")
