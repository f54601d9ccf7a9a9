"""Templates after the book's chapter: skips, branches, shared layers, a network used as a layer."""

from __future__ import annotations

import pytest

from engine.check.report import check
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.graph.view import frames, routes


def project(name):
    return parse(read_template(name)).project


@pytest.mark.parametrize(
    ("name", "count"),
    [("residual", 19_364), ("inception", 4_644), ("siamese", 6_785), ("two-cameras", 13_825)],
)
def test_weights_that_are_shared_count_once(name, count):
    assert check(project(name)).costs.total_count == count


def test_the_skips_of_residual_leave_out_two_convolutions_each():
    graph = project("residual").graph
    assert graph["added"].inputs["xs"] == ("conv", "conv_3")
    assert graph["conv_3"].sources() == ("conv_2",)
    assert graph["conv_2"].sources() == ("conv",)
    assert graph["added_2"].inputs["xs"] == ("shortcut", "conv_5")
    assert graph["shortcut"].sources() == graph["conv_4"].sources() == ("relu",)


def test_the_skips_of_residual_run_straight_and_above_what_they_leave_out():
    drawn = project("residual")
    at = {name: seen["at"] for name, seen in drawn.view["nodes"].items()}
    assert not routes(drawn)
    for skip, below in (("conv", "conv_2"), ("shortcut", "conv_5")):
        assert at[below][1] >= at[skip][1] + 120


def test_inception_looks_at_one_tensor_with_windows_of_several_widths():
    drawn = project("inception")
    branches = drawn.graph["joined"].inputs["xs"]
    assert len(branches) == 4
    widths = [drawn.graph[name].params.get("kernel_size") for name in branches]
    assert widths == [1, 3, 15, 1]
    assert len(drawn.graph.consumers["stem"]) == 4


@pytest.mark.parametrize("name", ["siamese", "two-cameras"])
def test_both_sides_use_the_same_weights_and_stand_in_a_frame_each(name):
    drawn = project(name)
    graph = drawn.graph
    for node in graph:
        if node.name.startswith("right_") and node.kind != "Flatten":
            assert node.shares == node.name.replace("right_", "left_")
    left, right = frames(drawn)
    assert [name.replace("left_", "right_") for name in left.nodes] == [*right.nodes]
