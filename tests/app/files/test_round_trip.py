"""Python to file to document to file to Python text to the same graph, whatever was drawn."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from engine import Input, Model, layers, load
from engine.graph.model import Project
from engine.graph.serialization.file import read
from tests.end_to_end import cells
from tests.end_to_end.conftest import in_process


def compiled(model: Model, loss: Any = "categorical_crossentropy", **told: Any) -> Model:
    model.compile("rmsprop", loss, **told)
    return model


def layer() -> Model:
    input_tensor = Input(shape=(32,))
    dense = layers.Dense(32, activation="softmax")
    return Model(input_tensor, dense(input_tensor))


NOTEBOOK = {
    "N1": lambda: compiled(layer()),
    "N2": lambda: compiled(cells.sequential()),
    "N2 as calls": lambda: compiled(cells.functional()),
    "N4": lambda: compiled(cells.functional(), seed=3),
    "N5": lambda: compiled(cells.question_answering(), metrics=["acc"]),
    "N6": lambda: compiled(cells.posts(), cells.LOSSES),
    "N7": lambda: compiled(cells.posts(), cells.LOSSES, loss_weights=cells.WEIGHTS),
    "N8": lambda: compiled(cells.posts(longer=True), cells.LOSSES),
}


def opened_and_kept(
    files: DocumentManager, workspace: Workspace, first: Path, second: Path
) -> Project:
    """Open a file in the window, and save its document as another file."""
    assert files.open(first)
    session = workspace.session
    assert session.project == read(first).project
    files.saver.save_to(session, second)
    assert second.read_bytes() == first.read_bytes()
    return session.project


def exported(file: Path) -> str:
    """Return a file as the Python text that the command writes."""
    out = file.with_suffix(".py")
    answer = in_process("export", file, "--to", "python", "--out", out)
    assert answer.code == 0, answer.err
    return out.read_text(encoding="utf-8")


def run(text: str) -> Model:
    """Run written Python, and answer its model."""
    space: dict[str, Any] = {"__name__": "written"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "written", "exec"), space)
    model: Model = space["model"]
    return model


def round_about(
    files: DocumentManager, workspace: Workspace, first: Path
) -> tuple[Project, Model, str]:
    """Return the document of a file, the model of its Python text, and that text."""
    second = first.with_name("kept.loom.json")
    document = opened_and_kept(files, workspace, first, second)
    text = exported(second)
    return document, run(text), text


@pytest.mark.parametrize("name", NOTEBOOK)
def test_the_notebook_comes_back_as_it_was(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, name: str
) -> None:
    """Names, order, parameters and training: the graph is equal, and so is its next text."""
    model = NOTEBOOK[name]()
    model.save(tmp_path / "model.loom.json")
    document, again, text = round_about(files, workspace, tmp_path / "model.loom.json")
    assert document == model.project
    assert again.graph == model.graph
    (tmp_path / "again").mkdir()
    again.save(tmp_path / "again" / "kept.loom.json")
    assert load(tmp_path / "again" / "kept.loom.json").graph == model.graph
    assert exported(tmp_path / "again" / "kept.loom.json") == text
