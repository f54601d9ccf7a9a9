"""What a person does to draw: add, connect, name, fill in; each looks until it has come about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from tests.screen.person import At, Person, Seen


class Drawing:
    """Draws in the document in front, by pointer and keys alone."""

    def __init__(self, person: Person) -> None:
        self.person = person

    # Adding.

    def drag_kind(self, kind: str, at: At, through: Sequence[At] = ()) -> str:
        """Drag a kind out of the palette, searched for there; answer the new node."""
        person = self.person
        palette = person.seen["palette"]
        if palette["text"] != kind:
            person.click(palette["search"])
            person.key("ctrl+a")
            person.type(kind)
            person.wait(f"{kind} is found", lambda seen: seen["palette"]["text"] == kind)
        row = person.at_rest()["palette"]["rows"][kind]
        before = self.names()
        person.drag(row, *through, at)
        return self._new(before)

    def choose_kind(self, letters: str, kind: str) -> str:
        """Type some letters in the add menu that is open, and Enter; answer the new node."""
        person = self.person
        person.wait("the add menu is open", lambda seen: _popup(seen, "add-menu"))
        before = self.names()
        person.type(letters)
        person.wait(f"{kind} is found", lambda seen: seen["popup"]["current"] == kind)
        person.key("Return")
        return self._new(before)

    def drop_wire(self, name: str, at: At, letters: str, kind: str) -> str:
        """Let a wire from a node go over nothing, and choose what it shall lead to."""
        self.person.drag(self.out(name), at)
        new = self.choose_kind(letters, kind)
        assert self.graph()[new]["wires"] == {"x": name}
        return new

    def _new(self, before: set[str]) -> str:
        person = self.person
        person.wait("a node is added", lambda seen: len(seen["nodes"]) == len(before) + 1)
        seen = person.at_rest()
        (new,) = set(seen["nodes"]) - before
        assert seen["selection"] == [new], "what is added is selected"
        return new

    # Connecting.

    def connect(self, start: str, stop: str, port: str = "x") -> None:
        """Drag from an output to an input."""
        self.person.drag(self.out(start), self.port(stop, port))
        self.person.wait(f"{start} feeds {stop}", lambda seen: _feeds(seen, start, stop, port))

    # Filling in.

    def select(self, name: str) -> None:
        """Click a node."""
        self.person.click(self.person.at_rest()["nodes"][name]["head"])
        self.person.wait(f"{name} is selected", lambda seen: seen["selection"] == [name])

    def rename(self, to: str, in_place: bool = False) -> None:
        """Rename the selected node: in the inspector, or in place by F2."""
        person = self.person
        if in_place:
            person.key("F2")
            person.wait("a field is there", lambda seen: seen["focus"].startswith("Name of"))
        else:
            person.click(self._field("Name")["at"])
        person.key("ctrl+a")
        person.type(to)
        person.key("Return")
        person.wait(f"it is called {to}", lambda seen: seen["selection"] == [to])

    def fill(self, **texts: Any) -> None:
        """Type into fields of what is selected, or choose where there is a list.

        With nothing selected these are the training settings.
        """
        for name, text in texts.items():
            field = self._field(_label(name))
            if field["way"] == "box":
                self._choose(field, text)
            else:
                self._type(field, _label(name), str(text))
            self.person.wait(f"{name} is {text}", partial(_is_told, name=name))

    def _type(self, field: Seen, label: str, text: str) -> None:
        """Click into a field, and look at what is written there before Enter."""
        self.person.click(field["at"])
        self.person.wait(f"{label} has the keys", lambda seen: _now(seen, label, "focused"))
        self.person.key("ctrl+a")
        self.person.type(text)
        self.person.wait(f"{label} reads {text}", lambda seen: _now(seen, label, "text") == text)
        self.person.key("Return")

    def _choose(self, field: Seen, text: str) -> None:
        """Open a list, type the first letters, walk to the entry, and Enter."""
        person = self.person
        person.click(field["at"])
        person.wait("the list is open", lambda seen: seen["popup"])
        person.type(text)
        seen = person.wait(
            "an entry is found", lambda seen: _popup(seen, "current")[:1] == text[:1]
        )
        if seen["popup"]["current"] != text:
            person.click(person.at_rest()["popup"]["rows"][text])
        else:
            person.key("Return")
        person.wait("the list is closed", lambda seen: seen["popup"] is None)

    def _field(self, label: str) -> Seen:
        seen = self.person.wait(f"there is {label}", lambda seen: label in seen["fields"])
        seen = self.person.at_rest()
        assert seen["fields"][label]["in sight"], f"{label} is not in sight"
        return seen["fields"][label]

    # Looking.

    def names(self) -> set[str]:
        """The nodes."""
        return set(self.person.seen["nodes"])

    def graph(self) -> dict[str, Seen]:
        """The nodes as the document has them, by name."""
        return {node["name"]: node for node in self.person.seen["graph"]}

    def out(self, name: str) -> At:
        """Where a node's output is."""
        return self._place(name, "out", "")

    def port(self, name: str, port: str = "x") -> At:
        """Where a node's input is."""
        return self._place(name, "in", port)

    def _place(self, name: str, side: str, port: str) -> At:
        seen = self.person.at_rest()
        left, top, right, bottom = seen["canvas"]
        x, y = seen["nodes"][name][side][port]
        assert left < x < right, f"{name} is beside what is in sight"
        assert top < y < bottom, f"{name} is above or below what is in sight"
        return [x, y]

    def spot(self, across: float, down: float) -> At:
        """A place of the canvas, in shares of its width and height."""
        left, top, right, bottom = self.person.seen["canvas"]
        return [left + across * (right - left), top + down * (bottom - top)]


def _now(seen: Seen, label: str, what: str) -> Any:
    """Return what a field of the inspector is like now, None while it is not there."""
    return seen["fields"].get(label, {}).get(what)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _is_told(seen: Seen, name: str) -> bool:
    chosen = [node["params"] for node in seen["graph"] if node["name"] in seen["selection"]]
    return name in (chosen[0] if chosen else seen["recipe"])


def _popup(seen: Seen, key: str) -> Any:
    popup = seen["popup"]
    if key == "add-menu":
        return popup is not None and popup["kind"] == key
    return popup[key] if popup is not None else ""


def _feeds(seen: Seen, start: str, stop: str, port: str) -> bool:
    node = next(node for node in seen["graph"] if node["name"] == stop)
    return node["wires"].get(port) == start
