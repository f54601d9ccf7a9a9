"""How a run ended is told as a person would, without names of signals."""

import pytest

from engine.events import RunFailed, RunFinished, RunStopped
from engine.runs.state.end_reason import describe_end
from engine.runtime.training.control import STOP_REQUEST


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (RunStopped(step=120, epoch=3, reason="SIGINT"),
         "Stopped by the user after epoch 3, step 120"),
        (RunStopped(step=1200, epoch=3, reason=STOP_REQUEST),
         "Stopped by the user after epoch 3, step 1,200"),
        (RunStopped(step=7, reason="SIGTERM"),
         "Stopped by the user or the system in epoch 1, after step 7"),
        (RunStopped(reason="SIGINT"), "Stopped by the user before its first step"),
        (RunStopped(step=7), "Stopped in epoch 1, after step 7"),
        (RunFinished(step=39, epoch=3, reason="all epochs are done"),
         "Finished after epoch 3, step 39: all epochs are done"),
        (RunFailed(step=4, code="diverged"), "Failed in epoch 1, after step 4"),
    ],
)  # fmt: skip
def test_an_end_is_told_in_words(ended, text):
    assert describe_end(ended) == text
