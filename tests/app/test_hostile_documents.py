"""Files that mean no good: one clear message or a drawing with findings, and nothing is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from app.documents.session import Session
from tests.app.equal import check_at_rest, check_equal
from tests.app.rows.conftest import drawn
from tests.app.windows import opened, settle, visible

pytestmark = pytest.mark.slow

HTML = "<img src='file:///etc/passwd'><b>x</b>&amp;<script>"
BIDI = "\u202e\u2066abc\u200f\u0000"


@pytest.fixture
def window(qtbot):
    with opened(qtbot, Session(drawn())) as window:
        yield window


def node(name: str, kind: str = "Dense", **more: object) -> dict:
    return {"name": name, "kind": kind, **more}


def written(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "hostile.loom.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, "utf-8")
    return path


def base() -> dict:
    """Return a document that is sound, as the program writes it."""
    from engine.graph.serialization import file

    return json.loads(file.dumps(drawn()))


def hostile_views() -> dict[str, dict]:
    document = base()
    some = document.get("view", {})
    far = {"nodes": {"x": {"at": [1e308, -1e308]}, "a": {"at": [5, "b"]}, "b": {"at": [1e5, 1e5]}}}
    frames = [
        3, {}, {"nodes": 7}, {"nodes": ["x", "x", "nobody"], "title": HTML, "tint": "#zzzzzz"},
        {"nodes": ["x", "a"], "title": BIDI * 50, "collapsed": "yes"},
        {"nodes": ["b"], "title": {"a": 1}, "collapsed": True},
    ]  # fmt: skip
    routes = [
        {"from": "x", "to": "a", "port": "x", "points": [[1e308, 0]]},
        {"from": "x", "to": "a", "port": "x", "points": [[i, i] for i in range(10_000)]},
        {"from": "y", "to": "y", "port": "y", "points": "nonsense"}, None, 5,
    ]  # fmt: skip
    return {
        "far away": {**document, "view": far},
        "frames": {**document, "view": {**some, "frames": frames}},
        "routes": {**document, "view": {**some, "routes": routes}},
        "all of another form": {**document, "view": {"nodes": {}, "frames": {}, "routes": 1}},
    }


@pytest.mark.parametrize("name", ["far away", "frames", "routes", "all of another form"])
def test_a_nonsense_view_is_drawn_and_kept(window, tmp_path, name):
    document = hostile_views()[name]
    path = written(tmp_path, document)
    open_file(window, path)
    session, canvas = window.workspace.session, window.tabs.canvas
    check_equal(canvas, session)
    check_at_rest(canvas)
    canvas.viewer.grab()
    canvas.navigation.fit()
    canvas.viewer.grab()
    saved_equal(window, path, document)


def open_file(window, path: Path) -> None:
    assert window.document_manager.open(path)
    settle()
    assert window.workspace.session.path == path


def saved_equal(window, path: Path, document: object) -> None:
    """Save as another file: it says what the first one said."""
    other = path.with_name("saved.loom.json")
    window.document_manager.saver.save_to(window.workspace.session, other)
    QApplication.processEvents()
    settle()
    assert json.loads(other.read_text("utf-8")) == document


def with_nodes(nodes: list[dict]) -> dict:
    return {**{key: value for key, value in base().items() if key != "view"},
            "graph": {"nodes": nodes}}  # fmt: skip


@pytest.mark.parametrize("text", [HTML, BIDI, "n" * 5000, "<a href='http://x'>y</a>"])
def test_texts_are_shown_as_they_are_and_load_nothing(window, tmp_path, text):
    document = base()
    document["view"]["frames"] = [{"nodes": ["x", "a"], "title": text}]
    document["graph"]["nodes"][1]["params"]["activation"] = text
    seen: list[str] = []
    watching = True

    def listen(event: str, details: tuple) -> None:
        if watching and event in ("open", "socket.connect") and "passwd" in str(details):
            seen.append(str(details))

    sys.addaudithook(listen)
    open_file(window, written(tmp_path, document))
    session = window.workspace.session
    session.select(["a"])
    for title in window.docks:
        window.dock_layout.show_panel(title)
        settle()
    window.grab()
    check_equal(window.tabs.canvas, session)
    for label in visible(window, QLabel):
        if text[:20] in label.text():
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()[:60]
    saved_equal(window, tmp_path / "hostile.loom.json", document)
    watching = False
    assert seen == []


def test_unknown_kinds_and_loops_are_drawn_with_findings(window, tmp_path):
    nodes = [
        node("u", "FromTheFuture", params={"a": [1, {"b": None}]}),
        node("v", inputs={"x": "w"}),
        node("w", inputs={"x": "v", "nonsense": "u"}),
        node("z", inputs={"x": "z"}),
        node("o", "Output", inputs={"x": "nobody"}),
    ]
    document = with_nodes(nodes)
    path = written(tmp_path, document)
    open_file(window, path)
    session = window.workspace.session
    check_equal(window.tabs.canvas, session)
    assert session.report.errors
    saved_equal(window, path, document)


def test_a_chain_of_two_thousand_is_drawn(window, tmp_path):
    nodes = [node("n0", "Input", params={"shape": [8]})]
    nodes += [
        node(f"n{at}", params={"units": 8}, inputs={"x": f"n{at - 1}"}) for at in range(1, 2000)
    ]
    document = with_nodes(nodes)
    path = written(tmp_path, document)
    open_file(window, path)
    assert len(window.tabs.canvas.scene_sync.wires) == 1999
    window.tabs.canvas.viewer.grab()
    saved_equal(window, path, document)
