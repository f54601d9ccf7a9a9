"""The list of the pages of the data panel."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.data.pages.checks import ChecksPage
from app.data.pages.data_check_job import Examination
from app.data.pages.ports import PortsPage
from app.data.pages.split import DivisionPage
from app.documents.workspace import Workspace
from app.theme.theme import Theme


def pages(workspace: Workspace, known: Examination, theme: Theme) -> list[tuple[str, QWidget]]:
    """Return the titles and pages in tab order; all share one data check."""
    return [
        ("Ports", PortsPage(workspace, known, theme)),
        ("Checks", ChecksPage(workspace, known, theme)),
        ("Split", DivisionPage(workspace, known, theme)),
    ]
