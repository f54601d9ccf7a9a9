"""Do an Output's metrics, labels and class weights fit its loss and shape."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.io import Output
from engine.objectives.head import class_index, classes
from engine.objectives.loss import LOSSES, Loss, Objective
from engine.objectives.metric import METRICS, Accuracy, Metric


def answers(node: str, output: Output, spec: TensorSpec) -> Iterator[Diagnostic]:
    """Yield what is wrong with the metrics, labels and class weights of an Output.

    Args:
        node: its name.
        output, spec: its layer, and what comes in.
    """
    if output.loss is None:
        if output.metrics:
            yield _nothing_to_measure(node, output)
        return
    for metric in dict.fromkeys(output.metrics):
        if metric.fit(output.loss, spec.shape) is None:
            yield _metric(node, output, output.loss, metric)
    yield from _labels(node, output, output.loss, spec)
    yield from _class_weights(node, output, output.loss, spec)


def _nothing_to_measure(node: str, output: Output) -> Diagnostic:
    names = ", ".join(METRICS.name_of(metric) for metric in output.metrics)
    return Diagnostic(
        "metric-unfit",
        "without a loss there is no target to measure against",
        severity="warning",
        node=node,
        param="metrics",
        found=names,
        expected="no metrics, or a loss",
        fixes=(set_params_fix("Remove the metrics.", metrics=[]).at_node(node),),
    )


def _metric(node: str, output: Output, loss: Loss, metric: Objective) -> Diagnostic:
    name = METRICS.name_of(metric)
    instead = _instead(loss, metric)
    others = [METRICS.to_plain_json(other) for other in output.metrics]
    plain = METRICS.to_plain_json(metric)
    kept = [other for other in others if other != plain]
    swapped = [instead if other == plain else other for other in others]
    remove = set_params_fix(f"Remove {name}.", metrics=kept).at_node(node)
    swap = set_params_fix(f"Use {instead} instead.", metrics=_once(swapped)).at_node(node)
    return Diagnostic(
        "metric-unfit",
        f"{name} can't measure an output that is trained on {LOSSES.name_of(loss)}",
        node=node,
        param="metrics",
        found=f"{name} on {_noun(loss)}",
        expected=f"a metric for {_noun(loss)}, such as {instead}",
        why="a number is practically never exactly right"
        if loss.form == "number" and isinstance(metric, Accuracy)
        else "",
        fixes=(swap, remove),
    )


def _once(metrics: list[object]) -> list[object]:
    return [metric for place, metric in enumerate(metrics) if metric not in metrics[:place]]


def _instead(loss: Loss, metric: Objective) -> str:
    """Return the metric that people mean: an error for numbers, a share of hits for classes."""
    if loss.form == "number":
        return "mae"
    same = LOSSES.name_of(loss)
    return "accuracy" if isinstance(metric, Metric) or same not in METRICS else same


def _noun(loss: Loss) -> str:
    return {
        "number": "numbers",
        "binary": "yes-or-no answers",
        "index": "class numbers",
        "onehot": "classes",
        "distribution": "shares of classes",
    }[loss.form]


def _labels(node: str, output: Output, loss: Loss, spec: TensorSpec) -> Iterator[Diagnostic]:
    wanted = classes(loss, spec.shape) or (spec.shape[-1] if spec.shape else 1)
    if output.labels is None or not isinstance(wanted, int):
        return
    if len(output.labels) == wanted == len(set(output.labels)):
        return
    twice = len(output.labels) == wanted
    yield Diagnostic(
        "labels-mismatch",
        "two labels are the same" if twice else "the number of labels does not fit",
        node=node,
        param="labels",
        found=", ".join(output.labels) if twice else f"{len(output.labels)} labels",
        expected=f"{wanted} different labels" + (", no and yes" if loss.form == "binary" else ""),
        fixes=(
            set_params_fix("Remove the labels; the data's own are used.", labels=None).at_node(
                node
            ),
            Fix(f"Give {wanted} labels, in the order of the classes."),
        ),
    )


def _class_weights(node: str, output: Output, loss: Loss, spec: TensorSpec) -> Iterator[Diagnostic]:
    if not output.class_weight:
        return
    count = classes(loss, spec.shape)
    if count is None:
        yield _no_classes(node, loss)
        return
    if not isinstance(output.class_weight, dict):
        return
    labels = output.labels or ()
    unknown = [key for key in output.class_weight if class_index(key, count, labels) is None]
    if unknown:
        known = {key: w for key, w in output.class_weight.items() if key not in unknown}
        names = ", ".join(labels) or f"0 to {count - 1}"
        yield Diagnostic(
            "class-weight-unfit",
            f"class weights are given to {', '.join(unknown)}, which is no class of this output",
            node=node,
            param="class_weight",
            found=", ".join(unknown),
            expected=names if labels else f"{names}, or labels that the Output names",
            fixes=(
                set_params_fix(f"Remove {', '.join(unknown)}.", class_weight=known or None).at_node(
                    node
                ),
                Fix("Name the classes in the Output's labels."),
            ),
        )


def _no_classes(node: str, loss: Loss) -> Diagnostic:
    return Diagnostic(
        "class-weight-unfit",
        f"class weights have no meaning for {_noun(loss)}",
        node=node,
        param="class_weight",
        found="class weights",
        expected="one class in each row",
        fixes=(set_params_fix("Remove the class weights.", class_weight=None).at_node(node),),
    )
