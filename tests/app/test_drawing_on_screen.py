"""A person draws a network of three outputs on a real screen, saves it, and trains it.

Every event is one of the X server's: pointer, wheel, keys, drag and drop, and the file dialog.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from engine.graph.serialization import file
from tests.screen.commands import engine
from tests.screen.drawing import Drawing
from tests.screen.person import Person

_CONV = {"kernel_size": 5, "activation": "relu"}
_HEADS = {"age": (1, None), "income": (10, "softmax"), "gender": (1, "sigmoid")}
_LOSSES = {
    "age": ("mse", 0.25),
    "income": ("categorical_crossentropy", 1),
    "gender": ("binary_crossentropy", 10),
}
_PARAMETERS = 13_490_444
_ROWS = 1600


@pytest.fixture
def data(tmp_path: Path) -> Path:
    place = tmp_path / "posts-data"
    engine("sample", "posts", str(place), "--rows", str(_ROWS))
    return place


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    asked = os.environ.get("LAYERLOOM_SHOTS")
    with Person(
        tmp_path / "person",
        theme=os.environ.get("LAYERLOOM_SHOTS_THEME", "dark"),
        screen=(3200, 2000) if os.environ.get("LAYERLOOM_SHOTS_SCALE") == "2" else (1600, 1000),
        scale=float(os.environ.get("LAYERLOOM_SHOTS_SCALE", "1")),
        pictures=Path(asked) if asked else None,
    ) as person:
        yield person


@pytest.mark.slow
def test_a_network_of_three_outputs_is_drawn_mended_saved_and_trained(
    person: Person, data: Path, tmp_path: Path
) -> None:
    """What is drawn is what the file says, and what the file says is what is trained."""
    person.picture("first start")
    person.key("ctrl+n")
    person.wait("the canvas is there", lambda seen: not seen["welcome"])
    drawing = Drawing(person)
    draw_trunk(drawing)
    learn_from_a_refused_wire(drawing)
    draw_heads(drawing)
    put_right_what_was_forgotten(drawing)
    look_around(drawing)
    tidy_and_check(drawing)
    path = tmp_path / "drawn.loom.json"
    save(person, path)
    assert path.read_text() == file.dumps(file.read(path).project)
    assert is_the_network(path)
    run = train(person, data)
    person.picture("stopped")
    assert_same_losses(run, train_headless(path, data))


# Drawing.


def draw_trunk(drawing: Drawing) -> None:
    """Add nodes in four ways."""
    person = drawing.person
    drawing.drag_kind("Input", drawing.spot(0.06, 0.3))
    drawing.rename("posts")
    drawing.fill(shape="free", dtype="int32")
    person.wheel(drawing.spot(0.06, 0.35), -5)
    person.double_click(drawing.spot(0.2, 0.3))
    drawing.choose_kind("embed", "Embedding")
    drawing.rename("words", in_place=True)
    drawing.connect("posts", "words")
    drawing.fill(input_dim=50000, output_dim=256)
    person.picture("two nodes")
    drawing.drop_wire("words", drawing.spot(0.35, 0.3), "conv1", "Conv1D")
    drawing.fill(filters=128, **_CONV)
    drawing.drop_wire("conv1d", drawing.spot(0.52, 0.3), "maxpool", "MaxPooling1D")
    drawing.fill(pool_size=5)
    drawing.drop_wire("max_pooling1d", drawing.spot(0.7, 0.3), "conv1", "Conv1D")
    drawing.fill(filters=256, **_CONV)
    person.picture("a trunk")


def learn_from_a_refused_wire(drawing: Drawing) -> None:
    """Pool over the whole length too early, and read why a convolution can't follow."""
    person = drawing.person
    person.click(drawing.spot(0.04, 0.6))
    person.key("Tab")
    drawing.choose_kind("globalmax", "GlobalMaxPooling1D")
    drawing.rename("peak")
    drawing.connect("conv1d_2", "peak")
    drawing.select("conv1d_2")
    before = drawing.names()
    person.key("ctrl+d")
    person.wait("there is a copy", lambda seen: len(seen["nodes"]) == len(before) + 1)
    (copy,) = drawing.names() - before
    person.drag(person.at_rest()["nodes"][copy]["head"], drawing.spot(0.32, 0.8))
    start, stop = drawing.out("peak"), drawing.port(copy)
    person.press(start)
    person.move(start, stop)
    refused = person.wait("the reason is told", lambda seen: seen["hint"])["hint"]
    person.picture("refused")
    assert "Needs a sequence" in refused, refused
    person.release()
    seen = person.wait("nothing is drawn", lambda seen: not seen["hint"])
    assert _source(seen, f"{copy}.x") == "max_pooling1d", "the wire of the copy stays"
    assert "Needs a sequence" in seen["told"], "the reason stays in the status bar"
    mend_the_order(drawing, copy)


