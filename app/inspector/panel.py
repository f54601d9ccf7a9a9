"""The inspector panel: edits the selected nodes, or the training recipe if none is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.controls.layout.tab_order import focus_first
from app.documents.workspace import Workspace
from app.inspector.fields.context import InspectorContext
from app.inspector.form.field_row import FieldRow
from app.inspector.form.form import create_nested_form
from app.inspector.views.diagnostics_area import DiagnosticsArea
from app.inspector.views.node_view import NodeInspectorView
from app.inspector.views.other_views import MultiNodeView, RecipeInspectorView
from app.inspector.views.view import InspectorView
from app.settings import Settings
from app.text.phrases import tooltip_text
from app.theme.theme import Theme
from engine.check.report import score_names
from engine.core.diagnostic import Fix

REBUILD_DELAY_MS = 20  # milliseconds; skips selections that change again within this time
ViewKey = tuple[object, ...]
_HINT = "Select a field to see its description."
_MIN_INFO_LINES = 3  # minimum height of the description, so that the form does not jump


class InspectorPanel(QWidget):
    """A panel that edits the selected nodes or the recipe. It does not update while hidden.

    Signals:
        data_requested: the user asks to see the data table of the document.
    """

    data_requested = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__(objectName="inspector-panel")
        self.setMinimumWidth(312)  # at a smaller width, optimizer names are elided
        self._workspace = workspace
        self._context = InspectorContext(
            theme,
            settings,
            score_names=self._score_names,
            apply_fix=self._apply_fix,
            show_data=self.data_requested.emit,
            create_nested_form=create_nested_form,
        )
        self.view: InspectorView | None = None  # None until the panel is shown for the first time
        self._key: ViewKey = ()
        self._rebuild_timer = QTimer(self, singleShot=True, interval=REBUILD_DELAY_MS)
        self._rebuild_timer.timeout.connect(self._rebuild)
        self._scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._info = plain_label(_HINT, "dim")
        self._info.setObjectName("inspector-info")
        self._info.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._info.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._diagnostics_area = DiagnosticsArea()
        items = (self._scroll, self._diagnostics_area, self._info)
        column_layout(*items, parent=self, spacing=0, stretch=self._scroll)
        self._info.ensurePolished()
        self._info.setMinimumHeight(self._info.fontMetrics().lineSpacing() * _MIN_INFO_LINES + 18)
        self._subscribe()

    @property
    def input_error(self) -> str:
        """The error of the first field with invalid input, "" if all input is valid."""
        if not self.isVisible() or self.view is None:
            return ""
        rows = [row for row in self.view.findChildren(FieldRow) if row.input_error]
        return f"{rows[0].field.label}: {rows[0].input_error}" if rows else ""

    def commit(self) -> None:
        """Commit the pending input of all fields. Called before saving and training."""
        if self.view is not None:
            self.view.commit()

    def focus_first_field(self) -> None:
        """Move the keyboard focus to the first field of what is edited, or else to its name."""
        self._rebuild()  # the selection may be newer than the view
        if self.view is not None:
            editors = (row.editor for row in self.view.findChildren(FieldRow))
            if not any(focus_first(editor) for editor in editors):
                focus_first(self.view)

    def showEvent(self, event: QShowEvent) -> None:
        """Apply the changes that happened while the panel was hidden."""
        super().showEvent(event)
        self._on_project_changed()
        self._on_report_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        self.commit()
        super().hideEvent(event)

    def _subscribe(self) -> None:
        self._workspace.active_changed.connect(self._on_session_changed)
        self._workspace.selection_changed.connect(self._on_project_changed)
        self._workspace.project_changed.connect(self._on_project_changed)
        self._workspace.report_changed.connect(self._on_report_changed)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _wanted_key(self) -> ViewKey:
        """Return the key of the view to show: session, selected nodes and their layer types.

        If this key equals `_shown_key`, the current view is refreshed instead of replaced.
        """
        session = self._workspace.session
        names = session.selection
        graph = session.graph
        kinds = [graph.weight_owner(graph[name]).kind for name in names if name in graph]
        return (session, *names, *kinds)

    def _shown_key(self) -> ViewKey:
        """Return the key of the shown view (see `_wanted_key`). A renamed node has its new name."""
        if isinstance(self.view, NodeInspectorView):
            return (self._key[0], self.view.node.name, *self._key[2:])
        return self._key

    def _rebuild(self) -> None:
        self._rebuild_timer.stop()
        if self.view is not None and self._wanted_key() == self._shown_key():
            self.view.show_project()
            self.view.show_report()
            return
        self.commit()
        self._key = self._wanted_key()
        old, self.view = self.view, self._create_view()
        # If a layer type was just chosen in the header, focus the same box in the new view.
        focused = self.window().focusWidget()
        is_type_focused = isinstance(old, NodeInspectorView) and old.header.kind is focused
        self._scroll.takeWidget()
        self._scroll.setWidget(self.view)
        self._diagnostics_area.set_box(self.view.diagnostics_box)
        self._info.setText(_HINT)
        if is_type_focused and isinstance(self.view, NodeInspectorView):
            self.view.header.kind.setFocus()
        if old is not None:
            old.hide()
            old.deleteLater()

    def _create_view(self) -> InspectorView:
        session, parent = self._workspace.session, self._scroll.viewport()
        node = session.selected_node
        if node is not None:
            return NodeInspectorView(self._context, session, node, parent)
        names = [name for name in session.selection if name in session.graph]
        if len(names) > 1:
            return MultiNodeView(self._context, session, names, parent)
        return RecipeInspectorView(self._context, session, parent)

    def _score_names(self) -> Sequence[str]:
        return score_names(self._workspace.session.report.heads)

    def _apply_fix(self, fix: Fix) -> None:
        session = self._workspace.session
        if session.apply_fix(fix):
            session.canvas_focus_requested.emit()  # since the pressed fix button is removed

    def _is_current(self) -> bool:
        """Return whether the panel is visible and its view fits the current selection.

        If a visible panel has no view, create it. A view that does not fit is replaced soon after.
        """
        if not self.isVisible():
            return False
        if self.view is None:
            self._rebuild()
        elif self._wanted_key() == self._shown_key():
            return True
        else:
            self._rebuild_timer.start()
        return False

    def _on_session_changed(self) -> None:
        # Rebuild now, which commits pending input, since the previous session may close next.
        if self.isVisible():
            self._rebuild()

    def _on_project_changed(self) -> None:
        if self._is_current() and self.view is not None:
            self.view.show_project()

    def _on_report_changed(self) -> None:
        if self._is_current() and self.view is not None:
            self.view.show_report()

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is None or not self.isAncestorOf(now):
            return
        widget: QWidget | None = now
        while widget is not None and not isinstance(widget, FieldRow):
            widget = widget.parentWidget()
        text = widget.description if isinstance(widget, FieldRow) else tooltip_text(now.toolTip())
        self._info.setText(text or _HINT)
