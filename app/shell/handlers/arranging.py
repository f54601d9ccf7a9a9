"""Handlers of the Arrange menu; they move nodes of the active canvas."""

from __future__ import annotations

from app.canvas.actions.arrange import ArrangeActions
from app.shell.handlers.registry import HandlerTable

table = HandlerTable()


@table.handles("tidy")
def _tidy(arrange: ArrangeActions) -> None:
    arrange.tidy()


@table.handles("tidy-down")
def _tidy_down(arrange: ArrangeActions) -> None:
    arrange.tidy(across=False)


@table.handles("align-left")
def _align_left(arrange: ArrangeActions) -> None:
    arrange.align("left")


@table.handles("align-right")
def _align_right(arrange: ArrangeActions) -> None:
    arrange.align("right")


@table.handles("align-top")
def _align_top(arrange: ArrangeActions) -> None:
    arrange.align("top")


@table.handles("align-bottom")
def _align_bottom(arrange: ArrangeActions) -> None:
    arrange.align("bottom")


@table.handles("align-middle")
def _align_middle(arrange: ArrangeActions) -> None:
    arrange.align("middle")


@table.handles("align-centre")
def _align_centre(arrange: ArrangeActions) -> None:
    arrange.align("center")


@table.handles("distribute-across")
def _distribute_across(arrange: ArrangeActions) -> None:
    arrange.distribute("across")


@table.handles("distribute-down")
def _distribute_down(arrange: ArrangeActions) -> None:
    arrange.distribute("down")


@table.handles("nudge-left")
def _nudge_left(arrange: ArrangeActions) -> None:
    arrange.nudge(across=-1, down=0)


@table.handles("nudge-right")
def _nudge_right(arrange: ArrangeActions) -> None:
    arrange.nudge(across=1, down=0)


@table.handles("nudge-up")
def _nudge_up(arrange: ArrangeActions) -> None:
    arrange.nudge(across=0, down=-1)


@table.handles("nudge-down")
def _nudge_down(arrange: ArrangeActions) -> None:
    arrange.nudge(across=0, down=1)