def mend_the_order(drawing: Drawing, copy: str) -> None:
    """Pull the copy's wire off, and drop it between convolution and pooling; undo and redo that."""
    person = drawing.person
    person.drag(drawing.port(copy), drawing.spot(0.5, 0.7))
    person.wait("its wire is gone", lambda seen: f"{copy}.x" not in seen["wires"])
    seen = person.at_rest()
    person.drag(seen["nodes"][copy]["head"], seen["wires"]["peak.x"]["middle"])
    person.wait("the copy is in the wire", lambda seen: _source(seen, "peak.x") == copy)
    assert _source(person.seen, f"{copy}.x") == "conv1d_2"
    person.picture("mended")
    person.key("ctrl+z")
    person.wait("it is taken back", lambda seen: f"{copy}.x" not in seen["wires"])
    person.key("ctrl+shift+z")
    person.wait("it is done again", lambda seen: f"{copy}.x" in seen["wires"])
    person.wait(
        "the copy has no problem",
        lambda seen: not [found for found in seen["problems"] if found["node"] == copy],
    )


def draw_heads(drawing: Drawing) -> None:
    """Draw three heads behind one Dense layer, which is dropped onto nothing."""
    person = drawing.person
    drawing.drop_wire("peak", drawing.spot(0.18, 0.62), "dense", "Dense")
    drawing.rename("features")
    drawing.fill(units=128, activation="relu")
    for number, (name, (units, activation)) in enumerate(_HEADS.items()):
        down = 0.62 + 0.14 * number
        drawing.drop_wire("features", drawing.spot(0.37, down), "dense", "Dense")
        drawing.rename(f"{name}_head")
        drawing.fill(units=units, **({"activation": activation} if activation else {}))
        drawing.drop_wire(f"{name}_head", drawing.spot(0.58, down), "output", "Output")
        drawing.rename(name)
        loss, weight = _LOSSES[name]
        drawing.fill(loss=loss, **({"loss_weight": weight} if weight != 1 else {}))
    person.picture("three heads")


def put_right_what_was_forgotten(drawing: Drawing) -> None:
    """Drop a second look at it onto a wire, and take it out again."""
    person = drawing.person
    middle = person.at_rest()["wires"]["features.x"]["middle"]
    new = drawing.drag_kind("Dropout", middle)
    seen = person.wait("it is in the wire", lambda seen: seen["wires"].get(f"{new}.x"))
    assert seen["wires"]["features.x"]["from"] == new
    person.picture("dropped on a wire")
    person.key("Delete")
    person.wait("the gap is closed", lambda seen: _source(seen, "features.x") == "peak")


def look_around(drawing: Drawing) -> None:
    """Pan with the middle button and with Space, zoom with the wheel, open a menu."""
    person = drawing.person
    here, there = drawing.spot(0.5, 0.45), drawing.spot(0.6, 0.55)
    before = person.at_rest()
    person.drag(here, there, button=2)
    seen = person.wait("it moved", lambda seen: seen["sight"][0] < before["sight"][0])
    person.drag(there, here, keys=["space"])
    person.wait("it moved back", lambda seen: seen["sight"][0] > before["sight"][0] - 1)
    assert person.at_rest()["popup"] is None, "Space held is no tap"
    person.wheel(here, 3)
    seen = person.wait("it is nearer", lambda seen: seen["zoom"] > before["zoom"] * 1.3)
    person.wheel(here, -3)
    seen = person.wait("it is as before", lambda s: abs(s["zoom"] - before["zoom"]) < 0.01)
    person.click(person.at_rest()["nodes"]["features"]["head"], button=3)
    seen = person.wait("a menu is open", lambda seen: seen["popup"])
    assert {"Rename", "Duplicate", "Bypass"} <= set(seen["popup"]["rows"])
    person.picture("menu")
    person.key("Escape")
    person.wait("it is closed", lambda seen: seen["popup"] is None)


