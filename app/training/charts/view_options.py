"""View options of the charts: step range, smoothing, scale, visible lines and charts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

AUTOMATIC = -1
SMOOTHINGS = (
    ("No smoothing", 0), ("Automatic smoothing", AUTOMATIC), ("Mean of 10 steps", 10),
    ("Mean of 100 steps", 100), ("Mean of 1,000 steps", 1000),
)  # fmt: skip
LINES = (("Training", "training"), ("Validation", "validation"), ("Requests and resumes", "marks"))


@dataclass(frozen=True, slots=True)
class Look:
    """The view options of the charts of a run.

    Args:
        log_scale: losses have a logarithmic axis.
        last_steps: show only so many of the newest steps; 0 shows all.
        zoom_range: first and last visible step; None follows the run.
        smoothing: window of the moving average in steps, 0 for none, `AUTOMATIC` for a window
            that grows with the run.
        hidden_lines: lines of `LINES` that are not drawn.
        hidden_charts: score names of the charts that are not shown.
        isolated_chart: score name of the only visible chart, "" for all.
    """

    log_scale: bool = False
    last_steps: int = 0
    zoom_range: tuple[int, int] | None = None
    smoothing: int = AUTOMATIC
    hidden_lines: frozenset[str] = frozenset()
    hidden_charts: frozenset[str] = frozenset()
    isolated_chart: str = ""

    def shows(self, score: str) -> bool:
        """Return whether a chart is visible, by its score name."""
        return (
            score == self.isolated_chart if self.isolated_chart else score not in self.hidden_charts
        )


class View(QObject):
    """The current view options, shared by menus and charts.

    Signals:
        changed: some option changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._options = Look()

    @property
    def options(self) -> Look:
        """The current options."""
        return self._options

    def set(self, **fields: object) -> None:
        """Set some options, by their names."""
        options = replace(self._options, **fields)  # type: ignore[arg-type]
        if options != self._options:
            self._options = options
            self.changed.emit()

    def see_line(self, line: str, visible: bool) -> None:
        """Show or hide a line of `LINES`."""
        hidden_lines = (
            self._options.hidden_lines - {line} if visible else self._options.hidden_lines | {line}
        )
        self.set(hidden_lines=hidden_lines)

    def show_chart(self, score: str, visible: bool) -> None:
        """Show or hide a chart."""
        hidden_charts = (
            self._options.hidden_charts - {score}
            if visible
            else self._options.hidden_charts | {score}
        )
        self.set(hidden_charts=hidden_charts, isolated_chart="")

    def isolate(self, score: str) -> None:
        """Show only one chart; if it is the only one already, show all."""
        self.set(isolated_chart="" if self._options.isolated_chart == score else score)

    def show_all(self) -> None:
        """Show every chart."""
        self.set(hidden_charts=frozenset(), isolated_chart="")

    def whole(self) -> None:
        """Show the whole run."""
        self.set(zoom_range=None, last_steps=0)

    def begin(self) -> None:
        """Reset zoom and hidden charts for a new run; the other options stay."""
        self.set(zoom_range=None, hidden_charts=frozenset(), isolated_chart="")
