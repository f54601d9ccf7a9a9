"""The best epoch of a run, and the live changes that make earlier scores incomparable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from engine.events import BestFound, ControlTaken


@dataclass(frozen=True, slots=True)
class ScoreReset:
    """A change of live settings that makes scores incomparable with scores of earlier epochs.

    Args:
        step, epoch: numbers of steps and complete epochs before the change.
        is_mid_epoch: whether the change happened within an epoch, after some of its steps.
        changes_total: whether loss weights changed, which also changes the total loss.
        restarts_search: whether the search for the best epoch restarts for all scores.
    """

    step: int
    epoch: int
    is_mid_epoch: bool
    changes_total: bool
    restarts_search: bool


@dataclass(frozen=True, slots=True)
class BestEpoch:
    """The best epoch of a run so far, and the changes that make earlier scores incomparable.

    Args:
        event: event of the best epoch; None if none was found since the search (re)started.
        resets: changes of live settings that make earlier scores incomparable, in order of time.
    """

    event: BestFound | None = None
    resets: tuple[ScoreReset, ...] = ()

    def with_response(self, event: ControlTaken, epoch: int, steps_per_epoch: int) -> Self:
        """Return a copy updated by `event`, the response to a control request.

        If the request made earlier scores incomparable, for example by new loss weights, `resets`
        gets a `ScoreReset`. `epoch` is the number of complete epochs before the request.
        """
        if not (total := changes_total(event)) and not event.anew:
            return self
        is_mid_epoch = event.step > epoch * steps_per_epoch
        reset = ScoreReset(event.step, epoch, is_mid_epoch, total, event.anew)
        best = None if event.anew else self.event
        return replace(self, event=best, resets=(*self.resets, reset))

    def truncated(self, step: int) -> Self:
        """Return the best epoch as it was after `step` steps."""
        best = self.event if self.event is not None and self.event.step <= step else None
        return replace(self, event=best, resets=tuple(r for r in self.resets if r.step <= step))

    def first_epoch(self, score: str, is_validation: bool) -> int:
        """Return the first epoch that counts for the best value of a score.

        If loss weights change within an epoch, the total training loss of this epoch doesn't count,
        because it mixes old and new weights.

        Args:
            score: name of the score; "loss" is the total loss.
            is_validation: whether the score is computed on validation rows, after the epoch.
        """
        reset = self._last_reset(score)
        if reset is None:
            return 1
        is_mixed = reset.is_mid_epoch and not is_validation and score == "loss"
        return reset.epoch + (2 if is_mixed else 1)

    def since_step(self, score: str) -> int:
        """Return the first step whose `score` is comparable with the newest; 0 if all steps are."""
        reset = self._last_reset(score)
        return reset.step + 1 if reset else 0

    def _last_reset(self, score: str) -> ScoreReset | None:
        resets = [
            reset
            for reset in self.resets
            if reset.restarts_search or (reset.changes_total and score == "loss")
        ]
        return resets[-1] if resets else None


def changes_total(event: ControlTaken) -> bool:
    """Return whether a request changed loss weights, which also changes the total loss."""
    return event.request == "loss_weight" and not event.code and event.value != event.before


def restart_note(event: ControlTaken) -> str:
    """Return a note if a control request restarted a search for best values, otherwise "".

    The search is either for the best epoch, or only for the best total loss.
    """
    total, step = changes_total(event), f"{event.step + 1:,}"
    if not total and not event.anew:
        return ""
    restarted = "best epoch" if event.anew else "best total loss"
    changed = "loss weights" if total else "early stopping settings"
    return f"The search for the {restarted} restarted: new {changed} from step {step} on"
