"""What the window knows of a document, as options of the engine's commands."""

from __future__ import annotations

from app.documents.session import APART, Apart


def apart_options(apart: Apart) -> list[str]:
    """Return the files of their own to validate and to test on, as options."""
    parts = zip(APART, apart, strict=True)
    return [word for part, path in parts if path for word in (f"--{part}", str(path.absolute()))]
