"""Checks of an Output's metrics, labels and class weights against its loss and shape."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.diagnostic import Diagnostic, set_params_fix
from engine.core.formatting.counts import count_noun
from engine.core.tensor_spec import TensorSpec
from engine.layers.io import Output
from engine.objectives.head import class_count, class_index
from engine.objectives.loss import LOSSES, Loss, Objective
from engine.objectives.metric import METRICS, Accuracy


def check_output_settings(node: str, output: Output, spec: TensorSpec) -> Iterator[Diagnostic]:
    """Yield the diagnostics of the metrics, labels and class weights of an Output."""
    if output.loss is None:
        if output.metrics:
            yield _metrics_without_loss(node, output)
        return
    for metric in dict.fromkeys(output.metrics):
        if metric.resolve_for(output.loss, spec.shape) is None:
            yield _metric_mismatch(node, output, output.loss, metric)
    yield from _labels(node, output, output.loss, spec)
    yield from _class_weights(node, output, output.loss, spec)


def _metrics_without_loss(node: str, output: Output) -> Diagnostic:
    names = ", ".join(METRICS.name_of(metric) for metric in output.metrics)
    return Diagnostic.warning(
        "metric-unfit",
        "without a loss there is no target to measure against",
        set_params_fix("Remove the metrics.", metrics=[]).at_node(node),
        node=node,
        param="metrics",
        found=names,
        expected="no metrics, or a loss",
    )


def _metric_mismatch(node: str, output: Output, loss: Loss, metric: Objective) -> Diagnostic:
    name = METRICS.name_of(metric)
    suggestion = _suitable_metric(loss, metric)
    metrics = [METRICS.to_plain_json(other) for other in output.metrics]
    value = METRICS.to_plain_json(metric)
    kept = [other for other in metrics if other != value]
    replaced = [suggestion if other == value else other for other in metrics]
    unique = [other for index, other in enumerate(replaced) if other not in replaced[:index]]
    remove = set_params_fix(f"Remove {name}.", metrics=kept).at_node(node)
    replace = set_params_fix(f"Use {suggestion} instead.", metrics=unique).at_node(node)
    return Diagnostic.error(
        "metric-unfit",
        f"{name} can't measure an output that is trained on {LOSSES.name_of(loss)}",
        replace,
        remove,
        node=node,
        param="metrics",
        found=f"{name} on {_target_noun(loss)}",
        expected=f"a metric for {_target_noun(loss)}, such as {suggestion}",
        why="a predicted number is almost never exactly equal to its target"
        if loss.target_form == "number" and isinstance(metric, Accuracy)
        else "",
    )


def _suitable_metric(loss: Loss, metric: Objective) -> str:
    """Return the name of a metric that fits a loss and can replace `metric`, which does not."""
    if loss.target_form == "number":
        return "mae"
    loss_name = LOSSES.name_of(loss)
    is_loss_of_classes = isinstance(metric, Loss) and metric.target_form != "number"
    return loss_name if is_loss_of_classes and loss_name in METRICS else "accuracy"


def _target_noun(loss: Loss) -> str:
    return {
        "number": "numbers",
        "binary": "binary targets",
        "index": "class indices",
        "onehot": "classes",
        "distribution": "class distributions",
    }[loss.target_form]


def _labels(node: str, output: Output, loss: Loss, spec: TensorSpec) -> Iterator[Diagnostic]:
    expected = class_count(loss, spec.shape) or (spec.shape[-1] if spec.shape else 1)
    if output.labels is None or not isinstance(expected, int):
        return
    if len(output.labels) == expected == len(set(output.labels)):
        return
    are_duplicates = len(output.labels) == expected
    remove = set_params_fix("Remove the labels; those of the data are used.", labels=None)
    yield Diagnostic.error(
        "labels-mismatch",
        "two labels are the same" if are_duplicates else "the number of labels does not fit",
        remove.at_node(node),
        f"List {count_noun(expected, 'label')}, in class order.",
        node=node,
        param="labels",
        found=", ".join(output.labels) if are_duplicates else f"{len(output.labels)} labels",
        expected=count_noun(expected, "label" if expected == 1 else "different label")
        + (", for 0 and 1" if loss.target_form == "binary" else ""),
    )


def _class_weights(node: str, output: Output, loss: Loss, spec: TensorSpec) -> Iterator[Diagnostic]:
    if not output.class_weight:
        return
    count = class_count(loss, spec.shape)
    if count is None:
        yield _no_classes(node, loss)
        return
    if not isinstance(output.class_weight, dict):
        return
    labels = output.labels or ()
    unknown = [key for key in output.class_weight if class_index(key, count, labels) is None]
    if unknown:
        valid = {key: w for key, w in output.class_weight.items() if key not in unknown}
        names = ", ".join(unknown)
        remove = set_params_fix(f"Remove {names}.", class_weight=valid or None)
        numbers = f"0 to {count - 1}, or labels that the Output names"
        yield Diagnostic.error(
            "class-weight-unfit",
            f"class weights contain {names}, which is not a class of this output",
            remove.at_node(node),
            "Name the classes in the Output's labels.",
            node=node,
            param="class_weight",
            found=names,
            expected=", ".join(labels) or numbers,
        )


def _no_classes(node: str, loss: Loss) -> Diagnostic:
    return Diagnostic.error(
        "class-weight-unfit",
        f"class weights have no meaning for {_target_noun(loss)}",
        set_params_fix("Remove the class weights.", class_weight=None).at_node(node),
        node=node,
        param="class_weight",
        found="class weights",
        expected="one class in each row",
    )