def tidy_and_check(drawing: Drawing) -> None:
    """Tidy, and look at what the window says of the whole."""
    person = drawing.person
    drawing.person.click(drawing.spot(0.98, 0.03))
    person.wait("nothing is selected", lambda seen: not seen["selection"])
    drawing.fill(batch_size=64)
    person.click(drawing.spot(0.98, 0.03))
    person.key("t", "Home")
    seen = person.at_rest()
    person.picture("tidy")
    assert seen["parameters"] == _PARAMETERS
    assert f"14 nodes · {_PARAMETERS:,} parameters" in seen["status"]
    assert not [found for found in seen["problems"] if found["severity"] == "error"]
    assert all(node["seen"] for node in seen["nodes"].values())


# The file.


def save(person: Person, path: Path) -> None:
    """Save through the dialog."""
    person.key("ctrl+s")
    person.wait("a file is asked for", lambda seen: seen["dialog"] and seen["dialog"]["active"])
    person.picture("save")
    person.key("ctrl+a")
    person.type(str(path))
    person.key("Return")
    person.wait("it is saved", lambda seen: seen["path"] == str(path) and not seen["dirty"])


def is_the_network(path: Path) -> bool:
    """Return whether the file holds what was to be drawn."""
    nodes = {node.name: node for node in file.read(path).project.graph}
    widths = [node.params["filters"] for node in nodes.values() if node.kind == "Conv1D"]
    for name, (loss, weight) in _LOSSES.items():
        params = nodes[name].params
        assert (params["loss"], params.get("loss_weight", 1)) == (loss, weight), name
    return sorted(widths) == [128, 256, 256] and len(nodes) == 14


# Training.


def train(person: Person, data: Path) -> Path:
    """Choose data, train until curves move, and stop; answer the run."""
    person.click(person.seen["tabs"]["Training"])
    seen = person.wait(
        "the panel is there", lambda seen: "Training/Choose data…" in seen["buttons"]
    )
    person.click(seen["buttons"]["Training/Choose data…"]["at"])
    seen = person.wait("a menu is open", lambda seen: seen["popup"])
    person.click(person.at_rest()["popup"]["rows"]["A folder…"])
    person.wait("a folder is asked for", lambda seen: seen["dialog"] and seen["dialog"]["active"])
    person.key("ctrl+a")
    person.type(str(data))
    person.picture("folder")
    person.key("Return")
    person.wait("it is chosen", lambda seen: seen["training"]["data"] == str(data))
    seen = person.wait("it fits", lambda seen: "fits" in seen["training"]["status"], 30)
    person.picture("data")
    person.click(seen["training"]["epochs"])
    person.key("ctrl+a")
    person.type("1")
    person.key("Return")
    person.wait("it can begin", lambda seen: not seen["training"]["why_not"])
    person.click(person.at_rest()["tools"]["train"]["at"])
    person.wait("it runs", lambda seen: seen["training"]["running"])
    seen = person.wait("curves move", lambda seen: seen["training"]["step"] >= 4, 60)
    person.picture("training")
    assert set(seen["training"]["losses"]) == set(_HEADS)
    person.click(seen["tools"]["stop"]["at"])
    seen = person.wait("it ended", lambda seen: not seen["training"]["running"], 30)
    return Path(seen["training"]["run"])


def train_headless(path: Path, data: Path) -> Path:
    run = path.with_name("headless")
    engine("train", str(path), "--data", str(data), "--run", str(run), "--epochs", "1")
    return run


def assert_same_losses(one: Path, other: Path) -> None:
    """The steps that both have done have the same losses, to the last bit."""
    ours, theirs = _losses(one), _losses(other)
    both = min(len(ours), len(theirs))
    assert both >= 4
    assert ours[:both] == theirs[:both]


def _losses(run: Path) -> list[Any]:
    told = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    steps = [event for event in told if event["kind"] == "steps-done"]
    by_name = [{"total": event["loss"], **event["losses"]} for event in steps]
    rows = [zip(*losses.values(), strict=True) for losses in by_name]
    return list(chain.from_iterable(rows))


def _source(seen: Any, end: str) -> str:
    return str(seen["wires"][end]["from"]) if end in seen["wires"] else ""
