"""The inspector: the selected node as a form, the recipe when nothing is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from app.documents.workspace import Workspace
from app.inspector.editors.editor import column
from app.inspector.fields.context import Surroundings
from app.inspector.form.diagnostics_box import plain_label
from app.inspector.form.field_row import Row
from app.inspector.form.form import form_inside
from app.inspector.stylesheet import sheet
from app.inspector.views.diagnostics_tray import Tray
from app.inspector.views.node_view import NodeView
from app.inspector.views.other_views import RecipeView, SeveralView
from app.inspector.views.view import View
from app.settings import Settings
from app.text.phrases import tooltip_text
from app.theme.theme import Theme
from engine.check.report import score_names

DELAY = 20  # milliseconds; a selection that changes again within them is not shown
Key = tuple[object, ...]
_HINT = "Click into a field to read what it does."
_INFO_LINES = 3  # the form stays in place while no field says more


class InspectorPanel(QWidget):
    """Shows what is selected and edits it. While hidden it does nothing.

    Signals:
        data_asked: the table of the document's data is to be shown.
    """

    data_asked = Signal()

    def __init__(
        self, workspace: Workspace, theme: Theme, settings: Settings | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("inspector-panel")
        self.setMinimumWidth(312)  # below that, names of optimizers are cut
        self._workspace, self._theme = workspace, theme
        self._around = Surroundings(theme, settings or Settings(), self._scores, form_inside)
        self._view: View | None = None
        self._key: Key = ()
        self._late = QTimer(self, singleShot=True, interval=DELAY)
        self._late.timeout.connect(self._rebuild)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._info = plain_label(_HINT, "dim")
        self._info.setObjectName("inspector-info")
        self._info.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._info.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        layout = column(self, 0)
        self._tray = Tray()
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._tray)
        layout.addWidget(self._info)
        self._on_theme_changed()
        self._subscribe()

    @property
    def view(self) -> View | None:
        """What is shown now, None before the panel was first shown."""
        return self._view

    @property
    def problem(self) -> str:
        """What is wrong with what was typed and stands there, "" if nothing is."""
        if not self.isVisible() or self._view is None:
            return ""
        rows = [row for row in self._view.findChildren(Row) if row.refused]
        return f"{rows[0].field.label}: {rows[0].refused}" if rows else ""

    def commit(self) -> None:
        """Hand in what was typed and not taken yet; to be called before saving and training."""
        if self._view is not None:
            self._view.commit()

    def rename(self) -> None:
        """Let the person type a name for the selected node."""
        self._rebuild()
        if isinstance(self._view, NodeView):
            self._view.header.name.setFocus()
            self._view.header.name.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._on_project_changed()
        self._on_report_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Hand in what was typed."""
        self.commit()
        super().hideEvent(event)

    def _subscribe(self) -> None:
        self._workspace.active_changed.connect(self._on_switched)
        self._workspace.selection_changed.connect(self._on_project_changed)
        self._workspace.project_changed.connect(self._on_project_changed)
        self._workspace.report_changed.connect(self._on_report_changed)
        self._theme.changed.connect(self._on_theme_changed)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _wanted(self) -> Key:
        """Return what has to be shown; an equal key means the same form with other values."""
        session = self._workspace.session
        names = session.selection
        graph = session.graph
        kinds = [graph.weight_owner(graph[name]).kind for name in names if name in graph]
        return (session, *names, *kinds)

    def _shown(self) -> Key:
        """Return what is shown. A node's form stays the same when the node is renamed by it."""
        if isinstance(self._view, NodeView):
            return (self._key[0], self._view.node.name, *self._key[2:])
        return self._key

    def _rebuild(self) -> None:
        self._late.stop()
        if self._view is not None and self._wanted() == self._shown():
            self._view.show_project()
            self._view.show_report()
            return
        self.commit()
        self._key = self._wanted()
        old, self._view = self._view, self._made()
        focused = self.window().focusWidget()  # the list of kinds has the keyboard while it closes
        choosing = isinstance(old, NodeView) and old.header.kind is focused
        self._scroll.takeWidget()
        self._scroll.setWidget(self._view)
        self._tray.hold(self._view.findings)
        self._info.setText(_HINT)
        if choosing and isinstance(self._view, NodeView):
            self._view.header.kind.setFocus()
        if old is not None:
            old.hide()
            old.deleteLater()

    def _made(self) -> View:
        session, parent = self._workspace.session, self._scroll.viewport()
        node = session.selected_node
        if node is not None:
            view = NodeView(self._around, session, node, parent)
            if view.data is not None:
                view.data.data_asked.connect(self.data_asked)
            return view
        names = [name for name in session.selection if name in session.graph]
        if len(names) > 1:
            return SeveralView(self._around, session, names, parent)
        return RecipeView(self._around, session, parent)

    def _scores(self) -> Sequence[str]:
        return score_names(self._workspace.session.report.heads)

    def _is_current(self) -> bool:
        """Return whether the view can be brought up to date as it is; else begin a new one."""
        if not self.isVisible():
            return False
        if self._view is None:
            self._rebuild()
        elif self._wanted() == self._shown():
            return True
        else:
            self._late.start()
        return False

    def _on_switched(self) -> None:
        # At once: the session that was in front may be about to go, with what was typed for it.
        if self.isVisible():
            self._rebuild()

    def _on_project_changed(self) -> None:
        if self._is_current() and self._view is not None:
            self._view.show_project()

    def _on_report_changed(self) -> None:
        if self._is_current() and self._view is not None:
            self._view.show_report()

    def _on_theme_changed(self) -> None:
        self.setStyleSheet(sheet(self._theme))
        self._info.ensurePolished()
        self._info.setMinimumHeight(self._info.fontMetrics().lineSpacing() * _INFO_LINES + 18)

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is None or not self.isAncestorOf(now):
            return
        place: QWidget | None = now
        while place is not None and not isinstance(place, Row):
            place = place.parentWidget()
        self._info.setText(
            place.about if isinstance(place, Row) else tooltip_text(now.toolTip()) or _HINT
        )
