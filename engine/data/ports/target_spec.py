"""What an Output node expects of its target."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.diagnostic import Fix
from engine.core.tensor_spec import Dim
from engine.objectives.head import Head
from engine.objectives.loss import Form


@dataclass(frozen=True, slots=True)
class TargetPort:
    """The target of one Output node.

    Args:
        name: the Output node's name.
        shape: of one target, batch left out. A last axis of size 1 may be missing in the data.
        form: "number" and "binary" compare value by value; "onehot" and "distribution" have one
            column per class; "index" is the class' number.
        classes: how many classes there are, None where there are none.
        loss: the loss' name, as far as findings mention it.
        labels: the classes' names, or no and yes, in order; () if they come from the data.
        ignored: a class number that counts for nothing, wherever it stands.
        weight: its loss' factor in the total.
        missing: "mask" if rows without a target count for nothing, "error" if there may be none.
        balanced: True if its classes are weighed by how often they occur.
        layer: the node whose units are the number of columns, "" if there is none.
    """

    name: str
    shape: tuple[Dim, ...]
    form: Form
    classes: int | None = None
    loss: str = ""
    labels: tuple[str, ...] = ()
    ignored: int | None = None
    weight: float = 1.0
    missing: str = "error"
    balanced: bool = False
    layer: str = ""

    @property
    def hot(self) -> bool:
        """True if the target has one column per class."""
        return self.form in ("onehot", "distribution")

    def units(self, count: int) -> Fix:
        """Return the fix that makes the network predict so many columns."""
        if not self.layer:
            return Fix(f"Give the layer that feeds {self.name} {count} units.")
        edit = {"do": "set_params", "node": self.layer, "params": {"units": count}}
        return Fix(f"Give {self.layer}, which feeds {self.name}, {count} units.", edit)


def target_port(head: Head, layer: str = "") -> TargetPort:
    """Return what a trained head expects of its target.

    Args:
        head: one with a loss.
        layer: the node whose units are the number of columns.
    """
    assert head.form is not None, f"{head.name} has no loss, so it has no target"
    return TargetPort(
        head.name,
        head.target_shape,
        head.form,
        head.classes,
        head.loss_name,
        head.labels,
        getattr(head.loss, "ignore_class", None),
        head.loss_weight,
        head.missing,
        head.balanced,
        layer,
    )
