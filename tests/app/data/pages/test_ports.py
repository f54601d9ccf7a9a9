"""What each port would receive stands beside the cells it is made of."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.data.pages.port_model import CELLS, MASKED_TEXT, PORT, VALUES
from app.data.pages.ports import PortsPage
from engine.graph.edits import field_edits
from tests.app.data.conftest import ROWS, settled

pytestmark = pytest.mark.slow


def index(page, port, row=None, column=VALUES):
    model = page.tree.port_model
    names = [view.port for view in model.ports]
    at = names.index(port)
    if row is None:
        return model.index(at, column)
    return model.index(row, column, model.index(at, PORT))


def text(page, port, row=None, column=VALUES):
    return index(page, port, row, column).data()


def test_cells_stand_beside_what_is_made_of_them(begun, page):
    ports = page(PortsPage)
    assert [view.port for view in ports.tree.port_model.ports] == [
        "numbers", "note", "island", "species", "mass",
    ]  # fmt: skip
    assert text(ports, "note", column=CELLS) == "note"
    assert text(ports, "note", 0, CELLS) == "seen from the boat 0"
    assert "(boat)" in text(ports, "note", 0)
    assert text(ports, "species", 1) == "2 (Gentoo)"
    assert text(ports, "numbers", 0, CELLS) == "30.5 | 12.25 | 1"
    assert text(ports, "mass", 3) == MASKED_TEXT
    assert text(ports, "numbers").startswith("3 numbers, (value - [")
    assert f"{ROWS * 9 // 10} training rows" in ports._summary.text()


def test_an_empty_cell_is_called_empty(begun, page):
    begun.edit("Feed", field_edits.set_mapping, "inputs", "island", {"column": "mass"})
    begun.edit("Shape", field_edits.set_params, "island", {"shape": [1]})
    ports = page(PortsPage)
    assert (text(ports, "island", 3, CELLS), text(ports, "island", 3)) == ("(empty)", "empty")


def test_an_edit_is_followed(begun, page, qtbot):
    ports = page(PortsPage)
    assert (
        begun.edit("Map", field_edits.set_mapping, "inputs", "island", {"column": "species"})
        is True
    )
    settled(qtbot, ports.known)
    assert text(ports, "island", column=CELLS) == "species"
    begun.undo()
    settled(qtbot, ports.known)
    assert text(ports, "island", column=CELLS) == "island"


def test_a_port_without_its_column_says_so_and_the_others_are_shown(begun, page, qtbot):
    ports = page(PortsPage)
    begun.edit("Map", field_edits.set_mapping, "inputs", "island", {"column": "iland"})
    settled(qtbot, ports.known)
    assert text(ports, "island") == "No values: see Checks"
    assert text(ports, "species", 1) == "2 (Gentoo)"


def test_keys_open_ports_and_show_their_nodes(begun, page, qtbot):
    ports = page(PortsPage)
    tree = ports.tree
    tree.setFocus()
    tree.setCurrentIndex(index(ports, "island", column=PORT))
    assert not tree.isExpanded(tree.currentIndex())
    QTest.keyClick(tree, Qt.Key.Key_Space)
    assert tree.isExpanded(tree.currentIndex())
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert begun.selection == ("island",)


def test_pictures_are_painted(session, page, tmp_path):
    rng = np.random.default_rng(2)
    path = tmp_path / "rows.npz"
    np.savez(path, pixels=rng.normal(size=(30, 12, 12, 1)), y=rng.normal(size=30))
    from engine.data.readers.table_file import open_table
    from engine.data.starter.starter_graph import build_starter_project

    session.apply("Begin", build_starter_project(open_table(path), ["y"]).project)
    session.data_path = path
    ports = page(PortsPage)
    assert text(ports, "pixels", 0) == "An image"
    assert ports.tree.visualRect(index(ports, "pixels", 0)).height() > 40
    assert not ports.grab().isNull()


def test_nothing_is_read_while_nobody_looks(begun, page, qtbot):
    ports = page(PortsPage)
    ports.hide()
    begun.edit("Map", field_edits.set_mapping, "inputs", "island", {"column": "species"})
    assert not ports.known.is_running
    ports.show()
    settled(qtbot, ports.known)
    assert text(ports, "island", column=CELLS) == "species"


def test_a_moved_node_changes_nothing(begun, page):
    ports = page(PortsPage)
    begun.edit("Move", field_edits.move, {"island": (5, 5)})
    assert not ports.known.is_running


def test_a_changed_file_is_read_again(begun, page, table, qtbot):
    ports = page(PortsPage)
    table.write_text(table.read_text().replace("seen from the boat", "heard from afar"))
    begun.table_contents_changed.emit()
    settled(qtbot, ports.known)
    assert text(ports, "note", 0, CELLS) == "heard from afar 0"


def test_without_data_or_network_it_is_said_what_to_do(session, page, table):
    ports = page(PortsPage)
    assert ports._empty._title.text() == "No data yet"
    session.data_path = table
    assert ports._empty._title.text() == "No nodes yet"


def test_a_bad_cell_is_marked_and_hides_no_sound_row(begun, page, table):
    lines = table.read_text().splitlines()
    lines[2] = lines[2].replace("Gentoo", "King")
    table.write_text("\n".join(lines) + "\n")
    ports = page(PortsPage)
    assert text(ports, "species", 1).startswith("Can't be read: '")
    assert text(ports, "species", 1, CELLS) == "King"
    assert text(ports, "numbers", 0).startswith("-")
    assert not ports.grab().isNull()
