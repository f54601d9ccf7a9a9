"""The table of handlers: the function that performs each action, by action id."""

from __future__ import annotations

from collections.abc import Mapping

from app.shell.actions.injection import Handler
from app.shell.handlers import arranging, documents, editing, runs, training, view

HANDLERS: Mapping[str, Handler] = {
    **documents.HANDLERS,
    **editing.HANDLERS,
    **arranging.HANDLERS,
    **view.HANDLERS,
    **training.HANDLERS,
    **runs.HANDLERS,
}
