"""The dock of a panel: a title bar with buttons, and a window frame while it floats."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QToolButton, QWidget

from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import row_layout
from app.theme import icons
from app.theme.theme import Theme

_FLOATING_SIZE = QSize(560, 560)  # minimum initial size of a floating dock, in logical pixels
_FLAG = Qt.WindowType
# A tool window, because in others the shortcuts of the main window do not work.
_FRAME = (
    _FLAG.Tool | _FLAG.CustomizeWindowHint | _FLAG.WindowTitleHint | _FLAG.WindowSystemMenuHint
    | _FLAG.WindowMaximizeButtonHint | _FLAG.WindowCloseButtonHint
)  # fmt: skip


class PanelDock(QDockWidget):
    """A dock that can be maximized, and floats in a window with a frame.

    `was_covered` is true if the panel was behind another tab when its action in the menu hid it.

    Signals:
        maximize_requested: the user asks to maximize or restore the docked panel.
    """

    maximize_requested = Signal()

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__(title, objectName=f"dock-{title.lower()}")
        self._has_floated = self.was_covered = False
        self.toggleViewAction().toggled.connect(self._on_view_toggled)
        self.setTitleBarWidget(_TitleBar(self, theme))
        self.visibilityChanged.connect(self._on_visibility_changed)

    def setWidget(self, panel: QWidget) -> None:
        """Set the panel of the dock, which keeps its size while it is hidden."""
        policy = panel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        panel.setSizePolicy(policy)
        super().setWidget(panel)

    def _on_visibility_changed(self, is_visible: bool) -> None:
        """Hide the panel behind another tab, to follow no changes; Qt only moves it away."""
        if self.widget() is not None:
            self.widget().setVisible(is_visible)

    def _on_view_toggled(self, is_shown: bool) -> None:
        self.was_covered = not is_shown and self.isVisible() and self.widget().isHidden()

    def toggle_maximized(self) -> None:
        """Maximize or restore the panel: in the main window, or on the screen if it floats."""
        if not self.isFloating():
            self.maximize_requested.emit()
        elif self.isMaximized():
            self.showNormal()
        else:
            self.showMaximized()

    def toggle_floating(self) -> None:
        """Make the panel float, the first time in a larger size, or dock it again."""
        self.setFloating(not self.isFloating())
        if self.isFloating() and not self._has_floated:
            self._has_floated = True
            self._set_floating_size()
        self.raise_()  # a panel that is docked again may be behind others

    def _set_floating_size(self) -> None:
        """Enlarge the window, and move it to the middle of the main window."""
        screen, window = self.screen().availableGeometry(), self.parentWidget()
        area = self.geometry()
        area.setSize(area.size().expandedTo(_FLOATING_SIZE).boundedTo(screen.size() * 0.85))
        if window is not None:
            area.moveCenter(window.frameGeometry().center())
        self.setGeometry(area)

    def showEvent(self, event: QShowEvent) -> None:
        """Add the frame to a dock that floats now, also at the end of a drag."""
        super().showEvent(event)
        if self.isFloating():
            QTimer.singleShot(0, self, self._add_frame)

    def _add_frame(self) -> None:
        """Show the floating dock with a window frame; Qt shows it without one."""
        flags = self.windowFlags()
        is_dragged = bool(flags & _FLAG.X11BypassWindowManagerHint)
        if self.isFloating() and flags & _FLAG.FramelessWindowHint and not is_dragged:
            geometry = self.geometry()
            self.setWindowFlags(_FRAME)
            self.setGeometry(geometry)
            self.show()


class _TitleBar(QWidget):
    """The title of a panel, and buttons to maximize, float and close it.

    It handles a double click only, so that Qt's dragging of docks works.
    """

    def __init__(self, dock: PanelDock, theme: Theme) -> None:
        super().__init__(dock, objectName="dock-title-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dock, self._theme = dock, theme
        self._label = ElidedLabel(dock.windowTitle())
        dock.windowTitleChanged.connect(self._show_title)
        dock.topLevelChanged.connect(self._show_title)
        row_layout(
            self._label,
            self._button("maximize", "Maximize or restore", dock.toggle_maximized),
            self._button("float", "Float or dock", dock.toggle_floating),
            self._button("close", "Close", dock.close),
            parent=self, margins=(12, 4, 6, 4), spacing=2, stretch=self._label,
        )  # fmt: skip

    def _button(self, icon: str, tip: str, slot: Callable[[], object]) -> QToolButton:
        button = QToolButton(self, toolTip=tip, objectName=f"dock-{icon}")
        button.setAccessibleName(f"{tip}: {self._dock.windowTitle()}")
        button.setIcon(icons.icon(self._theme, icon, "dim"))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(slot)
        return button

    def _show_title(self) -> None:
        """Show the title, unless the window frame of the floating panel shows it."""
        self._label.set_text("" if self._dock.isFloating() else self._dock.windowTitle())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._dock.toggle_floating()
