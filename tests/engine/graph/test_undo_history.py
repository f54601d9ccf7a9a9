"""One step a gesture, back and forth without loss; the mark of saving is exact."""

from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.graph.edits import node_edits
from engine.graph.model import Project
from engine.graph.serialization import file
from engine.graph.undo_history import UNDO_LIMIT, Document
from tests.strategies import edits as any_edit
from tests.strategies import projects


def units(number: Any) -> Project:
    return node_edits.add_node(Project(), "Dense", "a", params={"units": number})


def test_undo_and_redo_know_what_they_do() -> None:
    document = Document(units(1))
    document.apply("Set units", units(2))
    document.apply("Set units again", units(3))
    assert (document.undo_label, document.redo_label) == ("Set units again", None)
    assert document.undo()
    assert document.project == units(2)
    assert (document.undo_label, document.redo_label) == ("Set units", "Set units again")
    document.apply("Another way", units(4))
    assert not document.redo()
    assert document.undo()
    assert document.undo()
    assert not document.undo()
    assert document.project == units(1)


def test_merged_steps_are_one_until_they_settle() -> None:
    document = Document(units(0))
    for number in range(1, 5):
        document.apply("Set units", units(number), merge_key=("param", "a", "units"))
    document.end_merge()
    document.apply("Set units", units(9), merge_key=("param", "a", "units"))
    document.undo()
    assert document.project == units(4)
    document.apply("Set units", units(5), merge_key=("param", "a", "units"))
    document.undo()
    document.undo()
    assert document.project == units(0)


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    document = Document(units(1))
    document.apply("Nothing", units(1))
    assert document.undo_label is None


def test_dirty_compares_with_what_was_saved() -> None:
    document = Document(units(1))
    document.apply("Set", units(2))
    assert document.is_dirty
    document.apply("Set back", units(1))
    assert not document.is_dirty
    document.apply("Set", units(3))
    snapshot = document.project
    document.apply("Set", units(4))
    document.mark_saved(snapshot)
    assert document.is_dirty
    document.undo()
    assert not document.is_dirty


def test_a_number_of_another_kind_is_a_change() -> None:
    """1, 1.0 and true are equal in Python and differ in the file."""
    document = Document(units(1))
    document.apply("Set", units(True))
    assert document.is_dirty


def test_history_is_bounded() -> None:
    document = Document(units(0))
    for number in range(1, UNDO_LIMIT + 50):
        document.apply("Set", units(number))
    steps = 0
    while document.undo():
        steps += 1
    assert steps == UNDO_LIMIT


def test_subscribers_hear_of_each_change_until_they_leave() -> None:
    document, heard = Document(), []
    leave = document.changed.subscribe(lambda: heard.append(document.project))
    document.apply("Set", units(1))
    document.undo()
    document.redo()
    document.mark_saved()
    document.load(units(5))
    leave()
    leave()
    document.apply("Set", units(2))
    assert heard == [units(1), Project(), units(1), units(1), units(5)]


def test_a_drag_that_ends_where_it_began_is_no_step() -> None:
    document = Document()
    document.apply("Set", units(1))
    for number in (2, 3, 1):
        document.apply("Type", units(number), merge_key="typing")
    document.undo()
    assert document.project == Project()
    assert document.redo_label == "Set"


class Machine(RuleBasedStateMachine):
    """A document does what a plain list of projects does, and its file always says it."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document()
        self.steps = [Project()]
        self.at = 0
        self.saved = Project()

    @rule(edit=any_edit)
    def edit(self, edit: dict[str, Any]) -> None:
        try:
            project = node_edits.apply_edit(self.document.project, edit)
        except ValueError:
            return
        if file.dumps(project) != file.dumps(self.document.project):
            self.steps = [*self.steps[: self.at + 1], project]
            self.at += 1
        self.document.apply(edit["do"], project)

    @rule()
    def undo(self) -> None:
        assert self.document.undo() == (self.at > 0)
        self.at = max(self.at - 1, 0)

    @rule()
    def redo(self) -> None:
        assert self.document.redo() == (self.at + 1 < len(self.steps))
        self.at = min(self.at + 1, len(self.steps) - 1)

    @rule()
    def save_and_open_again(self) -> None:
        self.saved = file.parse(file.dumps(self.document.project).encode()).project
        self.document.mark_saved()

    @rule(project=projects())
    def open_another(self, project: Project) -> None:
        self.document.load(project)
        self.steps, self.at, self.saved = [project], 0, project

    @rule(times=st.integers(2, 4))
    def drag(self, times: int) -> None:
        if not self.document.project.graph:
            return
        name = self.document.project.graph.nodes[0].name
        start = self.document.project
        for step in range(times):
            moved = node_edits.move(self.document.project, {name: (step * 7 + 1, 3)})
            self.document.apply("Move", moved, merge_key=("move", name))
            if moved != start:
                self.steps = self.steps[: self.at + 1]
        self.document.end_merge()
        if self.document.project != start:
            self.steps = [*self.steps, self.document.project]
            self.at += 1

    @invariant()
    def the_present_is_the_model_s(self) -> None:
        assert self.document.project == self.steps[self.at]
        same = file.dumps(self.saved) == file.dumps(self.document.project)
        assert self.document.is_dirty is not same


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_saved_document_opens_as_it_was(tmp_path: Path) -> None:
    document = Document(units(1))
    file.write(tmp_path / "a.loom.json", document.project)
    assert file.read(tmp_path / "a.loom.json").project == document.project
