"""How a training ended, in a person's words."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.processes.answer_parser import diagnostic_from, diagnostics_in
from app.text.numbers import clock
from app.training.process.trainer_process import UNSEEN
from engine.core.codes import Exit
from engine.core.diagnostic import Diagnostic
from engine.events import RunEnded, RunFailed, RunFinished, RunStopped

Kind = Literal["completed", "stopped", "refused", "failed", "crashed"]


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Args:
        kind: completed, stopped by a person, refused before its first step, failed with a reason
            that it gave, or crashed without a word.
        text: what to tell the person.
        node: the node that is at fault, if one is.
        diagnostics: what the engine found.
        reason: why it was done, in a few words, "" unless it is completed.
    """

    kind: Kind
    text: str
    node: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    reason: str = ""


def refused(found: Sequence[Diagnostic]) -> Outcome:
    """Return the outcome of a training that the engine would not begin."""
    return _told("refused", "The training did not start: ", found)


def outcome_of(
    code: int, ended: RunEnded | None, answer: bytes, last_words: str, asked: str = ""
) -> Outcome:
    """Work out how a process ended.

    Args:
        code: its exit code, negative for a signal, `UNSEEN` if nobody saw it end.
        ended: the last event of the run, if it was an end.
        answer: what the process said on stdout.
        last_words: the last line of its log.
        asked: "stop" or "kill" if the person asked for the end.
    """
    if isinstance(ended, RunFinished):
        took = clock(ended.seconds)
        reason = ended.reason or "it is done"
        text = f"Finished: {reason}. {ended.step:,} steps in {took}."
        return Outcome("completed", text, reason=reason)
    if isinstance(ended, RunStopped):
        return Outcome("stopped", f"Stopped after step {ended.step:,}. The run is saved.")
    found = diagnostics_in(answer)
    if isinstance(ended, RunFailed):
        own = diagnostic_from(ended.diagnostic)
        found = found or ([own] if own else [])
        return _told("failed", f"The training failed after step {ended.step:,}: ", found)
    ends = (-signal.SIGTERM, Exit.TERMINATED, UNSEEN)
    if asked == "kill" or (asked and code in ends):
        return Outcome("stopped", _STOPPED[asked])
    if any(diagnostic.is_error for diagnostic in found):
        defect = any(diagnostic.code == "internal" for diagnostic in found)
        return _told("failed", "The training failed: ", found) if defect else refused(found)
    return Outcome("crashed", _crash(code, last_words))


_STOPPED = {
    "stop": "Stopped before its first step. Nothing was trained.",
    "kill": "Stopped at once. What was trained since the last saved step is lost.",
}


def not_started(error: OSError) -> Outcome:
    """Return the outcome of a process that the system would not start."""
    said = error.strerror or str(error)
    return Outcome("crashed", f"The training could not be started: {said}.")


def _told(kind: Kind, lead: str, found: Sequence[Diagnostic]) -> Outcome:
    first = next((diagnostic for diagnostic in found if diagnostic.is_error), None)
    if first is None:
        return Outcome(kind, lead + "it gave no reason.", None, tuple(found))
    node = f"{first.node}: " if first.node else ""
    return Outcome(kind, f"{lead}{node}{first.message}.", first.node, tuple(found))


def _crash(code: int, last_words: str) -> str:
    said = f" It said last: {last_words}" if last_words else ""
    if code == UNSEEN:
        return (
            "The training is gone without a word: its process was killed, or the computer went off."
        )
    if code >= 0:
        return f"The training process ended by itself, with exit code {code}.{said}"
    if code == -signal.SIGKILL:
        return (
            "The training process was killed (SIGKILL). "
            "The usual reason is that the computer ran out of memory: try a smaller batch."
        )
    return f"The training process crashed ({_signal_name(-code)}).{said}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
