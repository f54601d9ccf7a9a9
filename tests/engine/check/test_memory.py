"""Frames are the segments of gradient checkpointing, and a fix that fits is offered."""

from __future__ import annotations

import pytest

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template, template_names
from engine.graph.view import segments
from tests.engine.runtime.small import node, project

DEPTH, WIDTH, ROWS, MEMORY = 16, 250, 10_000, 200_000_000


def deep(width=WIDTH, **recipe):
    """Return a network of 16 equal layers, whose activations need far more than its weights."""
    names = [f"d{index}" for index in range(DEPTH)]
    layers = [
        node(name, "Dense", before, units=width, activation="tanh")
        for name, before in zip(names, ["x", *names], strict=False)
    ]
    ends = (node("x", "Input", shape=[4]), node("y", "Output", names[-1], loss="mse"))
    return project(*ends, *layers, **{"batch_size": ROWS, **recipe})


def framed(given, *groups):
    for nodes in groups:
        given = apply_edit(given, {"do": "add_frame", "nodes": list(nodes), "title": "f"})
    return given


def test_without_frames_there_are_about_as_many_segments_as_nodes_in_each():
    assert [len(part) for part in segments(deep())] == [4, 4, 4, 4]


def test_a_frame_is_a_segment_unless_other_nodes_are_computed_in_between():
    given = framed(deep(), ["d1", "d2", "d3", "d4", "d5", "d6"], ["d8", "d10"])
    parts = [*segments(given)]
    assert parts[:3] == [("d0",), ("d1", "d2", "d3", "d4", "d5", "d6"), ("d7",)]
    assert parts[3:6] == [("d8",), ("d9",), ("d10",)]


@pytest.mark.parametrize("name", template_names())
def test_segments_are_the_steps_of_the_plan_in_their_order(name):
    given = parse(read_template(name)).project
    steps = [step.node for step in build_plan(given.graph, check(given)).steps]
    assert [node for part in segments(given) for node in part] == steps


def test_a_network_that_fits_with_checkpointing_gets_it_as_first_fix():
    (found,) = check(deep(), available=MEMORY).errors
    assert found.code == "out-of-memory"
    assert found.fixes[0].edit == {
        "do": "set_recipe", "fields": {"gradient_checkpointing": True}
    }  # fmt: skip
    assert not check(apply_edit(deep(), found.fixes[0].edit), available=MEMORY).errors
    (again,) = check(deep(gradient_checkpointing=True), available=MEMORY // 4).errors
    assert "batch_size" in again.fixes[0].text


def test_a_check_after_a_change_of_frames_knows_the_new_segments():
    given = deep(gradient_checkpointing=True)
    before = check(given, available=MEMORY)
    whole = framed(given, [f"d{index}" for index in range(DEPTH)])
    assert not before.errors
    assert [d.code for d in check(whole, MEMORY, before).errors] == ["out-of-memory"]
