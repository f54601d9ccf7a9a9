"""Every finding about the data stands with its rows, and fixes are one step of undo each."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.data.pages.checks import ChecksPage
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Graph, Node, Project
from tests.app.data.conftest import ROWS, settled

pytestmark = pytest.mark.slow


def codes(page):
    return [entry.diagnostic.code for entry in page.view.diagnostic_model.entries]


def press_fix(page, qtbot, code, text, node=None):
    """Click the button of a fix, as a person does."""
    view = page.view
    entries = view.diagnostic_model.entries
    row = next(
        at
        for at, each in enumerate(entries)
        if each.diagnostic.code == code and node in (None, each.diagnostic.node)
    )
    problem = view.diagnostic_model.index(row, 0)
    view.expand(problem)
    lines = [
        view.diagnostic_model.index(at, 0, problem)
        for at in range(view.diagnostic_model.rowCount(problem))
    ]
    wanted = next(
        at for at in lines if view.diagnostic_model.diagnostic_row(at).text.startswith(text)
    )
    view.scrollTo(wanted)
    rect = view.delegate.fix_rect(
        view.visualRect(wanted), view.diagnostic_model.diagnostic_row(wanted)
    )
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    settled(qtbot, page.known)


def test_what_is_found_has_its_rows(begun, page):
    checks = page(ChecksPage)
    assert codes(checks) == ["text-unknown", "target-masked"]
    found = checks.view.diagnostic_model.entries[1].diagnostic
    assert "rows 3, 13, 23, 33, 43, ..." in found.place
    assert checks._summary.text() == f"No errors, no warnings, 2 notes in {ROWS} rows."


def test_a_cell_at_fault_is_named_by_its_line(begun, page, table, qtbot):
    lines = table.read_text().splitlines()
    lines[31] = lines[31].replace("Adelie", "King")
    table.write_text("\n".join(lines) + "\n")
    checks = page(ChecksPage)
    assert codes(checks)[0] == "label-unknown"
    found = checks.view.diagnostic_model.entries[0].diagnostic
    assert "line 32 of the file" in found.place


def test_two_fixes_are_two_steps_of_undo(begun, page, qtbot):
    begun.edit("Set", field_edits.set_params, "note_embedding", {"input_dim": 3})
    begun.edit("Map", field_edits.set_mapping, "targets", "mass", {"column": "mass"})
    checks = page(ChecksPage)
    assert codes(checks)[0] == "id-out-of-vocabulary"
    press_fix(checks, qtbot, "id-out-of-vocabulary", "Set input_dim to")
    assert "id-out-of-vocabulary" not in codes(checks)
    press_fix(checks, qtbot, "loss-dominated", "Standardize it")
    assert "loss-dominated" not in codes(checks)
    assert begun.project.data["targets"]["mass"]["scale"] == "standardize"
    begun.undo()
    assert "scale" not in begun.project.data["targets"]["mass"]
    assert begun.graph["note_embedding"].params["input_dim"] > 3
    begun.undo()
    assert begun.graph["note_embedding"].params["input_dim"] == 3


FEATURES = ["length", "depth", "same"]


@pytest.fixture
def rows(session, tmp_path):
    """A table with a constant column, and class numbers for a loss that wants one-hot rows."""
    path = tmp_path / "rows.csv"
    lines = [f"{row * 7 % 11}.5,{row * 3 % 7}.5,4,{row % 3}" for row in range(ROWS)]
    path.write_text("\n".join(["length,depth,same,kind", *lines]) + "\n")
    nodes = (
        Node("x", "Input", params={"shape": [3]}),
        Node("last", "Dense", {"x": "x"}, {"units": 3, "activation": "softmax"}),
        Node("kind", "Output", {"x": "last"}, {"loss": "categorical_crossentropy"}),
    )
    data = {"inputs": {"x": {"columns": FEATURES}}}
    session.apply("Begin", Project(Graph(nodes), data=data))
    session.data_path = path
    return session


def test_a_sparse_loss_and_a_constant_column_are_mended(rows, page, qtbot):
    checks = page(ChecksPage)
    press_fix(checks, qtbot, "target-form", "Use sparse_categorical_crossentropy")
    assert rows.graph["kind"].params["loss"] == "sparse_categorical_crossentropy"
    press_fix(checks, qtbot, "column-constant", 'Leave "same" out')
    assert rows.project.data["inputs"]["x"]["columns"] == FEATURES[:2]
    assert rows.graph["x"].params["shape"] == [2]
    (left,) = checks.view.diagnostic_model.entries
    assert (left.diagnostic.code, left.diagnostic.severity) == ("column-unused", "info"), (
        "it was meant"
    )
    rows.undo()
    assert rows.project.data["inputs"]["x"]["columns"] == FEATURES, "one step, both edits"
    assert rows.graph["x"].params["shape"] == [3]


def test_a_label_that_only_held_out_rows_have_is_listed(begun, page, table, qtbot):
    sides = {"column": "island", "train": ["Dream"], "validation": ["Biscoe"]}
    begun.edit("Set", field_edits.set_split, {"kind": "column", "params": sides})
    begun.edit("Set", field_edits.remove_param, "species", "labels")
    lines = table.read_text().splitlines()
    lines = [line.replace("Chinstrap", "King") if "Biscoe" in line else line for line in lines]
    table.write_text("\n".join(lines) + "\n")
    begun.edit("Units", field_edits.set_params, "species_head", {"units": 3})
    checks = page(ChecksPage)
    assert codes(checks)[0] == "label-unseen"
    press_fix(checks, qtbot, "label-unseen", "List the labels of island: Biscoe, Dream", "island")
    assert begun.project.data["inputs"]["island"]["labels"] == ["Biscoe", "Dream"]
    press_fix(checks, qtbot, "label-unseen", "List all 4 labels", "species")
    assert begun.graph["species"].params["labels"] == ["Adelie", "Chinstrap", "Gentoo", "King"]


def test_enter_shows_the_node(begun, page):
    checks = page(ChecksPage)
    checks.view.setFocus()
    checks.view.setCurrentIndex(checks.view.diagnostic_model.index(1, 0))
    QTest.keyClick(checks.view, Qt.Key.Key_Return)
    assert begun.selection == ("mass",)


def test_problems_of_the_network_come_first(begun, page, qtbot):
    checks = page(ChecksPage)
    begun.edit("Cut", node_edits.remove_node, "hidden_1")
    settled(qtbot, checks.known)
    assert checks._graph_note.isVisible()
