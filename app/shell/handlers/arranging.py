"""Handlers of the Arrange menu, which move nodes of the active canvas."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.actions.arrange import ArrangeActions
from app.shell.actions.injection import Handler, using

HANDLERS: Mapping[str, Handler] = {
    "tidy": using(ArrangeActions, lambda arrange: arrange.tidy()),
    "tidy-down": using(ArrangeActions, lambda arrange: arrange.tidy(across=False)),
    "align-left": using(ArrangeActions, lambda arrange: arrange.align("left")),
    "align-right": using(ArrangeActions, lambda arrange: arrange.align("right")),
    "align-top": using(ArrangeActions, lambda arrange: arrange.align("top")),
    "align-bottom": using(ArrangeActions, lambda arrange: arrange.align("bottom")),
    "align-middle": using(ArrangeActions, lambda arrange: arrange.align("middle")),
    "align-centre": using(ArrangeActions, lambda arrange: arrange.align("center")),
    "distribute-across": using(ArrangeActions, lambda arrange: arrange.distribute("across")),
    "distribute-down": using(ArrangeActions, lambda arrange: arrange.distribute("down")),
    "nudge-left": using(ArrangeActions, lambda arrange: arrange.nudge(across=-1, down=0)),
    "nudge-right": using(ArrangeActions, lambda arrange: arrange.nudge(across=1, down=0)),
    "nudge-up": using(ArrangeActions, lambda arrange: arrange.nudge(across=0, down=-1)),
    "nudge-down": using(ArrangeActions, lambda arrange: arrange.nudge(across=0, down=1)),
}
