"""The picture of any project is well-formed, stands alone, and lets no text become markup."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.report import check
from engine.diagram.svg import render_svg
from engine.diagram.svg_text import text_width, wrap
from engine.graph.edits import field_edits, frame_edits, node_edits, note_edits
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


NOTED = note_edits.add_note(
    file.parse(read_template("posts")).project, "Why <b>128</b>?\n" + "word " * 30, (0, -300),
    nodes=["conv"],
)  # fmt: skip


def test_notes_are_drawn_with_wrapped_plain_text_and_lines_to_their_nodes() -> None:
    root = read(render_svg(NOTED))
    card = next(e for e in root.iter(f"{SVG}rect") if e.attrib.get("rx") == "4")
    left, top = float(card.attrib["x"]), float(card.attrib["y"])
    right, bottom = left + float(card.attrib["width"]), top + float(card.attrib["height"])
    inside = [
        text for text in root.iter(f"{SVG}text")
        if text.text and (text.text == "Why <b>128</b>?" or text.text.startswith("word word"))
    ]  # fmt: skip
    assert len(inside) > 3
    for text in inside:
        assert left < float(text.attrib["x"])
        assert top < float(text.attrib["y"]) < bottom - 5
        assert float(text.attrib["x"]) + text_width(text.text or "", 12) <= right
    dashed = [e for e in root.iter(f"{SVG}path") if "stroke-dasharray" in e.attrib]
    assert len(dashed) == 1
    _, view_top, _, _ = map(float, root.attrib["viewBox"].split())
    assert view_top < top


def test_a_legend_has_title_description_and_only_marks_that_are_drawn() -> None:
    project = field_edits.set_description(NOTED, "Ages & <i>incomes</i>\n" + "word " * 400)
    root = read(render_svg(project, check(project), legend_title="Posts"))
    said = texts(root)
    assert {"Posts", "Ages & <i>incomes</i>", "Convolution", "Pooling"} <= set(said)
    assert {
        "8 × 4",
        "Output shape, without the batch",
        "Note, with lines to the layers it is about",
    } <= set(said)
    assert not {"Recurrent", "Bypassed", "Error or warning", "Frame, a named group"} & set(said)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    legend = next(g for g in list(root) if "Posts" in texts(g))
    for text in legend.iter(f"{SVG}text"):
        size, bold = float(text.attrib["font-size"]), "font-weight" in text.attrib
        assert text_width(text.text or "", size, bold) <= width - 80, text.text
    without = read(render_svg(project, check(project)))
    assert float(without.attrib["height"]) < height
    assert "Posts" not in texts(without)
    broken = node_edits.add_node(field_edits.set_off(project, "pool"), "LSTM")
    said = texts(read(render_svg(broken, check(broken), legend_title="Posts")))
    assert {"Recurrent", "Bypassed", "Error or warning"} <= set(said)


def test_an_empty_project_has_a_title_and_no_marks() -> None:
    assert texts(read(render_svg(Project(), legend_title="Empty"))) == ["Empty"]


@given(st.text(max_size=60), st.integers(10, 300))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width, 12)
    assert all(text_width(line, 12) <= width or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.splitlines()).replace(" ", "")
