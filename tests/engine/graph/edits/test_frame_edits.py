"""Frames, led wires and folded cards follow every edit, and nothing in a file can break them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph import fragment
from engine.graph.edits import field_edits, frame_edits, node_edits, wire_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from engine.graph.view import (
    MAX_COORDINATE,
    MAX_FRAMES,
    MAX_POINTS,
    Frame,
    collapsed_nodes,
    frames,
    frames_by_node,
    node_positions,
    routes,
)
from tests.strategies import NAMES, PORTS, projects, references, values
from tests.strategies import edits as any_edit
from tests.tiers import noted

A = Node("a", "Input", params={"shape": [4]})
B = Node("b", "Dense", {"x": "a"}, {"units": 4})
C = Node("c", "Add", {"xs": ("b", "a")})
D = Node("d", "Output", {"x": "c"})
START = Project(Graph((A, B, C, D)))


def shown(project: Project) -> list[tuple[str, tuple[str, ...]]]:
    return [(frame.title, frame.nodes) for frame in frames(project)]


def test_a_node_is_in_one_frame_and_an_empty_frame_goes() -> None:
    now = frame_edits.add_frame(START, ["b", "a", "b"], "Front")
    assert frames(now) == (Frame(0, "Front", ("a", "b")),)
    now = frame_edits.add_frame(now, ["b", "c"], "Back", tint="merge")
    assert shown(now) == [("Front", ("a",)), ("Back", ("b", "c"))]
    now = frame_edits.put_in_frame(now, 1, ["a"])
    assert frames(now) == (Frame(0, "Back", ("a", "b", "c"), tint="merge"),)
    now = frame_edits.take_out_of_frames(now, ["a", "d"])
    assert frames_by_node(now) == dict.fromkeys("bc", Frame(0, "Back", ("b", "c"), tint="merge"))
    assert frame_edits.take_out_of_frames(now, ["b", "c"]) == START


def test_a_frame_has_a_title_a_tint_and_may_be_collapsed() -> None:
    now = frame_edits.add_frame(START, ["a"])
    now = frame_edits.set_frame(now, 0, title="In", collapsed=True, tint="io")
    assert now.view == {
        "frames": [{"title": "In", "nodes": ["a"], "collapsed": True, "tint": "io"}]
    }
    now = frame_edits.set_frame(now, 0, collapsed=False, tint="")
    assert now.view == {"frames": [{"title": "In", "nodes": ["a"]}]}
    assert frame_edits.remove_frame(now, 0) == START


def test_names_carry_frames_routes_and_folds() -> None:
    now = frame_edits.add_frame(START, ["b"], "Front")
    now = frame_edits.set_route(now, "b", "c", "xs", [(1.4, 2)])
    now = frame_edits.set_collapsed(now, ["b"])
    now = node_edits.rename_node(now, "b", "dense")
    assert shown(now) == [("Front", ("dense",))]
    assert routes(now) == {("dense", "c", "xs"): ((1, 2),)}
    assert collapsed_nodes(now) == {"dense"}
    now = node_edits.rename_node(now, "c", "sum")
    assert list(routes(now)) == [("dense", "sum", "xs")]
    assert node_edits.remove_node(now, "dense").view == {}


def test_a_route_goes_with_its_wire() -> None:
    led = frame_edits.set_route(START, "b", "c", "xs", [[1, 2], [3, 4]])
    led = frame_edits.set_route(led, "c", "d", "x", [[5, 6]])
    assert len(routes(led)) == 2
    assert list(routes(wire_edits.disconnect(led, "c", "xs", 0))) == [("c", "d", "x")]
    assert list(routes(wire_edits.disconnect(led, "c", "xs", 1))) == [
        ("b", "c", "xs"),
        ("c", "d", "x"),
    ]
    assert list(routes(wire_edits.rewire(led, "a", "c", "xs", 0))) == [("c", "d", "x")]
    assert list(routes(node_edits.insert_on_wire(led, "d", "x", "Dense"))) == [("b", "c", "xs")]
    assert list(routes(wire_edits.connect(led, "b", "d", "x"))) == [("b", "c", "xs")]
    assert (
        frame_edits.set_route(frame_edits.set_route(led, "c", "d", "x", []), "b", "c", "xs", [])
        == START
    )


def test_a_copy_takes_whole_frames_routes_and_folds_along() -> None:
    start = field_edits.move(START, {"b": (10, 20), "c": (30, 40)})
    start = frame_edits.add_frame(start, ["b", "c"], "Both", True, "merge")
    start = frame_edits.add_frame(start, ["a", "d"], "Ends")
    start = frame_edits.set_route(start, "b", "c", "xs", [[7, 8]])
    start = frame_edits.set_route(start, "a", "b", "x", [[9, 9]])
    start = frame_edits.set_collapsed(start, ["c"])
    pasted = fragment.paste_nodes(
        start, fragment.copy_nodes(start, ["a", "b", "c"]), offset=(100, 0)
    ).project
    assert frames(pasted)[2:] == (Frame(2, "Both", ("b_2", "c_2"), True, "merge"),)
    assert len(frames(pasted)) == 3
    assert routes(pasted)["b_2", "c_2", "xs"] == ((107, 8),)
    assert routes(pasted)["a_2", "b_2", "x"] == ((109, 9),)
    assert collapsed_nodes(pasted) == {"c", "c_2"}
    assert node_positions(pasted)["b_2"] == (110, 20)
    part = fragment.paste_nodes(start, fragment.copy_nodes(start, ["c"])).project
    assert len(frames(part)) == 2
    assert len(routes(part)) == 2


def test_folding_and_unfolding_leaves_no_trace() -> None:
    now = frame_edits.set_collapsed(START, ["a", "b"])
    assert now.view == {"nodes": {"a": {"collapsed": True}, "b": {"collapsed": True}}}
    assert frame_edits.set_collapsed(now, ["a", "b"], False) == START
    moved = field_edits.move(now, {"a": (1, 2)})
    assert frame_edits.set_collapsed(moved, ["a"], False).view["nodes"]["a"] == {"at": [1, 2]}


WRONG = [None, 7, "a", [], {}, {"nodes": "a"}, {"nodes": [["a"]]}, {"nodes": []}, {"title": "t"}]


def test_what_is_no_frame_is_passed_over_and_survives_saving() -> None:
    start = Project(START.graph, view={"frames": [*WRONG, {"title": 3, "nodes": ["a", 1, "z"]}]})
    assert frames(start) == (Frame(len(WRONG), "", ("a",)),)
    now = frame_edits.set_frame(start, len(WRONG), title="Mine")
    now = frame_edits.add_frame(now, ["b"], "More")
    kept = file.parse(file.dumps(now).encode()).project
    assert kept.view["frames"][: len(WRONG)] == WRONG
    assert shown(kept) == [("Mine", ("a",)), ("More", ("b",))]


def test_frames_in_the_form_of_another_version_are_left_alone() -> None:
    start = Project(START.graph, view={"frames": {"version": 9}, "routes": "straight"})
    assert frames(start) == ()
    assert routes(start) == {}
    assert node_edits.rename_node(start, "a", "z").view == start.view
    with pytest.raises(ValueError, match="can't read"):
        frame_edits.add_frame(start, ["a"])
    with pytest.raises(ValueError, match="can't read"):
        frame_edits.set_route(start, "a", "b", "x", [(1, 2)])


def test_too_much_of_everything_is_passed_over() -> None:
    many = [{"nodes": ["ghost"]}] * MAX_FRAMES + [{"nodes": ["a"]}]
    far = [
        {"from": "a", "to": "b", "port": "x", "points": points}
        for points in (
            [[0, 0]] * (MAX_POINTS + 1),
            [[10**400, 0]],
            [[1e308, 0]],
            [[True, 0]],
            [[1]],
        )
    ]
    view = {
        "frames": many,
        "routes": far,
        "nodes": {"a": {"at": [MAX_COORDINATE + 1, 0]}, "b": {"at": 1}},
    }
    hostile = Project(START.graph, view=view)
    assert (frames(hostile), routes(hostile), node_positions(hostile)) == ((), {}, {})
    with pytest.raises(ValueError, match="at most 1000 frames"):
        frame_edits.add_frame(hostile, ["b"])


MISUSES = [
    ({"do": "add_frame", "nodes": []}, "at least one node"),
    ({"do": "add_frame", "nodes": "a"}, "at least one node"),
    ({"do": "add_frame", "nodes": ["z"]}, "no node 'z'"),
    ({"do": "add_frame", "nodes": ["a"], "title": "x" * 201}, "at most 200"),
    ({"do": "set_frame", "at": 0, "title": "x"}, "no frame 0"),
    ({"do": "remove_frame", "at": "first"}, "no frame first"),
    ({"do": "put_in_frame", "at": -1, "nodes": ["a"]}, "no frame -1"),
    ({"do": "set_route", "source": "a", "node": "d", "port": "x", "points": []}, "no wire"),
    ({"do": "set_route", "source": "c", "node": "d", "port": "x", "points": [[1]]}, "a point"),
    (
        {"do": "set_route", "source": "c", "node": "d", "port": "x", "points": [[0, 0]] * 65},
        "at most 64",
    ),
    ({"do": "move", "places": {"a": [1e300, 0]}}, "a position is"),
]


def test_misuse_is_said_plainly() -> None:
    for edit, says in MISUSES:
        with noted(edit, says), pytest.raises(ValueError, match=says):
            apply_edit(START, edit)


some = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)
points = st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-100, 100)), max_size=3)
entries = st.fixed_dictionaries(
    {}, optional={"nodes": some | values, "title": values, "tint": values, "collapsed": values}
)
led = st.fixed_dictionaries(
    {"points": values | st.lists(st.lists(st.integers(-(10**18), 10**18), min_size=2, max_size=2))},
    optional={"from": references, "to": st.sampled_from(NAMES), "port": st.sampled_from(PORTS)},
)
views = st.fixed_dictionaries({}, optional={
    "frames": values | st.lists(entries | values, max_size=4),
    "routes": values | st.lists(led | values, max_size=4),
    "nodes": st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
})  # fmt: skip
at = st.integers(-1, 3)
any_frame_edit = st.one_of(
    st.builds(lambda n, t: {"do": "add_frame", "nodes": n, "title": t}, some, st.text(max_size=3)),
    st.builds(lambda a, c: {"do": "set_frame", "at": a, "collapsed": c}, at, st.booleans()),
    st.builds(lambda a: {"do": "remove_frame", "at": a}, at),
    st.builds(lambda a, n: {"do": "put_in_frame", "at": a, "nodes": n}, at, some),
    st.builds(lambda n: {"do": "take_out_of_frames", "nodes": n}, some),
    st.builds(lambda n, c: {"do": "set_collapsed", "names": n, "on": c}, some, st.booleans()),
    st.builds(
        lambda s, n, p, w: {"do": "set_route", "source": s, "node": n, "port": p, "points": w},
        references, st.sampled_from(NAMES), st.sampled_from(PORTS), points,
    ),
)  # fmt: skip


@pytest.mark.slow
@settings(deadline=None)
@given(projects(), views, st.lists(any_frame_edit | any_edit, max_size=5))
def test_any_edits_of_any_view_answer_a_sound_savable_one(
    start: Project, view: dict[str, Any], todo: list
) -> None:
    """Or raise a ValueError; each node is in one frame at most, each route has its wire."""
    now = Project(start.graph, view=view)
    for edit in todo:
        before = file.dumps(now)
        try:
            after = apply_edit(now, edit)
        except ValueError:
            after = now
        assert file.dumps(now) == before
        now = after
        inside = [name for frame in frames(now) for name in frame.nodes]
        assert len(inside) == len(set(inside))
        assert set(inside) | collapsed_nodes(now) | set(node_positions(now)) <= set(
            now.graph.by_name
        )
        wires = {(w, node.name, port) for node in now.graph for port, _, w in node.wires()}
        assert set(routes(now)) <= wires
    assert file.parse(file.dumps(now).encode()).project == now
    pasted = fragment.paste_nodes(now, fragment.copy_nodes(now, list(now.graph.by_name)[:3]))
    assert len(frames(pasted.project)) >= len(frames(now))
