"""The data panel shows the table, its columns and what they feed; and says what can't be read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from app.controls.inputs.fix_button import FixButton
from app.data.panel import DataPanel
from app.data.table.column_header import ColumnHeader
from app.data.table.table_model import MISSING_TEXT, NODES_ROLE, STATISTICS_ROLE
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.theme.theme import Theme
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect
from tests.app.windows import settle, visible

HEAD = "height,species,seen,story"
LINES = [
    f"{n * 0.5 if n % 9 else ''},{('owl', 'gull')[n % 2]},2024-01-{n % 28 + 1:02},"
    f"a {'very ' * (n % 5)}tall bird number {n}"
    for n in range(600)
]
CSV = "\n".join([HEAD, *LINES])
HORIZONTAL = Qt.Orientation.Horizontal


def drawn() -> Project:
    project = node_edits.add_node(Project(), "Input", "size", params={"shape": [1]}, at=(0, 0))
    return field_edits.set_mapping(project, "inputs", "size", {"column": "height"})


@pytest.fixture
def session(qapp: QApplication) -> Session:
    return Session(drawn())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "birds.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def panel(qtbot, workspace: Workspace, theme: Theme) -> DataPanel:
    panel = DataPanel(workspace, DataCheckJob(workspace, workspace), theme)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def filled(panel: DataPanel, session: Session, table: Path, qtbot) -> DataPanel:
    session.data_path = table
    qtbot.waitUntil(lambda: read(session))
    return panel


def read(session: Session) -> bool:
    return session.table_contents is not None and not session.table_contents.is_reading


def cell(panel: DataPanel, row: int, column: int) -> str:
    return panel.table.table_model.index(row, column).data()


def header(panel: DataPanel, column: int, role: int) -> object:
    return panel.table.table_model.headerData(column, HORIZONTAL, role)


def press_section(header: ColumnHeader, section: int, modifiers=Qt.KeyboardModifier.NoModifier):
    at = QPoint(header.sectionViewportPosition(section) + 60, 20)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifiers, at)


def test_an_empty_document_is_told_of_the_start_from_data(panel: DataPanel, session: Session):
    """Columns can't be dragged onto what is not drawn."""
    assert "drag its columns" in panel._empty._text.text()
    session.edit("Delete", node_edits.remove_node, "size")
    assert "Start from data" in panel._empty._text.text()
    session.undo()
    assert "drag its columns" in panel._empty._text.text()


def test_without_data_the_panel_says_what_to_do(panel, qtbot):
    button = next(b for b in panel.findChildren(QPushButton) if b.isVisible())
    assert button.text() == "Choose data…"
    with qtbot.waitSignal(panel.choose_requested):
        button.click()


def test_rows_and_facts_of_the_data_are_shown(filled):
    assert filled.table.table_model.rowCount() == 600
    assert (cell(filled, 0, 0), cell(filled, 1, 0), cell(filled, 1, 1)) == (
        MISSING_TEXT,
        "0.5",
        "gull",
    )
    kinds = [header(filled, column, STATISTICS_ROLE).kind for column in range(4)]
    assert kinds == ["number", "category", "date", "text"]
    told = header(filled, 0, Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "67 missing (11 %) of 600 rows" in told
    assert "Assigned to size." in told
    assert header(filled, 0, NODES_ROLE) == ["size"]
    assert filled.bar._size_label.text() == "600 rows, 4 columns"


def test_what_a_column_feeds_follows_the_document(filled, session):
    session.edit("Map", field_edits.set_mapping, "inputs", "size", {"columns": ["height", "seen"]})
    assert (header(filled, 0, NODES_ROLE), header(filled, 2, NODES_ROLE)) == (["size"], ["size"])
    session.undo()
    assert header(filled, 2, NODES_ROLE) == []


def test_columns_are_chosen_by_clicks_and_by_keys(filled):
    columns = filled.table.column_header
    press_section(columns, 1)
    assert filled.selected_columns == ("species",)
    press_section(columns, 3, Qt.KeyboardModifier.ControlModifier)
    assert filled.selected_columns == ("species", "story")
    press_section(columns, 3)  # one of several: once it is let go, it is chosen alone
    assert filled.selected_columns == ("story",)
    filled.table.select_columns(["height"])
    QTest.keyClick(filled.table, Qt.Key.Key_Right)
    assert filled.selected_columns == ("species",)


def test_a_drag_from_a_header_takes_all_chosen_columns_along(filled, qtbot):
    columns = filled.table.column_header
    columns.dragged.disconnect(filled.table._on_dragged)  # Qt's own loop would wait for a drop
    press_section(columns, 0)
    press_section(columns, 1, Qt.KeyboardModifier.ControlModifier)
    start = QPoint(columns.sectionViewportPosition(0) + 60, 20)
    viewport, left = columns.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, Qt.KeyboardModifier.NoModifier, start)
    with qtbot.waitSignal(columns.dragged):
        QTest.mouseMove(viewport, start + QPoint(3, 0))
        QTest.mouseMove(viewport, start + QPoint(40, -30))
    assert filled.selected_columns == ("height", "species")


