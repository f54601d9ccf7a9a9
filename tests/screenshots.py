"""Takes the README's pictures of the real window anew: `./dev screenshots`."""

from __future__ import annotations

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
        _, top, right, bottom = person.at_rest()["canvas"]
        edge = [right - 300, bottom + 3]
        person.drag(edge, [edge[0], top + 175])
        person.key("F5")
        person.wait("it runs", lambda seen: seen["training"]["running"])
        person.wait("curves move", lambda seen: seen["training"]["step"] >= 120, 240)
        _take(person, path)
        person.key("shift+F5")
        person.wait("it ended", lambda seen: not seen["training"]["running"], 60)


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
    "gallery": _gallery,
}


def _person(
    folder: Path,
    theme: str = "dark",
    data: Path | None = None,
    empty: bool = False,
    screen: tuple[int, int] = _SCREEN,
) -> Person:
    """Answer a person at the window, with the example unless it shall be empty."""
    graph = folder / "posts.loom.json"
    engine("new", "posts", str(graph))
    files = [] if empty else [graph]
    return Person(folder / "person", files, data, theme=theme, screen=screen, framed=False)


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
