"""Takes the README's pictures of the real window anew: `./dev screenshots`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.graph.templates import template_names
from tests.screen.commands import engine
from tests.screen.drawing import Drawing
from tests.screen.person import ROOT, At, Person, Seen

PICTURES = ROOT / "resources" / "screenshots"
_SCREEN, _TALL = (1440, 900), (1440, 1020)
_ROWS = 4000
_PENGUINS = ROOT / "resources" / "examples" / "penguins.csv"
_READABLE = 0.62  # zoom


def main() -> int:
    """Take all pictures, or those that are named."""
    named = set(sys.argv[1:]) or set(_PICTURES)
    PICTURES.mkdir(exist_ok=True)
    for name, take in _PICTURES.items():
        if name in named:
            with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
                take(Path(folder), PICTURES / f"{name}.png")
            sys.stdout.write(f"resources/screenshots/{name}.png\n")
    return 0


def _editor(folder: Path, path: Path, theme: str = "dark") -> None:
    """The example with three outputs, and one activation that can't be right."""
    with _person(folder, theme) as person:
        drawing = Drawing(person)
        _bring(drawing, "gender", drawing.spot(0.6, 0.5))
        drawing.select("gender_head")
        drawing.fill(activation="softmax")
        person.wait("it is told", lambda seen: seen["problems"])
        person.move(drawing.spot(0.5, 0.95))
        _take(person, path)


def _editor_light(folder: Path, path: Path) -> None:
    _editor(folder, path, "light")


def _mistake(folder: Path, path: Path) -> None:
    """A wire that is refused, and why."""
    with _person(folder) as person:
        drawing = Drawing(person)
        _bring(drawing, "peak", drawing.spot(0.3, 0.25))
        new = drawing.drag_kind("Conv1D", drawing.spot(0.42, 0.7))
        start, stop = drawing.out("peak"), drawing.port(new)
        person.press(start)
        person.move(start, stop)
        person.wait("the reason is told", lambda seen: seen["hint"])
        _take(person, path)
        person.key("Escape")
        person.release()


def _training(folder: Path, path: Path) -> None:
    """Three outputs while they are trained."""
    data = folder / "posts-data"
    engine("sample", "posts", str(data), "--rows", str(_ROWS))
    with _person(folder, data=data, screen=_TALL) as person:
        person.click(person.seen["tabs"]["Training"])
        person.wait("the data fits", lambda seen: "fits" in seen["training"]["status"], 30)
        _, top, _, bottom = person.at_rest()["canvas"]
        _raise_panels(person, bottom + 3 - (top + 175))
        person.key("F5")
        person.wait("it runs", lambda seen: seen["training"]["running"])
        person.wait("curves move", lambda seen: seen["training"]["step"] >= 120, 240)
        _take(person, path)
        person.key("shift+F5")
        person.wait("it ended", lambda seen: not seen["training"]["running"], 60)


def _data(folder: Path, path: Path) -> None:
    """A table of one's own over the network that it feeds."""
    with _at_penguins(folder, _PENGUINS) as person:
        person.key("ctrl+shift+d")
        person.wait("columns are there", _columns_known)
        _raise_panels(person, 130)
        _take(person, path)


def _results(folder: Path, path: Path) -> None:
    """What a trained network takes for what."""
    sample = folder / "sample"
    engine("sample", "penguins", str(sample))
    with _at_penguins(folder, sample / "train.csv") as person:
        person.key("F5")
        person.wait("it runs", lambda seen: seen["training"]["running"], 60)
        person.wait("it ended", lambda seen: not seen["training"]["running"], 240)
        person.key("ctrl+shift+e")
        person.wait("a run is looked at", lambda seen: seen["results"]["run"], 60)
        person.wait("it is scored", lambda seen: seen["results"]["rows"], 120)
        person.click(person.at_rest()["tabs"]["species"])
        _take(person, path)


def _gallery(folder: Path, path: Path) -> None:
    """What a new network may begin from."""
    with _person(folder, empty=True) as person:
        person.key("ctrl+shift+n")
        person.wait("the examples are there", _all_examples)
        person.picture(path.stem, path, person.at_rest()["dialog"]["box"])


_PICTURES: dict[str, Callable[[Path, Path], None]] = {
    "editor": _editor,
    "editor-light": _editor_light,
    "mistake": _mistake,
    "training": _training,
    "data": _data,
    "results": _results,
    "gallery": _gallery,
}


def _person(
    folder: Path,
    theme: str = "dark",
    data: Path | None = None,
    empty: bool = False,
    screen: tuple[int, int] = _SCREEN,
) -> Person:
    """Return a person at the window, with the example unless it shall be empty."""
    graph = folder / "posts.loom.json"
    engine("new", "posts", str(graph))
    files = [] if empty else [graph]
    return Person(folder / "person", files, data, theme=theme, screen=screen, framed=False)


def _at_penguins(folder: Path, table: Path) -> Person:
    """Return a person at the penguins' network, with a table of them."""
    graph, data = folder / "penguins.loom.json", folder / "penguins.csv"
    engine("new", "penguins", str(graph))
    shutil.copy(table, data)
    return Person(folder / "person", [graph], data, theme="dark", screen=_TALL, framed=False)


def _columns_known(seen: Seen) -> bool:
    columns = seen["columns"].values()
    return bool(columns) and all(column["known"] for column in columns)


def _raise_panels(person: Person, by: int) -> None:
    """Give the panels below the canvas more of the window."""
    _, _, right, bottom = person.at_rest()["canvas"]
    edge = [right - 300, bottom + 3]
    person.drag(edge, [edge[0], edge[1] - by])


def _bring(drawing: Drawing, name: str, to: At) -> None:
    """Turn the wheel until nodes can be read, and pan until one stands at a place."""
    person = drawing.person
    head = person.at_rest()["nodes"][name]["head"]
    while person.at_rest()["zoom"] < _READABLE:
        person.wheel(head, 1)
    head = person.at_rest()["nodes"][name]["head"]
    grip = drawing.spot(0.5, 0.4)  # the minimap may cover the node
    person.drag(grip, [grip[0] + to[0] - head[0], grip[1] + to[1] - head[1]], button=2)


def _all_examples(seen: Seen) -> bool:
    said = seen["dialog"]["said"].values() if seen["dialog"] else ()
    return sum("parameters" in text for text in said) == len(template_names())


def _take(person: Person, path: Path) -> None:
    person.at_rest()
    person.picture(path.stem, path)


if __name__ == "__main__":
    raise SystemExit(main())
