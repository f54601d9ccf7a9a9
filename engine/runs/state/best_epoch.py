"""The best epoch of a run, and the changes of live settings after which the search restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from engine.events import BestFound, ControlTaken


@dataclass(frozen=True, slots=True)
class Turn:
    """A live change after which scores are not comparable with those of earlier epochs.

    Args:
        step, epoch: number of steps and complete epochs before it.
        inside: whether it happened within an epoch, after some of its steps.
        total: whether the loss weights, and so the total loss, changed.
        all: whether the search for the best epoch restarts, whatever score it uses.
    """

    step: int
    epoch: int
    inside: bool
    total: bool
    all: bool


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch after some events.

    Args:
        found: the best epoch, None if there is none since the last restart.
        turns: live changes that affect scores, in order.
    """

    found: BestFound | None = None
    turns: tuple[Turn, ...] = ()

    def turned(self, event: ControlTaken, epoch: int, per_epoch: int) -> Self:
        """Return the best epoch after a request was carried out.

        Args:
            event: the response to the request.
            epoch: number of complete epochs.
            per_epoch: steps per epoch.
        """
        if not (total := other_total(event)) and not event.anew:
            return self
        inside = event.step > epoch * per_epoch
        turn = Turn(event.step, epoch, inside, total, event.anew)
        found = None if event.anew else self.found
        return replace(self, found=found, turns=(*self.turns, turn))

    def until(self, step: int) -> Self:
        """Return the best epoch as of a step."""
        found = self.found if self.found is not None and self.found.step <= step else None
        return replace(self, found=found, turns=tuple(t for t in self.turns if t.step <= step))

    def first(self, score: str, validated: bool) -> int:
        """Return the first epoch that counts for the best value of a score.

        Args:
            score: its name; "loss" is the total.
            validated: whether it is a validation score, computed after the last step.

        Why: the training loss of the epoch in which loss weights changed mixes old and new weights.
        """
        turn = self._last_turn(score)
        if turn is None:
            return 1
        return turn.epoch + (2 if turn.inside and not validated and score == "loss" else 1)

    def since(self, score: str) -> int:
        """Return the first step that counts for a score, 0 if no change affects it."""
        turn = self._last_turn(score)
        return turn.step + 1 if turn else 0

    def _last_turn(self, score: str) -> Turn | None:
        turns = [turn for turn in self.turns if turn.all or (turn.total and score == "loss")]
        return turns[-1] if turns else None


def other_total(event: ControlTaken) -> bool:
    """Return whether a request changed the weights in the total loss."""
    return event.request == "loss_weight" and not event.code and event.value != event.before


def anew_in_words(event: ControlTaken) -> str:
    """Return a note that a request restarted the search for the best value, "" if it did not."""
    total, step = other_total(event), f"{event.step + 1:,}"
    if not total and not event.anew:
        return ""
    restarted = "best epoch" if event.anew else "best total loss"
    changed = "loss weights" if total else "early stopping settings"
    return f"The search for the {restarted} restarted: new {changed} from step {step} on"
