"""The best epoch of a run, and from which epoch on one is looked for: the last turn of a dial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from engine.events import BestFound, ControlTaken


@dataclass(frozen=True, slots=True)
class Turn:
    """A request after which scores of earlier epochs no longer compete.

    Args:
        step, epoch: steps and whole epochs that were done.
        inside: whether the epoch that was under way had steps behind it.
        total: whether the total is another sum since then.
        all: whether the engine looks for the best epoch anew, whatever that goes by.
    """

    step: int
    epoch: int
    inside: bool
    total: bool
    all: bool


@dataclass(frozen=True, slots=True)
class Best:
    """What is known of the best epoch after some events.

    Args:
        found: the newest best epoch, None if there is none since the last turn.
        turns: in their order.
    """

    found: BestFound | None = None
    turns: tuple[Turn, ...] = ()

    def turned(self, event: ControlTaken, epoch: int, per_epoch: int) -> Self:
        """Return what is known after a request was answered.

        Args:
            event: the answer.
            epoch: whole epochs done.
            per_epoch: steps in each.
        """
        if not (total := other_total(event)) and not event.anew:
            return self
        inside = event.step > epoch * per_epoch
        turn = Turn(event.step, epoch, inside, total, event.anew)
        found = None if event.anew else self.found
        return replace(self, found=found, turns=(*self.turns, turn))

    def until(self, step: int) -> Self:
        """Return what is known without what came after a step."""
        found = self.found if self.found is not None and self.found.step <= step else None
        return replace(self, found=found, turns=tuple(t for t in self.turns if t.step <= step))

    def first(self, score: str, validated: bool) -> int:
        """Return the first epoch that counts for the best of a score.

        Args:
            score: its name; "loss" is the total.
            validated: whether it is of the validation rows, which are scored after the last step.

        Why: in the epoch within which weights changed, the training's total is no sum of one kind.
        """
        turn = self._turn(score)
        if turn is None:
            return 1
        return turn.epoch + (2 if turn.inside and not validated and score == "loss" else 1)

    def since(self, score: str) -> int:
        """Return the first step after the turn that counts for a score, 0 if there was none."""
        turn = self._turn(score)
        return turn.step + 1 if turn else 0

    def _turn(self, score: str) -> Turn | None:
        counted = [turn for turn in self.turns if turn.all or (turn.total and score == "loss")]
        return counted[-1] if counted else None


def other_total(event: ControlTaken) -> bool:
    """Return whether the total is another sum after a request."""
    return event.request == "loss_weight" and not event.code and event.value != event.before


def anew_in_words(event: ControlTaken) -> str:
    """Say that an answered request began the search for the best anew, "" if it did not."""
    total, step = other_total(event), f"{event.step + 1:,}"
    if not total and not event.anew:
        return ""
    sought = "epoch" if event.anew else "total"
    why = "losses are weighed" if total else "the stopping rule judges"
    return f"The best {sought} is looked for anew: {why} otherwise since step {step}"
