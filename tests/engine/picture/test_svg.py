"""The picture of any project is well-formed, stands alone, and lets no text become markup."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.report import check
from engine.graph import edits, file
from engine.graph.model import Graph, Node, Project
from engine.graph.templates import read_template, template_names
from engine.picture.svg import svg
from tests.strategies import projects

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = {"svg", "defs", "pattern", "g", "rect", "path", "circle", "text"}


def read(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()} <= {SVG + tag for tag in PLAIN}
    names = {name for element in root.iter() for name in element.attrib}
    assert not any("href" in name or name.startswith("on") for name in names)
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("dark", [True, False])
def test_templates_are_drawn_with_names_kinds_captions_and_shapes(name: str, dark: bool) -> None:
    project = file.parse(read_template(name)).project
    said = texts(read(svg(project, check(project), dark)))
    assert set(project.graph.by_name) <= set(said)
    assert {node.kind for node in project.graph} <= set(said)
    assert sum(1 for wire in svg(project).splitlines() if wire.startswith('<path d="M')) == sum(
        1 for node in project.graph for _ in node.wires()
    )


@settings(deadline=None)
@given(projects(), st.booleans())
def test_anything_is_drawn(project: Project, checked: bool) -> None:
    read(svg(project, check(project) if checked else None))


def test_hostile_texts_stay_texts() -> None:
    name = 'x"/><script>alert(1)</script>\x00\x1b\ud800&amp;'
    graph = Graph((Node(name, "<image href='http://a'/>", {"x": name}, {"<b>": "]]>"}),))
    project = Project(graph, view={"frames": [{"title": "</text><a>", "nodes": [name]}]})
    root = read(svg(project, check(project)))
    assert "</text><a>" in texts(root)


def test_an_empty_project_is_an_empty_canvas() -> None:
    assert texts(read(svg(Project()))) == []


def test_places_routes_and_frames_of_the_view_are_followed() -> None:
    project = edits.add_node(Project(), "Input", "a", params={"shape": [3]}, at=(1000, 500))
    project = edits.add_node(project, "Dense", "b", inputs={"x": "a"}, at=(1500, 500))
    project = edits.set_route(project, "a", "b", "x", [(1300, 700)])
    project = edits.add_frame(project, ["a", "b"], "Whole", tint="io")
    text = svg(project)
    assert "translate(1000 500)" in text
    assert "1300 700" in text
    assert "Whole" in texts(read(text))


def test_a_node_without_a_place_stands_below_the_others() -> None:
    project = edits.add_node(Project(), "Input", "a", at=(100, 100))
    project = edits.add_node(project, "Dense", "b")
    assert "translate(100 228)" in svg(project)


def test_findings_mark_their_cards() -> None:
    project = edits.add_node(Project(), "Dense", "lonely")
    assert "!" in texts(read(svg(project, check(project))))
    assert "!" not in texts(read(svg(project)))
