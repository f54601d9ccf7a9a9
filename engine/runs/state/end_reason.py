"""How a run ended, in words: why, and how far it had come."""

from __future__ import annotations

from engine.events import RunEnded, RunFinished, RunStopped

# Why a run was stopped, as its event says: a signal's name, or a request (`runtime.live`).
_BY = {
    "SIGINT": "by a person",
    "stop request": "by a person",
    "a person asked for it": "by a person",  # written by earlier versions
    "SIGTERM": "by a person or the system",
}


def ending(ended: RunEnded) -> str:
    """Return a sentence without its full stop."""
    reach = _reach(ended.step, ended.epoch)
    match ended:
        case RunFinished(reason=reason):
            return f"Finished {reach}: {reason or 'it is done'}"
        case RunStopped(reason=reason):
            by = _BY.get(reason, f"({reason})" if reason else "")
            return " ".join(filter(None, ["Stopped", by, reach]))
    return f"Failed {reach}"


def _reach(step: int, epoch: int) -> str:
    if not step:
        return "before its first step"
    return f"after epoch {epoch:,}, step {step:,}" if epoch else f"in epoch 1, after step {step:,}"
