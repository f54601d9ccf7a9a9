"""Small widgets that all panels share."""

from app.controls.display.empty_state import EmptyState
from app.controls.display.labels import Heading, InlineMessage
from app.controls.inputs.number_edit import NumberEdit
from app.controls.inputs.search_edit import SearchEdit
from app.controls.inputs.switch import Switch

__all__ = ["EmptyState", "Heading", "InlineMessage", "NumberEdit", "SearchEdit", "Switch"]
