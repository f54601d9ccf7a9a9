"""What an Output node expects of its target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.core.spec import Dim

Form = Literal["number", "index", "onehot", "binary"]


@dataclass(frozen=True, slots=True)
class TargetPort:
    """The target of one Output node.

    Args:
        name: the Output node's name.
        shape: what the output predicts for one row, batch left out: (10,) for 10 classes.
        form: "number" and "binary" compare value by value; "onehot" is one column per class;
            "index" is the class' number, so the target lacks the last axis.
        loss: the loss' name, as far as findings mention it.
        labels: the classes' names, or no and yes, in order; () if they come from the data.
    """

    name: str
    shape: tuple[Dim, ...]
    form: Form
    loss: str = ""
    labels: tuple[str, ...] = ()

    @property
    def target_shape(self) -> tuple[Dim, ...]:
        """Shape of one row of the target."""
        return self.shape[:-1] if self.form == "index" else self.shape

    @property
    def classes(self) -> int | None:
        """Number of classes, None where there are none or their number is free."""
        last = self.shape[-1] if self.shape else None
        return last if self.form in ("index", "onehot") and isinstance(last, int) else None
