"""After each of many random gestures the picture is the document, and nothing was raised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.documents.session import Session
from app.shell.main_window import MainWindow
from tests.app.equal import check_at_rest, check_equal
from tests.app.gestures_random import Walker
from tests.app.rows.conftest import drawn
from tests.app.windows import opened
from tests.tiers import cases


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, Session(drawn()), Session(drawn())) as window:
        yield window


def walk(qtbot, window: MainWindow, seed: int, count: int) -> None:
    """Do `count` gestures, and compare picture and document after each."""
    walker = Walker(window, seed)
    with qtbot.captureExceptions() as raised:
        for number in range(count):
            try:
                walker.step()
                assert not raised, "".join(str(one) for one in raised)
                for session in window.workspace.sessions:
                    canvas = window.tabs.canvas_of(session)
                    assert canvas is not None
                    check_equal(canvas, session)
                    check_at_rest(canvas)
                assert not raised, "".join(str(one) for one in raised)
            except (AssertionError, LookupError, ValueError, TypeError, AttributeError) as fault:
                listing = "\n".join(walker.log[-40:])
                fault.add_note(f"seed {seed}, gesture {number}, the last ones:\n{listing}")
                raise


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(1, cases(1, 3, 6) + 1))
def test_picture_equals_document_after_each_gesture(qtbot, window, seed):
    walk(qtbot, window, seed, cases(30, 200, 2_000))
