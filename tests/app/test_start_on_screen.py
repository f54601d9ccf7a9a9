"""A person with a CSV comes to predictions on a real screen, without drawing or writing a line."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.person import Person, Seen

_ROWS = 240


def written(path: Path) -> Path:
    """Write a table: notes, sizes, a constant, an island; a kind and a mass that follow from it."""
    draw = random.Random(4)
    lines = ["note,length,depth,study,island,kind,mass"]
    for _ in range(_ROWS):
        kind = draw.choice(["gull", "owl", "tern"])
        length = {"gull": 40, "owl": 30, "tern": 20}[kind] + draw.gauss(0, 2)
        note = " ".join(
            draw.choice(["grey", "small", "loud", "near", "the", "water"]) for _ in "12345"
        )
        island = draw.choice(["Dream", "Biscoe"])
        mass = 90 * length + draw.gauss(0, 40)
        lines.append(f"{note},{length:.1f},{draw.gauss(17, 2):.1f},1,{island},{kind},{mass:.0f}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    asked = os.environ.get("LAYERLOOM_SHOTS")
    with Person(
        tmp_path / "person",
        theme=os.environ.get("LAYERLOOM_SHOTS_THEME", "dark"),
        screen=(1600, 1000),
        pictures=Path(asked) / "start" if asked else None,
    ) as person:
        yield person


@pytest.mark.slow
def test_from_a_csv_to_a_trained_network(person: Person, tmp_path: Path) -> None:
    """Two targets are ticked, two offered fixes are pressed, Train is pressed, a row is asked."""
    table = written(tmp_path / "birds.csv")
    choose(person, table)
    tick(person)
    ports(person)
    mend(person, table)
    train(person)
    ask(person)


def choose(person: Person, table: Path) -> None:
    """Start by the card of the welcome page's key, and type the file's path."""
    person.picture("welcome")
    person.key("ctrl+alt+n")
    person.wait("a file is asked for", lambda seen: seen["dialog"] and seen["dialog"]["active"])
    person.type(str(table))
    person.key("Return")
    person.wait("the columns are known", lambda seen: seen["start"] and seen["start"]["ready"], 120)


def tick(person: Person) -> None:
    """Predict the kind as well, and learn from the constant, against all advice."""
    rows = person.seen["start"]["rows"]
    person.click(rows["kind"]["predict"])
    person.click(rows["study"]["learn"])
    person.wait("it is told", lambda seen: _told(seen, "Predicts kind and mass from 5 columns."))
    person.picture("ticked")
    person.click(person.seen["dialog"]["buttons"]["Create network"])
    seen = person.wait("it is drawn", lambda seen: {"kind", "mass"} <= seen["nodes"].keys(), 120)
    assert seen["training"]["data"].endswith("birds.csv")
    assert [bad for bad in seen["problems"] if bad["severity"] == "error"] == []
    person.at_rest()
    person.picture("drawn")


def _told(seen: Seen, text: str) -> bool:
    return bool(seen["start"]) and text in seen["start"]["told"]


def ports(person: Person) -> None:
    """Look at what the ports would receive."""
    person.key("ctrl+shift+d")
    person.wait("the panel is there", lambda seen: "Ports" in seen["tabs"] and seen["columns"])
    turn(person, "Ports")
    person.wait("the ports are known", lambda seen: seen["checks"]["settled"], 120)
    person.picture("ports")
    turn(person, "Split")
    person.picture("split")


def turn(person: Person, title: str) -> None:
    """Click a tab of the data panel, once it stands where it will stay."""
    before: list[object] = [None]

    def still(seen: Seen) -> bool:
        same, before[0] = before[0] == seen["tabs"], seen["tabs"]
        return same

    person.at_rest()
    person.click(person.wait("tabs stand still", still)["tabs"][title])
    person.wait(f"{title} is in front", lambda seen: seen["checks"]["tab"] == title)


def mend(person: Person, table: Path) -> None:
    """Leave the constant out; then mask the holes of a file that was written anew meanwhile."""
    turn(person, "Checks")
    fix(person, "column-constant", 'Leave "study" out')
    lines = table.read_text().splitlines()
    kind = lines[0].split(",").index("kind")
    for row in (7, 100, 205):
        cells = lines[row].split(",")
        cells[kind] = ""
        lines[row] = ",".join(cells)
    table.write_text("\n".join(lines) + "\n")
    person.wait(
        "the file is read again", lambda seen: "cell-missing" in seen["checks"]["codes"], 30
    )
    person.picture("holes")
    mask = "Mask them: such a row is only used for the other outputs"
    fix(person, "cell-missing", mask)
    assert person.seen["undo"] == mask
    assert person.seen["mapping"]["inputs"]["numbers"]["columns"] == ["length", "depth"]


def fix(person: Person, code: str, text: str) -> None:
    """Press the button of a fix, and wait until nothing of it is found any more."""

    def offered(seen: Seen) -> bool:
        return code in seen["checks"]["codes"] and text in seen["checks"]["fixes"]

    seen = person.wait(f"{text} is offered", offered, 120)
    person.picture(code)
    person.click(seen["checks"]["fixes"][text])
    person.wait(
        f"{code} is gone",
        lambda seen: seen["checks"]["settled"] and code not in seen["checks"]["codes"],
        120,
    )


def train(person: Person) -> None:
    person.click(person.wait("it can begin", _may_begin, 60)["tools"]["train"]["at"])
    person.wait("it trains", lambda seen: seen["training"]["step"] >= 3, 120)
    person.wait("it is done", lambda seen: not seen["training"]["running"], 240)
    person.picture("trained")


def _may_begin(seen: Seen) -> bool:
    return not seen["training"]["why_not"] and seen["tools"]["train"]["enabled"]


def ask(person: Person) -> None:
    """Type a row, and read the kind and the mass that the network answers."""
    person.key("shift+F9")
    seen = person.wait("it answers", lambda seen: len(seen["results"]["said"]) == 2, 120)
    person.picture("answered")
    person.click(seen["results"]["fields"]["length"]["at"])
    person.key("ctrl+a")
    person.type("39")
    before = seen["results"]["said"]
    seen = person.wait("it answers again", lambda seen: seen["results"]["said"] != before, 120)
    assert "gull" in " ".join(seen["results"]["said"])
    person.picture("typed")
