"""The pages about the data beside its columns: what ports receive, checks, and the division."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.data.checks import ChecksPage
from app.data.division import DivisionPage
from app.data.examination import Examination
from app.data.ports import PortsPage
from app.theme import Theme
from app.workspace import Workspace


def pages(workspace: Workspace, known: Examination, theme: Theme) -> list[tuple[str, QWidget]]:
    """Return the titles and the pages, in the order of their tabs; one examination serves all."""
    return [
        ("Ports", PortsPage(workspace, known, theme)),
        ("Checks", ChecksPage(workspace, known, theme)),
        ("Split", DivisionPage(workspace, known, theme)),
    ]
