"""The outcome of a training run, from the exit code, events and output of its process."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.processes.output_parser import parse_diagnostic, parse_diagnostics
from app.text.diagnostic_text import at_node
from app.training.process.external_trainer import UNKNOWN_EXIT_CODE
from engine.core.codes import ExitCode
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.durations import format_duration
from engine.events import RunEnded, RunFailed, RunFinished, RunStopped

OutcomeKind = Literal["completed", "stopped", "not-started", "failed", "crashed"]


@dataclass(frozen=True)
class TrainingOutcome:
    """The outcome of a training run.

    Args:
        kind: completed; stopped by the user; not started because of diagnostics; failed with
            diagnostics; or crashed without diagnostics.
        text: the message to show.
        node: the node that caused a failure, None if unknown.
        diagnostics: the diagnostics from the engine.
        reason: why a completed run ended, e.g. early stopping; else "".
    """

    kind: OutcomeKind
    text: str
    node: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    reason: str = ""


def not_started_outcome(diagnostics: Sequence[Diagnostic]) -> TrainingOutcome:
    """Return the outcome of a training run that the engine did not start."""
    return _with_reason("not-started", "The training did not start: ", diagnostics)


def process_outcome(
    code: int,
    ended: RunEnded | None,
    output: bytes,
    last_log_line: str,
    stop_request: str = "",
    has_started: bool = False,
) -> TrainingOutcome:
    """Return the outcome of a training run whose process has ended.

    Args:
        code: the exit code: negative after a signal, `UNKNOWN_EXIT_CODE` if not a child process.
        ended: the end event of the run, None if there is none.
        output: the stdout of the process.
        last_log_line: the last line of the log of the process.
        stop_request: the user's request that ended the run, "stop" or "kill"; "" without such a
            request.
        has_started: whether the process started or resumed the run. Such a run lacks the end event
            if its files were deleted.
    """
    if isinstance(ended, RunFinished):
        duration = format_duration(ended.seconds)
        reason = ended.reason or "all epochs done"
        text = f"Finished: {reason}. {ended.step:,} steps in {duration}."
        return TrainingOutcome("completed", text, reason=reason)
    if isinstance(ended, RunStopped):
        return TrainingOutcome("stopped", f"Stopped after step {ended.step:,}. The run is saved.")
    diagnostics = parse_diagnostics(output)
    if isinstance(ended, RunFailed):
        diagnostic = parse_diagnostic(ended.diagnostic)
        diagnostics = diagnostics or ([diagnostic] if diagnostic else [])
        prefix = f"The training failed after step {ended.step:,}: "
        return _with_reason("failed", prefix, diagnostics)
    stop_codes = (-signal.SIGTERM, ExitCode.TERMINATED, UNKNOWN_EXIT_CODE)
    is_killed = stop_request == "kill" and not diagnostics  # a host may be unreachable
    if is_killed or (stop_request and code in stop_codes):
        return TrainingOutcome("stopped", _STOP_TEXTS[stop_request])
    if any(diagnostic.is_error for diagnostic in diagnostics):
        if has_started or any(diagnostic.code == "internal" for diagnostic in diagnostics):
            return _with_reason("failed", "The training failed: ", diagnostics)
        return not_started_outcome(diagnostics)
    return TrainingOutcome("crashed", _crash_text(code, last_log_line))


_STOP_TEXTS = {
    "stop": "Stopped before the first step. Nothing was trained.",
    "kill": "Stopped at once. Progress since the last checkpoint is lost.",
}


def start_failure_outcome(error: OSError) -> TrainingOutcome:
    """Return the outcome of a training run whose process could not be started."""
    reason = error.strerror or str(error)
    return TrainingOutcome("crashed", f"The training could not be started: {reason}.")


def _with_reason(
    kind: OutcomeKind, prefix: str, diagnostics: Sequence[Diagnostic]
) -> TrainingOutcome:
    first = next((diagnostic for diagnostic in diagnostics if diagnostic.is_error), None)
    if first is None:
        return TrainingOutcome(kind, prefix + "no reason was given.", None, tuple(diagnostics))
    return TrainingOutcome(kind, f"{prefix}{at_node(first)}.", first.node, tuple(diagnostics))


def _crash_text(code: int, last_log_line: str) -> str:
    log_text = f" Last log line: {last_log_line}" if last_log_line else ""
    if code == UNKNOWN_EXIT_CODE:
        return "The training process ended without a message (killed, or the computer shut down)."
    if code >= 0:
        return f"The training process ended with exit code {code}.{log_text}"
    if code == -signal.SIGKILL:
        return (
            "The training process was killed (SIGKILL). "
            "The usual reason is that the computer ran out of memory: try a smaller batch."
        )
    return f"The training process crashed ({_signal_name(-code)}).{log_text}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
