"""The picture of any project is well-formed, stands alone, and lets no text become markup."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.report import check
from engine.diagram.svg import render_svg
from engine.diagram.svg_text import text_width
from engine.graph.edits import frame_edits, node_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from engine.graph.templates import read_template, template_names
from tests.strategies import projects

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = {"svg", "g", "rect", "path", "circle", "text"}


def read(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()} <= {SVG + tag for tag in PLAIN}
    names = {name for element in root.iter() for name in element.attrib}
    assert not any("href" in name or name.startswith("on") for name in names)
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", template_names())
def test_templates_are_drawn_with_names_kinds_captions_and_shapes(name: str) -> None:
    project = file.parse(read_template(name)).project
    for dark in (True, False):
        said = texts(read(render_svg(project, check(project), dark)))
        assert set(project.graph.by_name) <= set(said)
        assert {node.kind for node in project.graph} <= set(said)
    assert sum(
        1 for wire in render_svg(project).splitlines() if wire.startswith('<path d="M')
    ) == sum(1 for node in project.graph for _ in node.wires())


@pytest.mark.slow
@settings(deadline=None)
@given(projects(), st.booleans())
def test_anything_is_drawn(project: Project, checked: bool) -> None:
    read(render_svg(project, check(project) if checked else None))


def test_hostile_texts_stay_texts() -> None:
    name = 'x"/><script>alert(1)</script>\x00\x1b\ud800&amp;'
    graph = Graph((Node(name, "<image href='http://a'/>", {"x": name}, {"<b>": "]]>"}),))
    project = Project(graph, view={"frames": [{"title": "</text><a>", "nodes": [name]}]})
    root = read(render_svg(project, check(project)))
    assert "</text><a>" in texts(root)


def test_an_empty_project_is_an_empty_canvas() -> None:
    assert texts(read(render_svg(Project()))) == []


def test_places_routes_and_frames_of_the_view_are_followed() -> None:
    project = node_edits.add_node(Project(), "Input", "a", params={"shape": [3]}, at=(1000, 500))
    project = node_edits.add_node(project, "Dense", "b", inputs={"x": "a"}, at=(1500, 500))
    project = frame_edits.set_route(project, "a", "b", "x", [(1300, 700)])
    project = frame_edits.add_frame(project, ["a", "b"], "Whole", tint="io")
    text = render_svg(project)
    assert "translate(1000 500)" in text
    assert "1300 700" in text
    assert "Whole" in texts(read(text))


def test_a_node_without_a_place_stands_below_the_others() -> None:
    project = node_edits.add_node(Project(), "Input", "a", at=(100, 100))
    project = node_edits.add_node(project, "Dense", "b")
    assert "translate(100 228)" in render_svg(project)


def test_findings_mark_their_cards() -> None:
    project = node_edits.add_node(Project(), "Dense", "lonely")
    assert "!" in texts(read(render_svg(project, check(project))))
    assert "!" not in texts(read(render_svg(project)))


@pytest.mark.parametrize("dark", [True, False])
def test_frames_and_background_are_seen_through_nowhere(dark: bool) -> None:
    """Some programs paint patterns black and leave out what is seen through."""
    project = node_edits.add_node(Project(), "Input", "a", params={"shape": [3]})
    project = frame_edits.add_frame(project, ["a"], "Whole", tint="io")
    root = read(render_svg(project, check(project), dark))
    ground, frame = list(root.iter(f"{SVG}rect"))[:2]
    assert ground.attrib["width"] == root.attrib["width"]
    for rect in (ground, frame):
        assert len(rect.attrib["fill"]) == len("#rrggbb")
        assert "fill-opacity" not in rect.attrib
    title = next(text for text in root.iter(f"{SVG}text") if text.text == "Whole")
    light = [int(color[1:3], 16) for color in (title.attrib["fill"], frame.attrib["fill"])]
    assert abs(light[0] - light[1]) > 100


def test_captions_keep_off_the_edges_of_their_cards() -> None:
    """Letters are as wide as those of the font that stands in for ours."""
    project = node_edits.add_node(Project(), "Input", "a", params={"shape": [3], "dtype": "int32"})
    words = {"input_dim": 10_000, "output_dim": 64}
    project = node_edits.add_node(project, "Embedding", "b", params=words, inputs={"x": "a"})
    root = read(render_svg(project, check(project)))
    for card in root.iter(f"{SVG}g"):
        wide = float(card[0].attrib["width"])
        for text in card.iter(f"{SVG}text"):
            if "text-anchor" not in text.attrib:
                bold, size = "font-weight" in text.attrib, float(text.attrib["font-size"])
                end = float(text.attrib["x"]) + text_width(text.text or "", size, bold)
                assert end <= wide - 12, text.text


def test_a_wire_that_turns_back_stays_on_the_picture() -> None:
    project = file.parse(read_template("posts")).project
    root = read(render_svg(project))
    left, _, wide, _ = map(float, root.attrib["viewBox"].split())
    lines = [e.attrib["d"] for e in root.iter(f"{SVG}path") if e.attrib["fill"] == "none"]
    across = [
        float(number)
        for line in lines
        for number in line.replace("M", " ").replace("C", " ").split()[::2]
    ]
    pulled = 40  # points that a line is pulled towards, but does not reach
    assert min(across) >= left - pulled
    assert max(across) <= left + wide + pulled
