"""The small controls that all panels share."""

from app.controls.empty import EmptyState
from app.controls.labels import Heading, Note
from app.controls.number import NumberEdit
from app.controls.search import SearchEdit
from app.controls.switch import Switch

__all__ = ["EmptyState", "Heading", "Note", "NumberEdit", "SearchEdit", "Switch"]