def test_the_dialect_is_shown_and_changed_as_one_step(filled, session, qtbot):
    button = filled.bar.dialect
    assert button.text() == "Read as: comma"
    button.menu().aboutToShow.emit()
    delimiter = button.menu().actions()[0].menu()
    texts = [action.text() for action in delimiter.actions() if action.text()]
    assert texts[:3] == ["Auto (comma)", "comma", "semicolon"]
    next(action for action in delimiter.actions() if action.text() == "semicolon").trigger()
    assert session.project.data["file"] == {"delimiter": ";"}
    qtbot.waitUntil(lambda: read(session) and filled.table.table_model.column_names == (HEAD,))
    assert button.text() == "Read as: semicolon"
    session.undo()
    assert "file" not in session.project.data
    qtbot.waitUntil(lambda: read(session) and len(filled.table.table_model.column_names) == 4)


@pytest.mark.slow
def test_what_cannot_be_read_is_said_in_words(panel, session, table, qtbot):
    table.write_text(CSV + "\n1,2\n")
    session.data_path = table
    qtbot.waitUntil(lambda: read(session))
    assert panel.error_note.isVisible()
    assert "Traceback" not in panel.error_note.note.text
    assert "602" in panel.error_note.note.text
    table.write_text(CSV)
    qtbot.waitUntil(lambda: read(session) and not session.table_contents.errors)
    assert not panel.error_note.isVisible()


def test_another_document_in_front_shows_its_own_data(filled, workspace, session, qtbot):
    workspace.open(Session())
    assert filled.table.table_model.rowCount() == 0
    workspace.activate(session)
    qtbot.waitUntil(lambda: read(session) and filled.table.table_model.rowCount() == 600)


def test_names_of_columns_are_plain_text(panel, session, tmp_path, qtbot):
    path = tmp_path / "odd.csv"
    path.write_text("<b>bold</b>,b\n1,2\n3,4\n")
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    tip = header(panel, 0, Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;bold&lt;/b&gt;" in tip


def test_rows_stay_in_sight_while_more_of_the_table_is_read(panel, session, table, qtbot):
    resets = []
    panel.table.table_model.modelReset.connect(lambda: resets.append(1))
    session.data_path = table
    qtbot.waitUntil(lambda: read(session))
    assert len(resets) == 1, "all rows are added to the first ones"


@pytest.mark.slow
def test_a_wide_table_is_read_column_by_column(panel, session, tmp_path, qtbot):
    path = tmp_path / "wide.csv"
    names = [f"column_{n}" for n in range(300)]
    path.write_text("\n".join([",".join(names), *[",".join(map(str, range(300)))] * 50]))
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    assert panel.table.table_model.columnCount() == 300
    panel.grab()


@pytest.mark.parametrize("width", [320, 1600])
def test_the_panel_fits_where_it_is_narrow(filled, width):
    filled.resize(width, 300)
    QApplication.processEvents()
    assert filled.minimumSizeHint().width() <= 560
    filled.grab()


def test_a_menu_lists_nodes_with_the_reason_where_columns_do_not_fit(filled, session):
    filled.table.select_columns(["story"])
    menu = filled.assign_menu(filled)
    (action,) = menu.actions()
    assert (action.text(), action.isEnabled()) == ("size", False)
    assert "story holds words" in action.toolTip()
    filled.table.select_columns(["height"])
    assert filled.assign_menu(filled).actions()[0].isEnabled()
    assert isinstance(menu, QMenu)


def test_a_word_among_numbers_is_told_and_taken_as_missing_in_one_step(
    panel: DataPanel, session: Session, tmp_path: Path, qtbot
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["height", *map(str, range(30)), "n/a?"]) + "\n")
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    assert "not numbers, which count as missing" in panel.cell_note.note.text
    assert "Found: 'n/a?'" in panel.cell_note.note.text
    before = session.project
    settle()
    (button,) = visible(panel.cell_note, FixButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: read(session) and not panel.cell_note.isVisible())
    assert session.project.data["file"] == {"missing": ["n/a?"]}
    assert (cell(panel, 30, 0), header(panel, 0, STATISTICS_ROLE).fault) == (MISSING_TEXT, "")
    assert panel.bar.dialect.text() == 'Read as: comma, "n/a?" missing'
    panel.bar.dialect._fill_menu()
    tips = [action.toolTip() for action in panel.bar.dialect._menu.actions()]
    assert str(Dialect.model_fields["delimiter"].description) in tips[0]
    menu = panel.bar.dialect._menu.actions()[-1].menu()
    menu.actions()[0].trigger()
    assert "missing" not in session.project.data.get("file", {})
    session.undo()
    session.undo()
    assert session.project == before


