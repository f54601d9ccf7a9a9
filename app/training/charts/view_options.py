"""How curves are looked at: part of the run, smoothing, scale, which lines and charts."""

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
    """One way to look at the curves of a run.

    Args:
        log: losses by their powers of ten.
        newest: so many of the newest steps, 0 for all.
        zoom: the steps in sight, from and to; None follows the run.
        smoothing: steps that are averaged, 0 for none, `AUTOMATIC` as the run is long.
        unseen: lines that are not drawn, of `LINES`.
        hidden: charts that are not shown, by the names of their scores.
        alone: the only chart that is shown, "" for all.
    """

    log: bool = False
    newest: int = 0
    zoom: tuple[int, int] | None = None
    smoothing: int = AUTOMATIC
    unseen: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    alone: str = ""

    def shows(self, score: str) -> bool:
        """Return whether a chart is shown."""
        return score == self.alone if self.alone else score not in self.hidden


class View(QObject):
    """The look in use. Menus and charts change it, and hear of it.

    Signals:
        changed: it is another one than before.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = Look()

    @property
    def look(self) -> Look:
        """How it is looked at now."""
        return self._look

    def set(self, **fields: object) -> None:
        """Change some of it."""
        look = replace(self._look, **fields)  # type: ignore[arg-type]
        if look != self._look:
            self._look = look
            self.changed.emit()

    def see_line(self, line: str, seen: bool) -> None:
        """Draw a line, or leave it out."""
        unseen = self._look.unseen - {line} if seen else self._look.unseen | {line}
        self.set(unseen=unseen)

    def show_chart(self, score: str, shown: bool) -> None:
        """Show a chart, or hide it."""
        hidden = self._look.hidden - {score} if shown else self._look.hidden | {score}
        self.set(hidden=hidden, alone="")

    def isolate(self, score: str) -> None:
        """Show one chart and no other; once more, all of them."""
        self.set(alone="" if self._look.alone == score else score)

    def show_all(self) -> None:
        """Show every chart."""
        self.set(hidden=frozenset(), alone="")

    def whole(self) -> None:
        """Show the whole run."""
        self.set(zoom=None, newest=0)

    def begin(self) -> None:
        """Look at another run: what was zoomed or hidden belongs to the one before."""
        self.set(zoom=None, hidden=frozenset(), alone="")
