"""The controller of the tour: five steps on an example, in a document of its own."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from app.documents.session import Session
from app.settings import TOUR_SEEN
from app.shell.window_parts import WindowParts
from app.tour.callout import Callout
from app.tour.step import TourStep
from engine.graph.model import Graph

_EXAMPLE, _LAYER = "penguins", "hidden"  # the template, and the layer whose fields are shown


class TourController(QObject):
    """Shows the steps of the tour beside panels and buttons, until the user leaves it."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._workspace, self._docks = window, window.workspace, window.dock_layout
        self._training, self._results = window.panels.training, window.panels.results
        self._session: Session | None = None  # the document of the tour
        self._original = Graph()
        self._index = 0
        self._was_page_shown = False  # the page of the prediction, before its step
        self._steps = self._make_steps()
        self.callout: Callout | None = None  # None while there is no tour
        self._workspace.active_changed.connect(self._on_switched)
        self._workspace.closed.connect(self._on_closed)
        self._docks.visibility_changed.connect(self._on_visibility_changed)

    def start(self) -> None:
        """Open the example with its sample data, and show the first step.

        If the tour has just been started, only show its first step again.
        """
        if self._session is not None and self._session.graph is self._original:
            self._workspace.activate(self._session)
            self._go(0)
            return
        self.leave()
        if not self._window.document_manager.new(_EXAMPLE):
            return
        self._window.settings.set_flag(TOUR_SEEN, True)
        self._session = self._workspace.session
        self._original = self._session.graph
        self._training.use_sample()
        self.callout = callout = Callout(self._window.theme, self._window)
        callout.back_requested.connect(self._on_back)
        callout.next_requested.connect(self._on_next)
        callout.close_requested.connect(self.leave)
        self._begin(0)
        callout.next_button.setFocus()

    def leave(self) -> None:
        """End the tour. Its document stays open."""
        callout, self.callout, self._session = self.callout, None, None
        if callout is None:
            return
        self._steps[self._index].done.disconnect(self._on_signal)
        if callout.isAncestorOf(self._window.focusWidget()):
            self._window.tabs.canvas.setFocus()
        for widget in (callout, callout.ring):
            widget.hide()
            widget.deleteLater()

    def _make_steps(self) -> tuple[TourStep, ...]:
        workspace, training, docks = self._workspace, self._training, self._docks
        return (
            TourStep(
                "Inputs, layers, outputs",
                "Data enters at the two Inputs on the left, passes through the layers, and is "
                "predicted by three Outputs. Click a node to see its fields.",
                lambda: _whole(self._window.tabs.canvas),
                workspace.selection_changed,
                lambda: bool(workspace.session.selection),
            ),
            TourStep(
                "Change a field",
                "Change a number, such as units, and press Enter. The shapes on the canvas follow. "
                "Mistakes are listed under Problems; Ctrl+Z undoes.",
                lambda: _whole(docks.docks["Inspector"]),
                workspace.report_changed,
                self._has_changed_field,
                self._show_fields,
            ),
            TourStep(
                "Train",
                "The sample data of the example is chosen already. Press Train: all three outputs "
                "learn together.",
                lambda: _whole(self._window.tool_bar.train_button),
                training.running_changed,
                lambda: training.running,
            ),
            TourStep(
                "Watch the curves",
                "Each output has its own curves, for training and validation rows. Stop and live "
                "settings work while it trains. Wait until the training ends.",
                lambda: _whole(docks.docks["Training"]),
                training.finished,
                lambda: True,
                lambda: docks.show_expanded("Training"),
            ),
            TourStep(
                "Predict a row",
                "Open Results, then its tab Predict. It fills in a row of the data; each trained "
                "output answers, also while you change the values.",
                lambda: docks.panel_or_tab("Results"),
                self._results.prediction_page.client.predicted,
                self._has_predicted,
                self._note_prediction_page,
            ),
        )

    def _has_changed_field(self) -> bool:
        session = self._workspace.session
        before = [node.params for node in self._original]
        return not session.report.errors and [node.params for node in session.graph] != before

    def _has_predicted(self) -> bool:
        """Return whether the user has opened the page of the prediction, or changed its row."""
        return not self._was_page_shown or self._results.prediction_page.is_edited

    def _note_prediction_page(self) -> None:
        self._was_page_shown = self._results.prediction_page.isVisible()

    def _show_fields(self) -> None:
        self._docks.show_panel("Inspector")
        if self._workspace.session.selected_node is None:
            self._workspace.session.select([_LAYER])

    def _begin(self, index: int) -> None:
        assert self.callout is not None
        self._index, step = index, self._steps[index]
        step.prepare()
        step.done.connect(self._on_signal)
        self.callout.show_step(step, index + 1, len(self._steps))

    def _go(self, index: int) -> None:
        self._steps[self._index].done.disconnect(self._on_signal)
        self._begin(index)

    def _on_back(self) -> None:
        self._go(self._index - 1)

    def _on_next(self) -> None:
        if self._index + 1 < len(self._steps):
            self._go(self._index + 1)
            return
        self.leave()
        self._workspace.message.emit("The tour ends here. Help > Tour shows it again.")

    def _on_signal(self) -> None:
        is_active = self._workspace.session is self._session
        if is_active and self._steps[self._index].is_done():
            self._on_next()

    def _on_switched(self) -> None:
        """Hide the callout while another document is active."""
        if self.callout is not None:
            self.callout.setVisible(self._workspace.session is self._session)
            self.callout.update_place()

    def _on_closed(self, session: Session) -> None:
        if session is self._session:
            self.leave()

    def _on_visibility_changed(self) -> None:
        if self.callout is not None:
            self.callout.update_place()


def _whole(widget: QWidget) -> tuple[QWidget, QRect]:
    return widget, widget.rect()