def test_a_header_without_rows_is_told_above_the_table(
    panel: DataPanel, session: Session, tmp_path: Path, qtbot
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("a,b\n")
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    assert '"people.csv" has a header and no rows.' in panel.error_note.note.text
    assert panel.bar._size_label.text() == "no rows"


def test_the_bar_of_a_rare_label_is_seen(
    panel: DataPanel, session: Session, theme: Theme, tmp_path: Path, qtbot
) -> None:
    """One of 344 rows is no twentieth of a pixel."""
    path = tmp_path / "cities.csv"
    path.write_text("\n".join(["city", *["Rome"] * 343, "Oslo"]) + "\n")
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    settle()
    head = panel.table.column_header.viewport().grab().toImage()
    color = theme.color("outline").rgb()
    columns = [x for x in range(60) if any(head.pixel(x, y) == color for y in range(head.height()))]
    gaps = [x for before, x in pairwise(columns) if x > before + 1]
    assert len(gaps) == 1, "two bars are apart from one another"
    rare = [y for y in range(head.height()) if head.pixel(columns[-1], y) == color]
    assert len(rare) >= 2
    assert "Rome 343, Oslo 1." in header(panel, 0, Qt.ItemDataRole.AccessibleDescriptionRole)


def test_a_column_that_weighs_or_divides_rows_is_not_said_to_be_of_no_use(filled, session):
    session.edit("Weigh", field_edits.set_weights, {"column": "height"})
    session.edit(
        "Divide", field_edits.set_split, {"kind": "group", "params": {"column": "species"}}
    )
    told = [header(filled, at, Qt.ItemDataRole.AccessibleDescriptionRole) for at in range(4)]
    assert told[0].endswith("Assigned to size, sample weights.")
    assert told[1].endswith("Split.")
    assert told[2].endswith("Not used.")
    filled.grab()


def test_choosing_a_column_leaves_the_rows_where_they_are(filled):
    """Whoever looks at row 300 is not taken back to the first one."""
    bar = filled.table.verticalScrollBar()
    settle()
    bar.setValue(300)
    row = filled.table.rowAt(0)
    filled.table.select_columns(["story"])
    assert filled.table.rowAt(0) == row > 0
    assert filled.selected_columns == ("story",)


def test_in_a_narrow_room_the_amount_gives_way_and_not_the_name(filled):
    name, amount = filled.bar._name, filled.bar._size_label
    filled.resize(filled.tabs.sizeHint().width() + filled.bar.sizeHint().width() - 40, 300)
    settle()
    assert name.width() >= name.sizeHint().width()
    assert (amount.text(), amount.accessibleName()) == ("600 rows", "600 rows, 4 columns")
    assert filled.bar.geometry().top() < filled.tabs.geometry().bottom(), "they are in one line"
    filled.resize(1200, 300)
    settle()
    assert amount.text() == "600 rows, 4 columns"


def test_decimal_commas_are_shown_as_the_points_of_all_other_numbers(
    panel: DataPanel, session: Session, tmp_path: Path, qtbot
) -> None:
    path = tmp_path / "german.csv"
    path.write_text("\n".join(["a;b", *[f"{n},5;x, {n % 3}" for n in range(30)]]) + "\n")
    session.data_path = path
    qtbot.waitUntil(lambda: read(session))
    assert (cell(panel, 1, 0), cell(panel, 1, 1)) == ("1.5", "x, 1")
    assert "0.5 to 29.5" in header(panel, 0, Qt.ItemDataRole.AccessibleDescriptionRole)
