"""One step a gesture, back and forth without loss; the mark of saving is exact."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.graph.edits import field_edits, node_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.graph.serialization import file
from engine.graph.undo_history import UNDO_LIMIT, UndoHistory
from tests.strategies import edits as any_edit
from tests.strategies import projects
from tests.tiers import cases


def units(number: Any) -> Project:
    return node_edits.add_node(Project(), "Dense", "a", params={"units": number})


def test_undo_and_redo_know_what_they_do() -> None:
    history = UndoHistory(units(1))
    history.apply("Set units", units(2))
    history.apply("Set units again", units(3))
    assert (history.undo_label, history.redo_label) == ("Set units again", None)
    assert history.undo()
    assert history.project == units(2)
    assert (history.undo_label, history.redo_label) == ("Set units", "Set units again")
    history.apply("Another way", units(4))
    assert not history.redo()
    assert history.undo()
    assert history.undo()
    assert not history.undo()
    assert history.project == units(1)


def test_merged_steps_are_one_until_they_settle() -> None:
    history = UndoHistory(units(0))
    for number in range(1, 5):
        history.apply("Set units", units(number), merge_key=("param", "a", "units"))
    history.end_merge()
    history.apply("Set units", units(9), merge_key=("param", "a", "units"))
    history.undo()
    assert history.project == units(4)
    history.apply("Set units", units(5), merge_key=("param", "a", "units"))
    history.undo()
    history.undo()
    assert history.project == units(0)


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    history = UndoHistory(units(1))
    history.apply("Nothing", units(1))
    assert history.undo_label is None


def test_dirty_compares_with_what_was_saved() -> None:
    history = UndoHistory(units(1))
    history.apply("Set", units(2))
    assert history.is_dirty
    history.apply("Set back", units(1))
    assert not history.is_dirty
    history.apply("Set", units(3))
    snapshot = history.project
    history.apply("Set", units(4))
    history.mark_saved(snapshot)
    assert history.is_dirty
    history.undo()
    assert not history.is_dirty


def test_a_number_of_another_kind_is_a_change() -> None:
    """1, 1.0 and true are equal in Python and differ in the file."""
    history = UndoHistory(units(1))
    history.apply("Set", units(True))
    assert history.is_dirty


def test_history_is_bounded() -> None:
    history = UndoHistory(units(0))
    for number in range(1, UNDO_LIMIT + 50):
        history.apply("Set", units(number))
    steps = 0
    while history.undo():
        steps += 1
    assert steps == UNDO_LIMIT


def test_each_change_is_told() -> None:
    heard = []
    history = UndoHistory(None, lambda: heard.append(history.project))
    history.apply("Set", units(1))
    history.undo()
    history.redo()
    history.mark_saved()
    history.load(units(5))
    assert heard == [units(1), Project(), units(1), units(1), units(5)]


def test_a_drag_that_ends_where_it_began_is_no_step() -> None:
    history = UndoHistory()
    history.apply("Set", units(1))
    for number in (2, 3, 1):
        history.apply("Type", units(number), merge_key="typing")
    history.undo()
    assert history.project == Project()
    assert history.redo_label == "Set"


class Machine(RuleBasedStateMachine):
    """A document does what a plain list of projects does, and its file always says it."""

    def __init__(self) -> None:
        super().__init__()
        self.history = UndoHistory()
        self.steps = [Project()]
        self.at = 0
        self.saved = Project()

    @rule(edit=any_edit)
    def edit(self, edit: dict[str, Any]) -> None:
        try:
            project = apply_edit(self.history.project, edit)
        except ValueError:
            return
        if file.dumps(project) != file.dumps(self.history.project):
            self.steps = [*self.steps[: self.at + 1], project]
            self.at += 1
        self.history.apply(edit["do"], project)

    @rule()
    def undo(self) -> None:
        assert self.history.undo() == (self.at > 0)
        self.at = max(self.at - 1, 0)

    @rule()
    def redo(self) -> None:
        assert self.history.redo() == (self.at + 1 < len(self.steps))
        self.at = min(self.at + 1, len(self.steps) - 1)

    @rule()
    def save_and_open_again(self) -> None:
        self.saved = file.parse(file.dumps(self.history.project).encode()).project
        self.history.mark_saved()

    @rule(project=projects())
    def open_another(self, project: Project) -> None:
        self.history.load(project)
        self.steps, self.at, self.saved = [project], 0, project

    @rule(times=st.integers(2, 4))
    def drag(self, times: int) -> None:
        if not self.history.project.graph:
            return
        name = self.history.project.graph.nodes[0].name
        start = self.history.project
        for step in range(times):
            moved = field_edits.move(self.history.project, {name: (step * 7 + 1, 3)})
            self.history.apply("Move", moved, merge_key=("move", name))
            if moved != start:
                self.steps = self.steps[: self.at + 1]
        self.history.end_merge()
        if self.history.project != start:
            self.steps = [*self.steps, self.history.project]
            self.at += 1

    @invariant()
    def the_present_is_the_model_s(self) -> None:
        assert self.history.project == self.steps[self.at]
        same = file.dumps(self.saved) == file.dumps(self.history.project)
        assert self.history.is_dirty is not same


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=cases(6, 40), stateful_step_count=25, deadline=None)
