"""A description of how a run ended: reason, epoch and step."""

from __future__ import annotations

from engine.events import RunEnded, RunFinished, RunStopped

# Who stopped a run, by the reason in the RunStopped event: the name of a signal, or a request.
_STOPPED_BY = {
    "SIGINT": "by the user",
    "stop request": "by the user",
    "a person asked for it": "by the user",  # written by earlier versions
    "SIGTERM": "by the user or the system",
}


def describe_end(ended: RunEnded) -> str:
    """Return how a run ended, as a sentence without a period."""
    progress = _progress(ended.step, ended.epoch)
    match ended:
        case RunFinished(reason=reason):
            return f"Finished {progress}: {reason or 'training complete'}"
        case RunStopped(reason=reason):
            by = _STOPPED_BY.get(reason, f"({reason})" if reason else "")
            return " ".join(filter(None, ["Stopped", by, progress]))
    return f"Failed {progress}"


def _progress(step: int, epoch: int) -> str:
    if not step:
        return "before its first step"
    return f"after epoch {epoch:,}, step {step:,}" if epoch else f"in epoch 1, after step {step:,}"
