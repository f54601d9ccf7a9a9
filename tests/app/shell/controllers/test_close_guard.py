"""The window closes once running training and unsaved documents are dealt with."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.shell.controllers.close_guard import CloseGuard


class Surroundings:
    """A training, documents and a prompts whose answers a test gives."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.choices: list = []
        self.is_training = False
        self.answer_documents = None
        note = self.events.append
        run_process = SimpleNamespace(
            run=None, kill=lambda: note("kill"), stop=lambda: note("stop"), is_own_process=False
        )
        self.training = SimpleNamespace(run_process=run_process, state="running")
        self.prompts = SimpleNamespace(raise_active_dialog=lambda: False, ask=self._ask)
        self.files = SimpleNamespace(prompts=self.prompts, close_all=self._close_all)
        self.documents = SimpleNamespace(commit_input=lambda: note("commit"))
        self.guard = CloseGuard(
            self.documents, self.files, self.training, lambda: note("close window")
        )

    def _ask(self, _title: str, _text: str, *choices, kind: str) -> None:
        self.choices = list(choices)

    def _close_all(self, then) -> None:
        self.answer_documents = then

    def choose(self, label: str) -> None:
        next(choice for choice in self.choices if choice.label == label).callback()


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def test_saved_documents_close_at_once(around):
    around.files.close_all = lambda then: then(True)
    assert around.guard.confirm_close()
    assert around.events == ["commit"]


def test_the_window_closes_again_after_the_last_answer(around):
    assert not around.guard.confirm_close()
    around.answer_documents(True)
    assert around.events == ["commit", "close window"]
    assert around.guard.confirm_close()


def test_a_cancelled_prompt_keeps_the_window_open(around):
    around.guard.confirm_close()
    around.answer_documents(False)
    assert around.events == ["commit"]
    assert not around.guard.confirm_close()


def test_a_running_training_is_asked_about_first(around):
    around.training.run_process.is_own_process = True
    assert not around.guard.confirm_close()
    assert around.answer_documents is None
    around.choose("Cancel")
    assert around.answer_documents is None
    assert not around.guard.confirm_close()
    around.choose("Stop training")
    around.answer_documents(True)
    assert around.events[-1] == "close window"
    around.guard.apply_training_choice()
    assert around.events[-1] == "stop"


def test_a_training_that_is_kept_is_not_stopped(around):
    around.training.run_process.is_own_process = True
    around.guard.confirm_close()
    around.choose("Keep training")
    around.answer_documents(True)
    around.guard.apply_training_choice()
    assert not {"stop", "kill"} & set(around.events)


def test_a_training_that_has_not_begun_has_nothing_to_save(around):
    around.training.run_process.is_own_process = True
    around.training.state = "starting"
    around.guard.confirm_close()
    around.choose("Stop training")
    around.guard.apply_training_choice()
    assert around.events[-1] == "kill"
