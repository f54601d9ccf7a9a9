"""A person trains the posts example on a real screen, talks to the run, and judges what came of it.

Every event is one of the X server's. Pictures are kept as those of the drawing test are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import ControlTaken
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import read_state
from tests.screen.commands import engine
from tests.screen.person import At, Person, Seen

_ROWS = 1600


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    graph, data = tmp_path / "posts.loom.json", tmp_path / "posts-data"
    engine("new", "posts", str(graph))
    engine("sample", "posts", str(data), "--rows", str(_ROWS))
    asked = os.environ.get("LAYERLOOM_SHOTS")
    with Person(
        tmp_path / "person",
        files=[graph],
        data=data,
        theme=os.environ.get("LAYERLOOM_SHOTS_THEME", "dark"),
        screen=(1600, 1000),
        pictures=Path(asked) / "training" if asked else None,
    ) as person:
        yield person


@pytest.mark.slow
def test_a_run_is_paused_turned_continued_restarted_stopped_and_compared(person: Person) -> None:
    """What was asked by pointer and keys is what the run folder says."""
    first = begin(person)
    pause(person)
    turn(person)
    go_on(person)
    second = restart(person, first)
    stop(person)
    compare(person, first, second)
    says_what_was_asked(first)
    evaluate(person)
    ask_about_a_row(person)


def press(person: Person, name: str) -> Seen:
    """Press a button of a panel."""
    seen = person.wait(
        f"{name} can be pressed", lambda seen: seen["buttons"].get(name, {}).get("enabled"), 60
    )
    person.click(seen["buttons"][name]["at"])
    return seen


def fill(person: Person, at: At, text: str) -> None:
    person.key("ctrl+a")
    person.type(text)
    person.key("Return")


def begin(person: Person) -> Path:
    person.click(person.wait("it can begin", _may_begin, 60)["tools"]["train"]["at"])
    seen = person.wait("curves move", lambda seen: seen["training"]["step"] >= 3, 120)
    person.picture("training")
    return Path(seen["training"]["run"])


def _may_begin(seen: Seen) -> bool:
    return not seen["training"]["why_not"] and seen["tools"]["train"]["enabled"]


def pause(person: Person) -> None:
    press(person, "Training/Pause")
    person.wait("it waits", lambda seen: seen["training"]["state"] == "paused", 60)
    person.picture("paused")


def turn(person: Person) -> None:
    """Change the learning rate and a loss weight while it waits."""
    seen = person.at_rest()
    person.click(seen["training"]["rate"]["at"])
    person.wait("the rate has the keys", lambda seen: seen["training"]["rate"]["focused"])
    fill(person, seen["training"]["rate"]["at"], "0.0005")
    person.wait("it is taken", lambda seen: "learning_rate" in seen["training"]["taken"], 30)
    cell = person.at_rest()["training"]["weights"]["age"]
    assert cell["text"] == "0.25"
    person.double_click(cell["at"])
    fill(person, cell["at"], "0.5")
    seen = person.wait("it is taken", lambda seen: "loss_weight" in seen["training"]["taken"], 30)
    person.wait("it is shown", lambda seen: seen["training"]["weights"]["age"]["text"] == "0.5")
    person.picture("turned")


def go_on(person: Person) -> None:
    before = press(person, "Training/Continue")["training"]["step"]
    person.wait("it goes on", lambda seen: seen["training"]["step"] >= before + 2, 120)
    person.picture("continued")


def restart(person: Person, first: Path) -> Path:
    press(person, "Training/Restart")
    seen = person.wait("another run moves", lambda seen: _moves(seen, first), 180)
    person.picture("restarted")
    return Path(seen["training"]["run"])


def _moves(seen: Seen, first: Path) -> bool:
    training = seen["training"]
    return training["run"] not in ("", str(first)) and training["step"] >= 3


def stop(person: Person) -> None:
    press(person, "Training/Stop")
    person.wait("it ended", lambda seen: not seen["training"]["running"], 60)
    person.picture("stopped")


def compare(person: Person, first: Path, second: Path) -> None:
    person.click(person.seen["tabs"]["Runs"])
    names = {first.name, second.name}
    seen = person.wait("both runs are listed", lambda seen: names <= set(seen["runs"]["rows"]), 30)
    person.click(seen["runs"]["rows"][first.name])
    person.click(seen["runs"]["rows"][second.name], keys=["ctrl"])
    person.wait("both are chosen", lambda seen: set(seen["runs"]["chosen"]) == names)
    person.click(person.seen["tabs"]["Compare"])
    both = [first.name, second.name]
    person.wait("they are compared", lambda seen: seen["runs"]["compared"] == both, 30)
    person.at_rest()
    person.picture("compared")


def says_what_was_asked(run: Path) -> None:
    state = read_state(run)
    taken = [(mark.request, mark.value) for mark in state.responses if not mark.code]
    assert [request for request, _ in taken][:4] == [
        "pause", "learning_rate", "loss_weight", "continue",
    ]  # fmt: skip
    assert dict(taken[1:3]) == {"learning_rate": 0.0005, "loss_weight": {"age": 0.5}}
    rates = dict(state.steps["learning_rate"])
    at = next(mark.step for mark in state.responses if mark.request == "learning_rate")
    assert rates[at + 1] < 0.55 * rates[at]
    assert state.status(alive=False) == "stopped"
    assert RunFolder.open(run).name == run.name
    assert any(isinstance(event, ControlTaken) for event in read_events(run, include_steps=False))


def evaluate(person: Person) -> None:
    """Score the rows that were held out, and look at an output."""
    person.click(person.seen["tabs"]["Results"])
    person.wait("a run is looked at", lambda seen: seen["results"]["run"])
    press(person, "Results/Evaluate now")
    person.wait("it is scored", lambda seen: seen["results"]["rows"] == _ROWS // 5, 180)
    person.picture("scores")
    person.click(person.seen["tabs"]["income"])
    person.at_rest()
    person.picture("output")


def ask_about_a_row(person: Person) -> None:
    """The first answer opens the network; the next one follows the keys."""
    person.click(person.seen["tabs"]["Predict"])
    seen = person.wait("it answers", lambda seen: len(seen["results"]["said"]) == 3, 120)
    before = seen["results"]["said"]
    person.picture("answered")
    person.click(seen["results"]["fields"]["posts"]["at"])
    person.key("ctrl+a")
    person.type("17 " * 12)
    person.wait("it says that the row is too short", lambda seen: not seen["results"]["said"], 30)
    person.picture("too short")
    person.type("4711 " * 48)
    person.wait("it answers again", lambda seen: _other(seen["results"]["said"], before), 60)
    person.picture("typed")


def _other(said: list[str], before: list[str]) -> bool:
    return len(said) == len(before) and said != before
