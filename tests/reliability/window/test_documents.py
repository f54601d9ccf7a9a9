"""External input of a window: clipboards and streams of events."""

from __future__ import annotations

import gc
import json
import time

import pytest
from PySide6.QtWidgets import QApplication

from app.training.process.run_process import RunProcess
from engine.events import StepsDone
from engine.graph import fragment
from engine.graph.serialization import file
from engine.runs.log.lock import lock_holder
from tests.app.windows import opened, posts
from tests.engine.runtime.small import line, ordered, run, straight
from tests.reliability.mutate import ODD, damaged, odd_json
from tests.reliability.seed import SEED, chances
from tests.tiers import SOAK, cases

CLIPBOARDS, SECONDS = cases(20, 200, 2_000), cases(1, 5, 60)
SHARE = 0.99 if SOAK else 0.9  # of all polls; less in the quick tier, which has few
UNKNOWN = [each for each in ODD if json.loads(json.dumps(each)) == each]  # NaN equals nothing


def clipboard(chosen, whole: bytes) -> str:
    """Return a random clipboard text."""
    match chosen.randrange(5):
        case 0:
            return chosen.choice(("", "{", "\0", "[" * 100_000, "hello", "\ud800", "x" * 5_000_000))
        case 1:
            return damaged(whole, chosen).decode("utf-8", "replace")
        case 2:
            return json.dumps(chosen.choice(UNKNOWN))
        case _:
            return odd_json(json.loads(whole), chosen).decode("utf-8", "replace")


@pytest.mark.slow
def test_a_clipboard_of_anything_pastes_nodes_or_nothing(qtbot, figures):
    """A paste is one undo step, and the document can still be saved."""
    chosen, pasted, slowest = chances("clipboard"), 0, 0.0
    with opened(qtbot, posts(), is_new=True) as window:
        canvas, session = window.tabs.canvas, window.workspace.session
        before = session.project
        names = [node.name for node in before.graph][:4]
        whole = file.dumps(fragment.copy_nodes(before, names)).encode()
        for _ in range(CLIPBOARDS):
            QApplication.clipboard().setText(clipboard(chosen, whole))
            spent = time.process_time()
            canvas.clipboard_actions.paste()
            slowest = max(slowest, time.process_time() - spent)
            if session.project is not before:
                pasted += 1
                assert file.parse(file.dumps(session.project).encode()).project == session.project
                session.undo()
            assert session.project == before
        QApplication.clipboard().clear()
    figures(clipboards=CLIPBOARDS, pasted=pasted, tracebacks=0, slowest_seconds=slowest)
    assert 0 < pasted < CLIPBOARDS


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_lines_a_second_with_garbage_freeze_no_window(
    warm, qapp, tmp_path, qtbot, figures
):
    """No poll of the stream takes long, and every step arrives."""
    folder, _ = run(ordered(tmp_path, straight(epochs=3, batch_size=8), line()))
    training, seen, looks = RunProcess(), [], []
    tick = training._on_tick

    def timed() -> None:
        spent = time.thread_time()
        tick()
        looks.append(time.thread_time() - spent)

    training._timer.timeout.disconnect()
    training._timer.timeout.connect(timed)
    training.events.connect(
        lambda told: seen.extend(each.last for each in told if isinstance(each, StepsDone))
    )
    gc.freeze()  # as the window does at its start
    flood = warm.start("flood", folder.path, SECONDS, f"{SEED} flood")
    flood.until(lambda: lock_holder(folder.path))
    training.attach(folder.path)
    assert training.running
    qtbot.waitUntil(lambda: not training.following, timeout=120_000 + 3000 * SECONDS)
    gc.unfreeze()
    ended = flood.wait()
    assert ended.code == 0, ended.said
    told = json.loads(ended.said)
    assert max(seen) == told["step"]
    looks.sort()
    figures(
        lines=told["lines"],
        lines_a_second=told["lines"] / told["seconds"],
        steps_that_arrived=max(seen),
        looks=len(looks),
        milliseconds_of_99_looks_in_100=1000 * looks[int(0.99 * len(looks))],
        milliseconds_of_a_look_at_most=1000 * looks[-1],
    )
    assert looks[int(SHARE * len(looks))] < 0.1
