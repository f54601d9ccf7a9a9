"""An error in the window is logged and shown; an error while it is shown is only logged."""

from __future__ import annotations

import sys

from app.documents.workspace import Workspace
from app.shell import application


def test_an_error_while_an_error_is_shown_is_only_logged(qapp, monkeypatch, caplog):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    workspace, shown = Workspace(), []

    def fail(text: str) -> None:
        shown.append(text)
        raise RuntimeError("the status bar is deleted")

    workspace.message.connect(fail)
    application._install_exception_hook(workspace)
    sys.excepthook(ValueError, ValueError("no such layer"), None)
    assert shown == ["Internal error in Layerloom: no such layer. Your document is unchanged."]
    assert [record.exc_info[0] for record in caplog.records] == [ValueError, RuntimeError]
