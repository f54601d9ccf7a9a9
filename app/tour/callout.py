"""The callout of the tour, and the ring around the widget that it is about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from app.controls.display.labels import Heading, plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.theme.theme import Theme
from app.tour.step import TourStep, callout_position

_WIDTH, _RING_WIDTH = 340, 3  # pixels
_Type = QEvent.Type
_MOVES = (_Type.Move, _Type.Resize, _Type.Show, _Type.Hide, _Type.LayoutRequest)


class Callout(QFrame):
    """A box over the window with the text of a step. It takes no events of other widgets.

    Signals:
        back_requested, next_requested: the user asks for another step.
        close_requested: the user leaves the tour, by the button or by Escape in the window.
    """

    back_requested = Signal()
    next_requested = Signal()
    close_requested = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._step: TourStep | None = None
        self.ring = HighlightRing(theme, window)
        self.setProperty("role", "callout")
        self.setFixedWidth(_WIDTH)
        self._title, self._text = Heading(""), plain_label()
        self._count = plain_label(role="dim", wrap=False)
        self.close_button, self.back_button = QPushButton("Close"), QPushButton("Back")
        self.next_button = QPushButton("Next")
        self.close_button.setProperty("role", "quiet")
        self.next_button.setProperty("role", "primary")
        self.close_button.setAccessibleName("Close the tour")
        self.close_button.clicked.connect(self.close_requested)
        self.back_button.clicked.connect(self.back_requested)
        self.next_button.clicked.connect(self.next_requested)
        buttons = (self.back_button, self.next_button, self.close_button)
        row = row_layout(self._count, None, *buttons, spacing=6)
        items = (self._title, self._text, row)
        column_layout(*items, parent=self, margins=(14, 12, 14, 12), spacing=8)
        self._timer = QTimer(self, singleShot=True, interval=0, timeout=self.update_place)

    def show_step(self, step: TourStep, number: int, count: int) -> None:
        """Show a step beside its target."""
        self._step = step
        self._title.setText(step.title)
        self._text.setText(step.text)
        self._count.setText(f"Step {number} of {count}")
        self.setAccessibleName(f"Tour, step {number} of {count}: {step.title}")
        self.setAccessibleDescription(step.text)
        self.back_button.setEnabled(number > 1)
        self.next_button.setText("Finish" if number == count else "Next")
        self.ensurePolished()
        self.update_place()
        self.show()
        self._timer.start()  # again, after the layout of a panel that has just been shown

    def update_place(self) -> None:
        """Move callout and ring to the target; to the middle of the window if it is hidden."""
        if self._step is None:
            return
        layout = self.layout()
        assert layout is not None
        self.setFixedHeight(layout.totalHeightForWidth(_WIDTH))
        widget, part = self._step.target()
        ancestor: QWidget | None = widget
        while ancestor is not None:
            ancestor.installEventFilter(self)
            ancestor = None if ancestor is self._window else ancestor.parentWidget()
        is_seen = widget.window() is self._window and not widget.visibleRegion().isEmpty()
        area = self._window.rect()
        target = QRect(area.center(), QSize(0, 0))
        if is_seen:
            target = QRect(widget.mapTo(self._window, part.topLeft()), part.size())
        margin = _RING_WIDTH
        self.ring.setGeometry(target.adjusted(-margin, -margin, margin, margin) & area)
        self.ring.setVisible(is_seen and not self.isHidden())
        self.move(callout_position(target, self.size(), area.adjusted(8, 8, -8, -8)))
        self.ring.raise_()
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Click the button with the focus on Enter, too: Qt does so in dialogs only."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QPushButton):
            button.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the target. Escape that reaches the window leaves the tour."""
        if event.type() in _MOVES:
            self._timer.start()
        is_key = watched is self._window and event.type() == _Type.ShortcutOverride
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_key and is_escape and self.isVisible():
            event.accept()  # else it would also be the shortcut of the canvas
            self.close_requested.emit()
            return True
        return super().eventFilter(watched, event)


class HighlightRing(QWidget):
    """A frame around a widget; the mouse acts on what is below it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), _RING_WIDTH))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 6, 6)
