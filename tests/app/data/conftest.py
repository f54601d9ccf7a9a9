"""A table of a person's own, and the first network for it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.theme.theme import Theme
from engine.data.readers.table_file import open_table
from engine.data.starter.starter_graph import build_starter_project

ROWS = 60


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Words, numbers, labels and holes in the last column."""
    path = tmp_path / "birds.csv"
    notes = ["seen from the boat", "a nest with two eggs", "no nest here"]
    lines = ["note,length,depth,island,visits,species,mass"]
    for row in range(ROWS):
        mass = "" if row % 10 == 3 else f"{3000 + 37 * (row * 7 % 50)}"
        island, species = ["Dream", "Biscoe"][row % 2], ["Adelie", "Gentoo", "Chinstrap"][row % 3]
        size = f"{30 + row * 7 % 20}.5,{12 + row * 3 % 9}.25"
        lines.append(f"{notes[row % 3]} {row},{size},{island},{1 + row % 2},{species},{mass}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def begun(session: Session, table: Path) -> Session:
    """A document that predicts species and mass from the table."""
    session.apply("Begin", build_starter_project(open_table(table), ["species", "mass"]).project)
    session.data_path = table
    return session


@pytest.fixture
def page(workspace: Workspace, theme: Theme, qtbot: QtBot) -> Callable[..., QWidget]:
    """Make a page that is seen, and wait until all about the data is known."""

    def make(cls: type, wide: int = 1000) -> QWidget:
        known = DataCheckJob(workspace)
        made = cls(workspace, known, theme)
        known.setParent(made)
        qtbot.addWidget(made)
        made.resize(wide, 500)
        with qtbot.waitExposed(made):
            made.show()
        made.known = known
        settled(qtbot, known)
        return made

    return make


def settled(qtbot: QtBot, known: DataCheckJob) -> None:
    """Wait until what is known is that of the document as it is; an engine that died says so."""
    qtbot.waitUntil(lambda: not known.is_running)
    assert not known.has_failed, "the engine gave no answer"
