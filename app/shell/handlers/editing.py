"""Handlers of the Edit, Select and Graph menus; they act on the active canvas."""

from __future__ import annotations

from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.canvas import Canvas
from app.shell.handlers.registry import HandlerTable

table = HandlerTable()


@table.handles("cut")
def _cut(clipboard: ClipboardActions) -> None:
    clipboard.cut()


@table.handles("copy")
def _copy(clipboard: ClipboardActions) -> None:
    clipboard.copy()


@table.handles("paste")
def _paste(clipboard: ClipboardActions) -> None:
    clipboard.paste()


@table.handles("paste-wired")
def _paste_wired(clipboard: ClipboardActions) -> None:
    clipboard.paste(outside=True)


@table.handles("duplicate")
def _duplicate(clipboard: ClipboardActions) -> None:
    clipboard.duplicate()


@table.handles("linked-copy")
def _linked_copy(clipboard: ClipboardActions) -> None:
    clipboard.linked_copy()


@table.handles("delete")
def _delete(edit: EditActions) -> None:
    edit.delete()


@table.handles("delete-plain")
def _delete_plain(edit: EditActions) -> None:
    edit.delete(bridge=False)


@table.handles("rename")
def _rename(canvas: Canvas) -> None:
    canvas.rename_action.rename_selected()


@table.handles("select-all")
def _select_all(edit: EditActions) -> None:
    edit.select_all()


@table.handles("invert")
def _invert(edit: EditActions) -> None:
    edit.invert_selection()


@table.handles("select-none")
def _select_none(canvas: Canvas) -> None:
    canvas.cancel()


@table.handles("add")
def _add(canvas: Canvas) -> None:
    canvas.add_actions.open_menu()


@table.handles("connect")
def _connect(edit: EditActions) -> None:
    edit.connect_selected()


@table.handles("straighten")
def _straighten(edit: EditActions) -> None:
    edit.straighten_wires()


@table.handles("bypass")
def _bypass(edit: EditActions) -> None:
    edit.toggle_bypass()


@table.handles("collapse")
def _collapse(edit: EditActions) -> None:
    edit.toggle_collapsed()


@table.handles("frame")
def _frame(canvas: Canvas) -> None:
    canvas.add_frame()


@table.handles("unframe")
def _unframe(edit: EditActions) -> None:
    edit.remove_from_frames()


@table.handles("collapse-frame")
def _collapse_frame(edit: EditActions) -> None:
    edit.toggle_frames_collapsed()


@table.handles("rename-frame")
def _rename_frame(canvas: Canvas) -> None:
    canvas.rename_action.rename_frame_of_selected()


@table.handles("remove-frame")
def _remove_frame(edit: EditActions) -> None:
    edit.remove_frames()


@table.handles("delete-frame")
def _delete_frame(edit: EditActions) -> None:
    edit.delete_frames()
