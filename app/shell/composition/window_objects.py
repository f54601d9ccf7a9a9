"""All objects of a window that actions act on."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.shell.composition.controllers import Controllers
from app.shell.composition.parts import WindowParts
from app.shell.panels import Panels


@dataclass(frozen=True)
class WindowObjects:
    """The parts and controllers of a window; each handler of an action gets them."""

    parts: WindowParts
    controllers: Controllers

    @property
    def session(self) -> Session:
        """The active document."""
        return self.parts.workspace.session

    @property
    def canvas(self) -> Canvas:
        """The canvas of the active document."""
        return self.parts.tabs.canvas

    @property
    def panels(self) -> Panels:
        """The panels around the canvas."""
        return self.parts.panels
