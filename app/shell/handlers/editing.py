"""Handlers of the Edit, Select and Graph menus, which act on the active canvas."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.canvas import Canvas
from app.shell.actions.injection import Handler, using

HANDLERS: Mapping[str, Handler] = {
    "cut": using(ClipboardActions, lambda clipboard: clipboard.cut()),
    "copy": using(ClipboardActions, lambda clipboard: clipboard.copy()),
    "paste": using(ClipboardActions, lambda clipboard: clipboard.paste()),
    "paste-wired": using(ClipboardActions, lambda clipboard: clipboard.paste(outside=True)),
    "duplicate": using(ClipboardActions, lambda clipboard: clipboard.duplicate()),
    "linked-copy": using(ClipboardActions, lambda clipboard: clipboard.linked_copy()),
    "delete": using(EditActions, lambda edit: edit.delete()),
    "delete-plain": using(EditActions, lambda edit: edit.delete(bridge=False)),
    "rename": using(Canvas, lambda canvas: canvas.rename_action.rename_selected()),
    "select-all": using(EditActions, lambda edit: edit.select_all()),
    "invert": using(EditActions, lambda edit: edit.invert_selection()),
    "select-none": using(Canvas, lambda canvas: canvas.cancel()),
    "add": using(Canvas, lambda canvas: canvas.add_actions.open_menu()),
    "connect": using(EditActions, lambda edit: edit.connect_selected()),
    "straighten": using(EditActions, lambda edit: edit.straighten_wires()),
    "bypass": using(EditActions, lambda edit: edit.toggle_bypass()),
    "collapse": using(EditActions, lambda edit: edit.toggle_collapsed()),
    "frame": using(Canvas, lambda canvas: canvas.add_frame()),
    "unframe": using(EditActions, lambda edit: edit.remove_from_frames()),
    "collapse-frame": using(EditActions, lambda edit: edit.toggle_frames_collapsed()),
    "rename-frame": using(Canvas, lambda canvas: canvas.rename_action.rename_frame_of_selected()),
    "remove-frame": using(EditActions, lambda edit: edit.remove_frames()),
    "delete-frame": using(EditActions, lambda edit: edit.delete_frames()),
}
