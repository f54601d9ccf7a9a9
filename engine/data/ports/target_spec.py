"""`TargetSpec`: the shape and form of the target that an Output node expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.core.diagnostic import Fix
from engine.core.formatting.counts import count_noun
from engine.core.tensor_spec import Dim, TensorSpec
from engine.objectives.head import Head
from engine.objectives.loss import TargetForm
from engine.recipe.data_mapping import PortSide


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """The target of one Output node.

    Args:
        name: the name of the Output.
        shape: the shape of one target, without the batch axis. A last axis of size 1 may be
            missing in the data.
        form: the form of the target. A "number" or "binary" target holds one value per predicted
            value, "onehot" or "distribution" one column per class, and "index" class ids.
        classes: the number of classes, None for targets without classes.
        loss: the name of the loss, for messages.
        labels: the names of the classes, or of 0 and 1, in order; () if the data defines the names.
        ignored_class: a class id that is excluded from loss and metrics, or None.
        missing: "mask" to mask rows without a target, "error" to raise an error for such rows.
        has_balanced_classes: True if classes are weighted inversely to their frequency.
        units_node: the node whose `units` define the number of predicted columns, "" if none does.
        has_dense: whether `units_node` is a Dense directly before the Output.
    """

    name: str
    shape: tuple[Dim, ...]
    form: TargetForm
    classes: int | None = None
    loss: str = ""
    labels: tuple[str, ...] = ()
    ignored_class: int | None = None
    loss_weight: float = 1.0
    missing: str = "error"
    has_balanced_classes: bool = False
    units_node: str = ""
    has_dense: bool = False

    @property
    def is_one_hot(self) -> bool:
        """True if the target has one column per class."""
        return self.form in ("onehot", "distribution")

    @property
    def is_multilabel(self) -> bool:
        """True if a row has any number of labels: one predicted yes or no for each label."""
        return self.form == "binary" and bool(self.shape) and self.shape[-1] != 1

    def units_fix(self, count: int) -> Fix:
        """Return the fix that sets the units of the layer before the Output to `count`."""
        units = count_noun(count, "unit")
        if not self.units_node:
            return Fix(f"Give the layer before {self.name} {units}.")
        edit = {"do": "set_params", "node": self.units_node, "params": {"units": count}}
        return Fix(f"Give {self.units_node}, which is before {self.name}, {units}.", edit)


def target_spec(head: Head, units_node: str = "", has_dense: bool = False) -> TargetSpec:
    """Return the spec of the target that an Output expects, from the Output's `head`.

    `units_node` and `has_dense` are attributes of the result.
    """
    assert head.target_form is not None, f"{head.name} has no loss, so it has no target"
    return TargetSpec(
        head.name,
        head.target_shape,
        head.target_form,
        head.class_count,
        head.loss_name,
        head.labels,
        getattr(head.loss, "ignore_class", None),
        head.loss_weight,
        head.missing,
        head.balanced,
        units_node,
        has_dense,
    )


@dataclass(frozen=True, slots=True)
class StepSpec(TensorSpec):
    """The spec of what a row of the table gives an Input, if the rows become windows.

    `steps` is the axis of the past steps if the Input has one, which `shape` lacks.
    """

    steps: tuple[int, ...] = ()


PortSpec = TensorSpec | TargetSpec


def port_specs(
    inputs: Mapping[str, TensorSpec], targets: Iterable[TargetSpec]
) -> dict[tuple[PortSide, str], PortSpec]:
    """Return the specs of Inputs and targets by side and name, Inputs first."""
    specs: dict[tuple[PortSide, str], PortSpec] = {
        ("inputs", name): spec for name, spec in inputs.items()
    }
    specs |= {("targets", port.name): port for port in targets}
    return specs
