"""The source panel: the network as text, live, each line tied to the node that it comes from."""

from __future__ import annotations

import subprocess
import sys
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPushButton, QToolButton

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.source.panel import SourcePanel
from app.source.source_text import pytorch_text
from app.source.view import SourceView
from app.theme.theme import Theme
from engine.check.report import check
from engine.compile.plan import build_plan
from engine.compile.python_source import python_source
from engine.compile.torch_source import torch_source
from engine.graph import templates
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Project
from engine.graph.serialization.encoder import dumps
from engine.graph.serialization.file import parse

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def template(name: str) -> Project:
    return parse(templates.read_template(name)).project


def source(project: Project, title: str = "untitled") -> str:
    return torch_source(build_plan(project.graph, check(project)), title)


@pytest.fixture
def panel(qtbot, workspace: Workspace, session: Session, theme: Theme) -> SourcePanel:
    session.apply("Draw", template("posts"))
    session.current_report()
    made = SourcePanel(workspace, theme)
    qtbot.addWidget(made)
    made.resize(640, 420)
    made.show()
    qtbot.waitExposed(made)
    return made


def lit(view: SourceView) -> list[str]:
    """Return the lines that are lit up."""
    return [each.cursor.block().text().strip() for each in view.extraSelections()]


def click(qtbot, view: SourceView, text: str, into: int = 1) -> None:
    """Click into the first place where a text stands."""
    at = view.toPlainText().index(text) + into
    cursor = QTextCursor(view.document())
    cursor.setPosition(at)
    view.setTextCursor(cursor)
    view.ensureCursorVisible()
    rect = view.cursorRect(cursor)
    qtbot.mouseClick(view.viewport(), LEFT, pos=rect.center() + QPoint(1, 0))


def button(panel: SourcePanel, name: str) -> QToolButton:
    return panel.findChild(QToolButton, f"source-{name}")


def test_the_texts_are_what_the_engine_writes(panel, session):
    """The sources are those of `engine export`, the file that of saving."""
    assert panel.pytorch.toPlainText() == source(session.project)
    panel.tabs.setCurrentIndex(1)
    assert panel.python.toPlainText() == python_source(session.report, "untitled")
    panel.tabs.setCurrentIndex(2)
    assert panel.file.toPlainText() == dumps(session.project)


def test_an_edit_is_written_a_moment_later_and_nothing_jumps(qtbot, panel, session):
    """The text follows the document, and the place in it stays."""
    panel.pytorch.verticalScrollBar().setValue(9)
    session.edit("Set units", field_edits.set_params, "features", {"units": 77})
    session.edit("Draw", node_edits.add_node, "Output", "more", inputs={"x": "features"})
    session.current_report()
    assert "77" not in panel.pytorch.toPlainText()
    qtbot.waitUntil(lambda: panel.pytorch.toPlainText() == source(session.project))
    assert panel.pytorch.verticalScrollBar().value() == 9


def test_every_edit_of_a_walk_ends_in_the_right_text(panel, session):
    """Changing only the lines that differ never leaves a text of two documents."""
    for name in ("question-answering", "posts-longer", "sequential", "penguins", "posts"):
        session.apply("Open", template(name))
        session.current_report()
        panel.refresh()
        assert panel.pytorch.toPlainText() == source(session.project)


def test_a_hidden_panel_writes_nothing(panel, session):
    """Source is written for whoever looks, then and only then."""
    panel.hide()
    before = panel.pytorch.toPlainText()
    session.apply("Open", template("sequential"))
    session.current_report()
    panel._timer.timeout.emit() if panel._timer.isActive() else None
    assert panel.pytorch.toPlainText() == before
    panel.show()
    assert panel.pytorch.toPlainText() == source(session.project)


def test_selecting_a_node_lights_up_its_lines(panel, session):
    """Where it is built, and where it is called."""
    session.select(["conv_2"])
    assert lit(panel.pytorch) == [
        "self.conv_2 = nn.Conv1d(128, 256, 5)",
        "conv_2 = torch.relu(self.conv_2(pool.mT).mT)",
    ]
    assert panel.pytorch._is_visible_line(panel.pytorch.content.lines_of(["conv_2"])[0])


def test_an_input_and_an_output_have_lines_too(panel, session):
    """An Input is an argument, an Output an entry of the answer."""
    session.select(["posts"])
    assert lit(panel.pytorch)[0] == "posts: (batch, posts) int32"
    assert "def forward(self, posts):" in lit(panel.pytorch)
    session.select(["gender"])
    assert '"gender": torch.sigmoid(raw["gender"]),' in lit(panel.pytorch)


def test_a_click_on_a_line_selects_its_node(qtbot, panel, session):
    """A line leads back to the canvas."""
    click(qtbot, panel.pytorch, "nn.Conv1d(256, 256")
    assert session.selection == ("conv_3",)


def test_a_click_on_a_name_selects_what_it_names(qtbot, panel, session):
    """On a line of several nodes the word under the pointer decides."""
    click(qtbot, panel.pytorch, "pool.mT")
    assert session.selection == ("pool",)


def test_a_click_in_the_file_selects_the_node_of_the_line(qtbot, panel, session):
    """In the graph file each node has one line."""
    panel.tabs.setCurrentIndex(2)
    click(qtbot, panel.file, '"GlobalMaxPooling1D"')
    assert session.selection == ("peak",)
    assert len(lit(panel.file)) == 1


def test_a_click_in_the_python_text_selects_the_layer_that_ends_in_an_output(qtbot, panel, session):
    panel.tabs.setCurrentIndex(1)
    session.select(["age_head"])
    assert lit(panel.python) == ['age = layers.Dense(1, name="age")(features)']
    click(qtbot, panel.python, "peak = ")
    assert session.selection == ("peak",)


