"""A person feeds a network from a table on a real screen, by dragging its columns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.graph.templates import read_template
from tests.screen.person import At, Person, Seen

PENGUINS = Path(__file__).parents[2] / "resources" / "examples" / "penguins.csv"


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """Somebody in front of the penguins' network, with the table of all penguins."""
    graph, data = tmp_path / "penguins.loom.json", tmp_path / "penguins.csv"
    graph.write_bytes(read_template("penguins"))
    shutil.copy(PENGUINS, data)
    with Person(tmp_path / "person", [graph], data) as person:
        yield person


@pytest.mark.slow
def test_columns_are_dragged_onto_nodes_and_onto_the_empty_canvas(person: Person) -> None:
    person.key("ctrl+shift+d")
    columns = {"species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm"}
    seen = person.wait("columns are there", lambda seen: _known(seen) >= columns)
    seen = person.at_rest()
    person.picture("the table")
    feed(person, "bill_depth_mm", seen["nodes"]["body_mass"]["head"])
    source = {"column": "bill_depth_mm", "scale": "standardize"}
    seen = person.wait(
        "it is the target", lambda seen: seen["mapping"]["targets"]["body_mass"] == source
    )
    assert seen["undo"] == "Assign bill_depth_mm to body_mass"
    refused(person)
    add(person)


def feed(person: Person, column: str, *places: At) -> None:
    """Drag the header of a column."""
    start = person.seen["columns"][column]["at"]
    person.drag(start, [start[0] + 20, start[1] - 12], *places)


def refused(person: Person) -> None:
    """Read why a column does not fit, before it is let go."""
    seen = person.at_rest()
    start = seen["columns"]["species"]["at"]
    person.press(start)
    person.move([start[0] + 10, start[1] - 8], [start[0] + 30, start[1] - 30])
    person.move(seen["nodes"]["body_mass"]["head"])
    person.wait("it is said why", lambda seen: "mse needs numbers" in seen["hint"])
    person.picture("a refused column")
    person.release()
    seen = person.wait("the hint is gone", lambda seen: not seen["hint"])
    assert seen["undo"] == "Assign bill_depth_mm to body_mass"


def add(person: Person) -> None:
    """Let a column go over nothing, and take that back."""
    left, top, _, _ = person.at_rest()["canvas"]
    feed(person, "island", [left + 40, top + 40])
    seen = person.wait("an Input is drawn", lambda seen: "island_2" in seen["nodes"])
    (node,) = [node for node in seen["graph"] if node["name"] == "island_2"]
    assert node["params"] == {"shape": [3]}
    assert seen["mapping"]["inputs"]["island_2"]["column"] == "island"
    person.picture("an Input for a column")
    person.key("ctrl+z")
    person.wait("it is gone", lambda seen: "island_2" not in seen["nodes"])


def _known(seen: Seen) -> set[str]:
    return {name for name, column in seen["columns"].items() if column["known"]}
