"""View options of the charts: step range, smoothing, scale, visible lines and charts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

AUTOMATIC = -1
SMOOTHINGS = (
    ("No smoothing", 0), ("Automatic smoothing", AUTOMATIC), ("Mean of 10 steps", 10),
    ("Mean of 100 steps", 100), ("Mean of 1,000 steps", 1000),
)  # fmt: skip
LINES = (("Training", "training"), ("Validation", "validation"), ("Changes and resumes", "marks"))


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """The view options of the charts of a run.

    Args:
        log_scale: whether losses have a logarithmic axis.
        last_steps: how many of the newest steps to show; 0 shows all.
        zoom_range: the first and last visible step, None to follow the run.
        smoothing: the window of the moving average in steps, 0 for none, `AUTOMATIC` for a window
            that grows with the run.
        hidden_lines: the lines of `LINES` that are not drawn.
        hidden_charts: the score names of the charts that are not shown.
        isolated_chart: the score name of the only visible chart, "" to show all charts.
    """

    log_scale: bool = False
    last_steps: int = 0
    zoom_range: tuple[int, int] | None = None
    smoothing: int = AUTOMATIC
    hidden_lines: frozenset[str] = frozenset()
    hidden_charts: frozenset[str] = frozenset()
    isolated_chart: str = ""

    def is_visible(self, score: str) -> bool:
        """Return whether the chart with this score name is visible."""
        if self.isolated_chart:
            return score == self.isolated_chart
        return score not in self.hidden_charts


class ViewOptionsModel(QObject):
    """The current view options, shared by menus and charts.

    Signals:
        changed: some option changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._options = ViewOptions()

    @property
    def options(self) -> ViewOptions:
        """The current options."""
        return self._options

    def update(self, **fields: object) -> None:
        """Set some options, given as keyword arguments."""
        options = replace(self._options, **fields)  # type: ignore[arg-type]
        if options != self._options:
            self._options = options
            self.changed.emit()

    def set_line_visible(self, line: str, visible: bool) -> None:
        """Show or hide a kind of line in all charts: "training", "validation" or "marks"."""
        hidden = self._options.hidden_lines
        self.update(hidden_lines=hidden - {line} if visible else hidden | {line})

    def set_chart_visible(self, score: str, visible: bool) -> None:
        """Show or hide the chart of a score."""
        hidden = self._options.hidden_charts
        self.update(
            hidden_charts=hidden - {score} if visible else hidden | {score}, isolated_chart=""
        )

    def toggle_isolated(self, score: str) -> None:
        """Show only the chart with this score name; if no other chart is shown, show all charts."""
        self.update(isolated_chart="" if self._options.isolated_chart == score else score)

    def show_all_charts(self) -> None:
        """Show every chart."""
        self.update(hidden_charts=frozenset(), isolated_chart="")

    def reset_zoom(self) -> None:
        """Show the whole run."""
        self.update(zoom_range=None, last_steps=0)

    def reset(self) -> None:
        """Reset zoom and hidden charts for a new run; the other options stay."""
        self.update(zoom_range=None, hidden_charts=frozenset(), isolated_chart="")
