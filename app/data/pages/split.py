"""How rows are divided and weighed: the editor of the split, of files apart, and of weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.controls import Heading, Note
from app.controls.dialogs.data_dialog import choose_data
from app.controls.display.elided_label import Elided
from app.controls.layout.tab_order import in_tab_order
from app.data.pages.data_check_job import Examination
from app.data.pages.labelled_field import Labelled
from app.data.pages.page import Page
from app.data.pages.split_bar import SidesBar
from app.data.pages.split_form import SplitForm
from app.data.pages.weights_form import WeightForm
from app.documents.session import SEPARATE_SPLITS
from app.documents.workspace import Workspace
from app.text.phrases import to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic
from engine.graph.edits import node_edits
from engine.recipe.recipe import Recipe

_WIDEST, _WIDE = 640, 860  # pixels of a half; of the page that has both side by side
_FILES = {
    "validation": ("Validation file", "A table whose rows judge each epoch, instead of a share."),
    "test": ("Test file", "A table kept for one last look, instead of a share."),
}


class FileField(QWidget):
    """A file that may be chosen, and taken back."""

    def __init__(
        self, theme: Theme, name: str, choose: Callable[[], object], clear: Callable[[], object]
    ) -> None:
        super().__init__()
        self.choose = QPushButton(icons.icon(theme, "database"), "Choose…")
        self.choose.setAccessibleName(f"Choose {name.lower()}")
        self.clear = QPushButton(icons.icon(theme, "close"), "")
        self.clear.setProperty("role", "quiet")
        self.clear.setAccessibleName(f"No {name.lower()}")
        self.clear.setToolTip("Hold rows of the data back instead")
        self._name = Elided("None")
        self.choose.clicked.connect(choose)
        self.clear.clicked.connect(clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.choose)
        row.addWidget(self._name, 1)
        row.addWidget(self.clear)

    def show_file(self, path: Path | None) -> None:
        """Show which file is chosen."""
        self._name.set_text(path.name if path else "None", str(path) if path else "")
        self.clear.setVisible(path is not None)


class DivisionPage(Page):
    """Writes the split and the weights of the document in front, each change one step of undo."""

    def __init__(
        self,
        workspace: Workspace,
        examination: Examination,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(workspace, examination, parent)
        self.split = SplitForm()
        self.weights = WeightForm()
        self.bar = SidesBar(theme)
        self.told = QLabel(wordWrap=True)
        self.told.setProperty("role", "dim")
        self.note = Note(theme, "error")
        self.files = {part: self._file(theme, part) for part in SEPARATE_SPLITS}
        self._lay_out()
        self.split.chosen.connect(self._on_split_chosen)
        self.weights.rows_chosen.connect(self._on_weights_chosen)
        self.weights.classes_chosen.connect(self._on_classes_chosen)
        for signal in (
            workspace.project_changed,
            workspace.report_changed,
            workspace.data_changed,
            workspace.contents_changed,
        ):
            signal.connect(self._refresh)

    def _file(self, theme: Theme, part: str) -> FileField:
        name, _ = _FILES[part]
        return FileField(theme, name, partial(self._ask, part), partial(self._keep, part, None))

    def _lay_out(self) -> None:
        files = [Labelled(*_FILES[part], field) for part, field in self.files.items()]
        left = _column(Heading("Rows to train, validate and test on"), self.bar, self.split,
                       self.told, self.note, *files)  # fmt: skip
        right = _column(Heading("Weights"), self.weights)
        inside = QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, inside)
        self._halves.setContentsMargins(12, 10, 12, 12)
        self._halves.setSpacing(24)
        for half in (left, right):
            self._halves.addWidget(half, 1, Qt.AlignmentFlag.AlignTop)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put weights beside the split, or below it where there is no room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._halves.setDirection(way)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is shown, the columns too."""
        self._workspace.session.request_contents()
        super().showEvent(event)

    def _on_examined(self) -> None:
        self._show_sides()

    def _refresh(self) -> None:
        """Show the document as it is."""
        if not self.isVisible():
            return
        session = self._workspace.session
        columns = session.contents.columns if session.contents else ()
        recipe = session.report.recipe or Recipe()
        self.split.show_split(session.project.data.get("split"), columns, recipe.validation_split)
        weights = session.project.data.get("weights")
        if self.weights.show_weights(weights, session.report, columns):
            fields = (*self.weights.rows.values(), *self.weights.classes.values())
            in_tab_order(self.files["test"].clear, fields)
        for path, field in zip(session.split_paths, self.files.values(), strict=True):
            field.show_file(path)
        self._show_sides()

    def _show_sides(self) -> None:
        if not self.isVisible():
            return
        known = self._examination
        sides = known.received.sides if known.received else {}
        self.bar.show_sides(sides)
        self.bar.setVisible(self._workspace.session.data is not None)
        bad = next(filter(_about_rows, known.found), None)
        self.note.setVisible(bad is not None)
        if bad is not None:
            self.note.show_message(bad.severity, to_sentence(bad.message))
        split = known.received.split if known.received else ""
        text = "Counting rows…" if known.running else to_sentence(split) if split else ""
        if self._workspace.session.data is None:
            text = "Choose data, and see here how many rows come to each side."
        # While rows are counted, what stands below keeps its place.
        counting = known.running and self.told.isVisible()
        self.told.setMinimumHeight(self.told.height() if counting else 0)
        self.told.setText(text)
        self.told.setVisible(bool(text))
        for half in (self.told.parentWidget(), self._halves.parentWidget()):
            if half is not None and (layout := half.layout()) is not None:
                layout.activate()  # at once: in between, fields would stand where they do not stay

    def _ask(self, part: str) -> None:
        data = self._workspace.session.data
        folder = None if data is None else data.parent
        choose_data(
            self, f"Choose the {_FILES[part][0].lower()}", folder, partial(self._keep, part)
        )

    def _keep(self, part: str, path: Path | None) -> None:
        session = self._workspace.session
        validation, test = session.split_paths
        session.split_paths = (path, test) if part == "validation" else (validation, path)

    def _on_split_chosen(self, split: Any) -> None:
        self._workspace.session.edit("Divide rows", node_edits.set_split, split)

    def _on_weights_chosen(self, weights: Any) -> None:
        self._workspace.session.edit("Weigh rows", node_edits.set_weights, weights)

    def _on_classes_chosen(self, output: str, weight: object) -> None:
        session = self._workspace.session
        if weight == "given":  # which to give is typed in the inspector
            session.reveal([output])
            self._refresh()
            return
        session.edit(f"Weigh classes of {output}", node_edits.set_params, output,
                     {"class_weight": weight})  # fmt: skip


def _column(*widgets: QWidget) -> QWidget:
    """Return widgets below one another, no wider than is easily read."""
    half = QWidget()
    half.setMaximumWidth(_WIDEST)
    rows = QVBoxLayout(half)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(10)
    for widget in widgets:
        rows.addWidget(widget)
    rows.addStretch(1)  # room that is over for a moment goes below, not between the fields
    return half


def _about_rows(found: Diagnostic) -> bool:
    """Return whether a finding is about how rows are divided or weighed."""
    return found.code in ("split-unfit", "split-empty", "weight-unfit") or (
        found.place or ""
    ).startswith(("data.split", "data.weights"))