def test_a_statement_over_several_lines_belongs_to_one_node(panel, session):
    """A call that was too long for a line is lit up whole."""
    inputs = {f"a_rather_long_name_of_an_input_{number}": number for number in range(6)}
    project = Project()
    for name in inputs:
        project = node_edits.add_node(project, "Input", name, params={"shape": [4]})
    project = node_edits.add_node(project, "Concatenate", "joined", inputs={"xs": list(inputs)})
    project = node_edits.add_node(
        project, "Dense", "last", params={"units": 1}, inputs={"x": "joined"}
    )
    project = node_edits.add_node(
        project, "Output", "y", params={"loss": "mse"}, inputs={"x": "last"}
    )
    session.apply("Draw", project)
    session.current_report()
    panel.refresh()
    session.select(["joined"])
    lines = lit(panel.pytorch)
    assert len(lines) > 3
    assert lines[0].startswith("joined = torch.cat(")
    assert lines[-1] == ")"


def test_errors_are_told_in_place_of_source(qtbot, panel, session):
    """Without a sound graph there is no source, but a way to what has to be mended."""
    session.edit("Break", field_edits.set_params, "features", {"units": 0})
    session.current_report()
    qtbot.waitUntil(lambda: not panel.pytorch.isVisible())
    assert not button(panel, "copy").isEnabled()
    assert "features" in panel._note.text
    with qtbot.waitSignal(panel.problems_requested):
        qtbot.mouseClick(panel.findChild(QPushButton), LEFT)
    panel.tabs.setCurrentIndex(2)
    assert panel.file.toPlainText() == dumps(session.project)
    assert button(panel, "copy").isEnabled()


def test_an_empty_canvas_says_what_to_do(qtbot, panel, session):
    """Nothing drawn, nothing to write."""
    session.apply("Clear", Project())
    session.current_report()
    qtbot.waitUntil(lambda: not panel.pytorch.isVisible())
    assert panel._empty.isVisible()


def test_copy_puts_the_whole_text_on_the_clipboard(qtbot, panel, session):
    """One press, whatever is selected."""
    qtbot.mouseClick(button(panel, "copy"), LEFT)
    assert QGuiApplication.clipboard().text() == source(session.project)


def test_saving_is_asked_of_the_window(qtbot, panel):
    """The panel asks for what it shows; it opens no dialogue itself."""
    with qtbot.waitSignal(panel.export_requested) as asked:
        qtbot.mouseClick(button(panel, "save-as"), LEFT)
    assert asked.args == ["pytorch"]
    panel.tabs.setCurrentIndex(2)
    with qtbot.waitSignal(panel.export_requested) as asked:
        qtbot.mouseClick(button(panel, "save-as"), LEFT)
    assert asked.args == ["file"]


def test_find_goes_on_round_the_end_and_back(qtbot, panel):
    """Ctrl+F, a word, Return and Shift+Return."""
    panel.pytorch.setFocus()
    qtbot.keyClick(panel.pytorch, KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = panel.find_bar.field
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "age_head")
    assert panel.find_bar.count_label.text() == "1 of 4"
    for _ in range(4):
        qtbot.keyClick(field, KEY.Key_Return)
    assert panel.find_bar.count_label.text() == "1 of 4"
    qtbot.keyClick(field, KEY.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert panel.find_bar.count_label.text() == "4 of 4"
    assert panel.pytorch.textCursor().selectedText() == "age_head"
    qtbot.keyClicks(field, "xyz")
    assert panel.find_bar.count_label.text() == "Nothing found"


def test_the_text_can_not_be_typed_into(qtbot, panel, session):
    """Keys in the text change nothing."""
    panel.pytorch.setFocus()
    qtbot.keyClicks(panel.pytorch, "x")
    assert panel.pytorch.toPlainText() == source(session.project)


def test_colours_follow_the_theme(panel, theme):
    """A keyword has the accent of the theme, dark or light."""

    def keyword() -> str:
        first = panel.pytorch.document().findBlockByNumber(2).layout().formats()[0]
        shape = first.format
        return shape.foreground().color().name()

    assert keyword() == theme.tokens["accent"]
    theme.set_mode("light")
    assert keyword() == theme.tokens["accent"]


@pytest.mark.slow
def test_writing_source_never_loads_torch():
    """The window stays light: source comes without the library that it is for."""
    code = (
        "import sys\n"
        "from app.source.source_text import pytorch_text\n"
        "from engine.check.report import check\n"
        "from engine.graph import templates\n"
        "from engine.graph.serialization.file import parse\n"
        "report = check(parse(templates.read_template('posts')).project)\n"
        "assert pytorch_text(report, 'posts').lines\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_edits_in_a_row_of_a_thousand_layers_are_written_once(qtbot, panel, session, monkeypatch):
    """No edit waits for the text, and none is written twice."""
    project = node_edits.add_node(Project(), "Input", "n0", params={"shape": [8]})
    for number in range(1, 1000):
        inputs = {"x": f"n{number - 1}"}
        project = node_edits.add_node(
            project, "Dense", f"n{number}", params={"units": 8}, inputs=inputs
        )
    project = node_edits.add_node(
        project, "Output", "y", params={"loss": "mse"}, inputs={"x": "n999"}
    )
    write = Mock(wraps=pytorch_text)
    monkeypatch.setattr("app.source.panel.pytorch_text", write)
    session.apply("Draw", project)
    session.current_report()
    for name in ("n500", "n600"):
        session.edit("Bypass", field_edits.set_off, name)
        session.current_report()
    write.assert_not_called()
    qtbot.waitUntil(lambda: write.called)
    panel.refresh()
    write.assert_called_once()
    assert panel.pytorch.toPlainText() == source(session.project)
