"""Boxes line up on the side that is named, and stand apart evenly."""

import pytest

from engine.diagram.alignment import align, distribute

BOXES = {
    "a": (0.0, 0.0, 100.0, 50.0),
    "b": (30.0, 100.0, 50.0, 70.0),
    "c": (200.0, 300.0, 80.0, 20.0),
}


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("left", [(0, 0), (0, 100), (0, 300)]),
        ("right", [(180, 0), (230, 100), (200, 300)]),
        ("center", [(90, 0), (115, 100), (100, 300)]),
        ("top", [(0, 0), (30, 0), (200, 0)]),
        ("bottom", [(0, 270), (30, 250), (200, 300)]),
        ("middle", [(0, 135), (30, 125), (200, 150)]),
    ],
)
def test_a_side_is_on_one_line(side: str, expected: list) -> None:
    assert [*align(BOXES, side).values()] == expected  # type: ignore[arg-type]


def test_gaps_become_equal_and_the_outermost_stay() -> None:
    assert distribute(BOXES, "across") == {"a": (0, 0), "b": (125, 100), "c": (200, 300)}
    assert distribute(BOXES, "down") == {"a": (0, 0), "b": (30, 140), "c": (200, 300)}


def test_boxes_without_room_overlap_evenly() -> None:
    boxes = {name: (float(at), 0.0, 10.0, 10.0) for name, at in (("a", 0), ("b", 1), ("c", 4))}
    assert [x for x, _ in distribute(boxes, "across").values()] == [0, 2, 4]


def test_none_and_two_are_fine() -> None:
    assert align({}, "left") == {}
    assert distribute({}, "across") == {}
    two = {"a": BOXES["a"], "b": BOXES["b"]}
    assert distribute(two, "down") == {"a": (0, 0), "b": (30, 100)}
