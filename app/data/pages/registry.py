"""The list of the pages of the data panel."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.data.pages.checks import ChecksPage
from app.data.pages.data_check_job import DataCheckJob
from app.data.pages.ports import PortsPage
from app.data.pages.split import SplitPage
from app.documents.workspace import Workspace
from app.theme.theme import Theme


def data_pages(
    workspace: Workspace, data_check: DataCheckJob, theme: Theme
) -> list[tuple[str, QWidget]]:
    """Return the titles and pages in tab order; all share one data check."""
    return [
        ("Ports", PortsPage(workspace, data_check, theme)),
        ("Checks", ChecksPage(workspace, data_check, theme)),
        ("Split", SplitPage(workspace, data_check, theme)),
    ]
