"""An Input that is too short is told the shape that the whole network needs."""

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic
from engine.graph.edits import field_edits
from engine.graph.edits.registry import apply_edit
from tests.engine.runtime.small import node, project


def errors(report: Report, code: str) -> list[Diagnostic]:
    return [found for found in report.errors if found.code == code]


def convolutions(shape: list):
    return project(
        node("posts", "Input", shape=shape),
        node("conv", "Conv1D", "posts", filters=2, kernel_size=5),
        node("pool", "MaxPooling1D", "conv", pool_size=4),
        node("last", "Conv1D", "pool", filters=2, kernel_size=5),
        node("mean", "GlobalAveragePooling1D", "last"),
        node("y", "Output", "mean", loss="mse"),
    )


def test_the_fix_lengthens_the_input_as_much_as_the_network_needs():
    (found,) = errors(check(convolutions([20, 4])), "window-too-large")
    assert found.node == "last"
    fix = found.fixes[-1]
    assert fix.text == "Set the shape of posts to [24, 4], which the network needs."
    after = apply_edit(convolutions([20, 4]), fix.edit)
    assert check(after).errors == []
    (short,) = errors(check(convolutions([23, 4])), "window-too-large")
    assert short.fixes[-1] == fix, "23 steps are still too few"


def test_both_axes_of_a_picture_are_lengthened_and_a_long_one_is_kept():
    picture = project(
        node("photo", "Input", shape=[3, 50, 1]),
        node("conv", "Conv2D", "photo", filters=2, kernel_size=7),
        node("mean", "GlobalAveragePooling2D", "conv"),
        node("y", "Output", "mean", loss="mse"),
    )
    (found,) = errors(check(picture), "window-too-large")
    assert found.fixes[-1].edit["params"] == {"shape": [7, 50, 1]}


def test_a_layer_behind_another_that_needs_a_fixed_length_gets_no_shape():
    """With a dynamic length, the shape of the Conv1D is unknown."""
    fixed = project(
        node("posts", "Input", shape=[8, 4]),
        node("flat", "Flatten", "posts"),
        node("steps", "Reshape", "flat", target_shape=[4, 8]),
        node("conv", "Conv1D", "steps", filters=2, kernel_size=5),
        node("mean", "GlobalAveragePooling1D", "conv"),
        node("y", "Output", "mean", loss="mse"),
    )
    (found,) = errors(check(fixed), "window-too-large")
    assert "shape of" not in " ".join(fix.text for fix in found.fixes)


def test_with_two_inputs_before_it_no_shape_is_suggested():
    joined = project(
        node("a", "Input", shape=[3, 2]),
        node("b", "Input", shape=[3, 2]),
        node("sum", "Add", {"xs": ["a", "b"]}),
        node("conv", "Conv1D", "sum", filters=2, kernel_size=5),
        node("mean", "GlobalAveragePooling1D", "conv"),
        node("y", "Output", "mean", loss="mse"),
    )
    (found,) = errors(check(joined), "window-too-large")
    assert "shape of" not in " ".join(fix.text for fix in found.fixes)


def test_an_edit_elsewhere_infers_the_longer_input_of_its_own_node_only():
    before = check(convolutions([20, 4]))
    edited = field_edits.set_params(before.project, "mean", {"keepdims": True})
    after = check(edited, previous=before)
    assert after.diagnostics == check(edited).diagnostics
    old, new = (report.dynamic_shapes["posts"].inferences for report in (before, after))
    assert {name for name in new if new[name] is not old[name]} == {"posts", "mean", "y"}


def test_an_input_without_axes_gets_no_shape():
    scalar = project(
        node("a", "Input", shape=[]),
        node("steps", "Reshape", "a", target_shape=[-1, 1]),
        node("conv", "Conv1D", "steps", filters=2, kernel_size=3),
        node("mean", "GlobalAveragePooling1D", "conv"),
        node("y", "Output", "mean", loss="mse"),
    )
    (found,) = errors(check(scalar), "window-too-large")
    assert "shape of" not in " ".join(fix.text for fix in found.fixes)
