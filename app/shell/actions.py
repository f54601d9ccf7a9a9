"""The one table of everything that can be done by key, menu or mouse.

Menus, tool bar, shortcuts, the `?` sheet and the tests are read from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = Literal["window", "canvas"]
Needs = Literal[
    "", "nodes", "node", "named", "several", "framed", "wires", "chosen", "undo", "redo", "graph",
    "running", "idle", "turnable", "resumable", "last", "curves", "run", "runs", "two runs",
    "run at rest", "judged", "record", "columns",
]  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One row: something that a person can do.

    Args:
        id: kebab-case, stable: saved shortcuts are kept under it.
        group: the menu, and the heading in the sheet.
        text: what a menu calls it.
        keys: its shortcuts as Qt writes them, the first one shown.
        mouse: how it is done with the mouse, if it is more than a click in a menu.
        icon: a name of `app.theme.icons`.
        tip: what it is good for, where the text does not say it.
        where: whether the keys work in the whole window, or while the canvas has the focus.
        needs: what has to be there; else it is greyed out.
        on: the context menus in which it stands: "node", "wire", "frame", "canvas", "run",
            "column".
        apart: whether a line stands above it in its menu.
        marked: whether it has a check mark while what it says is so; an icon would hide that.
    """

    id: str
    group: str
    text: str
    keys: tuple[str, ...] = ()
    mouse: str = ""
    icon: str = ""
    tip: str = ""
    where: Where = "window"
    needs: Needs = ""
    on: tuple[str, ...] = ()
    apart: bool = False
    marked: bool = False


def _canvas(
    id: str, group: str, text: str, *keys: str, needs: Needs = "", icon: str = "",
    mouse: str = "", tip: str = "", on: tuple[str, ...] = (), apart: bool = False,
) -> Action:  # fmt: skip
    return Action(id, group, text, keys, mouse, icon, tip, "canvas", needs, on, apart)


_NODE = ("node",)
_NODE_FRAME = ("node", "frame")
_RUN = ("run",)
_COLUMN = ("column",)

ACTIONS: tuple[Action, ...] = (
    Action("new", "File", "New", ("Ctrl+N",), icon="add"),
    Action("new-from-template", "File", "New from template…", ("Ctrl+Shift+N",), icon="template"),
    Action("start-from-data", "File", "Start from data…", ("Ctrl+Alt+N",),
           "drop a table on an empty window", "database",
           "Draws a first network for the columns of a file of yours."),
    Action("open", "File", "Open…", ("Ctrl+O",), "drop a file on the window", "open"),
    Action("save", "File", "Save", ("Ctrl+S",), icon="save", apart=True),
    Action("save-as", "File", "Save as…", ("Ctrl+Shift+S",), icon="save-as"),
    Action("export-pytorch", "File", "Export as PyTorch…", icon="code", needs="graph", apart=True),
    Action("export-python", "File", "Export as Python…", icon="code", needs="graph"),
    Action("export-png", "File", "Export picture as PNG…", icon="image", needs="graph"),
    Action("export-svg", "File", "Export picture as SVG…", icon="image", needs="graph"),
    Action("close-tab", "File", "Close", ("Ctrl+W",), "click the cross on the tab", "close",
           apart=True),
    Action("next-tab", "File", "Next document", ("Ctrl+PgDown", "Ctrl+Tab")),
    Action("previous-tab", "File", "Previous document", ("Ctrl+PgUp", "Ctrl+Shift+Tab")),
    Action("quit", "File", "Quit", ("Ctrl+Q",), apart=True),
    Action("undo", "Edit", "Undo", ("Ctrl+Z",), icon="undo", needs="undo"),
    Action("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", needs="redo"),
    _canvas("cut", "Edit", "Cut", "Ctrl+X", needs="nodes", icon="cut", on=_NODE, apart=True),
    _canvas("copy", "Edit", "Copy", "Ctrl+C", needs="nodes", icon="copy", on=_NODE),
    _canvas("paste", "Edit", "Paste", "Ctrl+V", icon="paste", on=("canvas",),
            tip="Puts the copied nodes at the pointer."),
    _canvas("paste-wired", "Edit", "Paste with wires", "Ctrl+Shift+V", icon="paste",
            tip="Also keeps wires from nodes that were not copied."),
    _canvas("duplicate", "Edit", "Duplicate", "Ctrl+D", needs="nodes", icon="duplicate", on=_NODE),
    _canvas("linked-copy", "Edit", "Linked copy", "Alt+D", needs="nodes", icon="link", on=_NODE,
            tip="Makes copies that use the same weights."),
    _canvas("delete", "Edit", "Delete", "Del", "Backspace", needs="chosen", icon="delete",
            on=("node", "wire"), apart=True,
            tip="Wires close over the gap where the shapes fit."),
    _canvas("delete-plain", "Edit", "Delete without bridging", "Shift+Del", needs="nodes",
            icon="delete"),
    _canvas("rename", "Edit", "Rename", "F2", needs="named", on=_NODE,
            mouse="double-click a node or a frame's title", apart=True),
    Action("find", "Edit", "Find…", ("Ctrl+F",), icon="find"),
    _canvas("select-all", "Select", "Select all", "Ctrl+A", on=("canvas",)),
    _canvas("invert", "Select", "Invert selection", "Ctrl+I"),
    _canvas("select-none", "Select", "Select nothing", "Esc"),
    _canvas("walk-left", "Select", "To the node that feeds this one", "Left", apart=True),
    _canvas("walk-right", "Select", "To the node that this one feeds", "Right"),
    _canvas("walk-up", "Select", "To the node above", "Up"),
    _canvas("walk-down", "Select", "To the node below", "Down"),
    _canvas("add", "Graph", "Add a node…", "Tab", icon="add", on=("canvas",),
            mouse="double-click or right-click the canvas; tap Space"),
    _canvas("connect", "Graph", "Connect selected nodes", "L", needs="several", icon="link",
            on=_NODE, apart=True,
            tip="Wires them from left to right, where ports are free and shapes fit."),
    _canvas("straighten", "Graph", "Straighten wire", needs="wires", on=("wire",),
            mouse="double-click a bend"),
    _canvas("bypass", "Graph", "Bypass", "M", needs="nodes", icon="bypass", on=_NODE,
            tip="What comes in goes out unchanged, until it is put back into use.", apart=True),
    _canvas("collapse", "Graph", "Collapse", "H", needs="nodes", icon="collapse", on=_NODE),
    _canvas("frame", "Graph", "Frame", "Ctrl+G", needs="nodes", icon="frame", on=_NODE, apart=True),
    _canvas("unframe", "Graph", "Take out of frame", "Ctrl+Shift+G", needs="framed", on=_NODE),
    _canvas("collapse-frame", "Graph", "Collapse frame", "Shift+H", needs="framed", on=_NODE_FRAME,
            mouse="click the arrow in the frame's title"),
    _canvas("rename-frame", "Graph", "Rename frame", needs="framed", on=("frame",),
            mouse="double-click its title"),
    _canvas("remove-frame", "Graph", "Remove frame", needs="framed", on=("frame",),
            tip="Its nodes stay as they are."),
    _canvas("delete-frame", "Graph", "Delete frame and nodes", needs="framed", icon="delete",
            on=("frame",)),
    _canvas("tidy", "Arrange", "Tidy", "T", needs="graph", icon="tidy", on=("canvas", "node"),
            tip="Lays out the selected nodes, or all, from left to right."),
    _canvas("tidy-down", "Arrange", "Tidy from top to bottom", "Shift+T", needs="graph"),
    _canvas("align-left", "Arrange", "Align left", "Ctrl+Alt+Left", needs="several",
            icon="align-left", apart=True),
    _canvas("align-right", "Arrange", "Align right", "Ctrl+Alt+Right", needs="several",
            icon="align-right"),
    _canvas("align-top", "Arrange", "Align top", "Ctrl+Alt+Up", needs="several", icon="align-top"),
    _canvas("align-bottom", "Arrange", "Align bottom", "Ctrl+Alt+Down", needs="several",
            icon="align-bottom"),
    _canvas("align-middle", "Arrange", "Align in a row", needs="several", icon="align-centre-h"),
    _canvas("align-centre", "Arrange", "Align in a column", needs="several", icon="align-centre-v"),
    _canvas("distribute-across", "Arrange", "Distribute across", needs="several",
            icon="distribute-h", apart=True),
    _canvas("distribute-down", "Arrange", "Distribute down", needs="several", icon="distribute-v"),
    _canvas("nudge-left", "Arrange", "Nudge left", "Alt+Left", needs="nodes", apart=True),
    _canvas("nudge-right", "Arrange", "Nudge right", "Alt+Right", needs="nodes"),
    _canvas("nudge-up", "Arrange", "Nudge up", "Alt+Up", needs="nodes"),
    _canvas("nudge-down", "Arrange", "Nudge down", "Alt+Down", needs="nodes"),
    _canvas("fit", "View", "Fit all", "Home", icon="fit", on=("canvas",)),
    _canvas("fit-selection", "View", "Fit selection", "F", ".", on=_NODE),
    Action("zoom-100", "View", "Zoom to 100 %", ("Ctrl+0",), apart=True),
    Action("zoom-in", "View", "Zoom in", ("Ctrl++", "Ctrl+="), "turn the wheel", "zoom-in"),
    Action("zoom-out", "View", "Zoom out", ("Ctrl+-",), "turn the wheel", "zoom-out"),
    Action("minimap", "View", "Minimap", ("Ctrl+M",), apart=True, marked=True),
    Action("next-problem", "View", "Next problem", ("F8",), icon="error"),
    Action("previous-problem", "View", "Previous problem", ("Shift+F8",)),
    Action("next-panel", "View", "Go to the next panel", ("F6",), apart=True),
    Action("menu-bar", "View", "Go to the menus", ("F10",)),
    Action("theme-system", "View", "Colours of the system", apart=True, marked=True),
    Action("theme-dark", "View", "Dark colours", marked=True),
    Action("theme-light", "View", "Light colours", marked=True),
    Action("reset-layout", "View", "Panels in their first places", apart=True),
    Action("data", "Data", "Show the data", ("Ctrl+Shift+D",), icon="table"),
    Action("choose-data", "Data", "Choose data…", icon="database"),
    Action("feed", "Data", "Feed a node…", ("Ctrl+Shift+F",), icon="connect", needs="columns",
           apart=True, mouse="drag a column onto it",
           tip="Lets the chosen columns feed an Input, or be the target of an Output."),
    Action("feed-new-input", "Data", "Draw an Input for them", icon="Input", needs="columns",
           on=_COLUMN, tip="It takes the chosen columns as they are."),
    Action("feed-new-output", "Data", "Draw an Output for them", icon="Output", needs="columns",
           on=_COLUMN, tip="It predicts the chosen columns, with a loss that fits them."),
    Action("unfeed", "Data", "Take from their nodes", icon="disconnect", needs="columns",
           on=_COLUMN, apart=True),
    Action("train", "Train", "Train", ("F5", "Ctrl+Return"), icon="play", needs="idle"),
    Action("pause", "Train", "Pause", ("F7",), icon="pause", needs="turnable",
           tip="Lets the run wait after its step; pressed again, it goes on."),
    Action("stop", "Train", "Stop", ("Shift+F5",), icon="stop", needs="running"),
    Action("resume", "Train", "Continue the run that ended", ("Ctrl+F5",), icon="play",
           needs="resumable", tip="Goes on where it was last saved, with the weights it has."),
    Action("restart", "Train", "Restart with new weights", ("Ctrl+Shift+F5",), icon="refresh",
           needs="running", tip="Stops the run, and trains the network as it is drawn now anew."),
    Action("checkpoint", "Train", "Save a checkpoint now", icon="save", needs="turnable"),
    Action("last-run", "Train", "Show the last run", icon="recent", needs="last", apart=True),
    Action("curves-log", "Train", "Curves on a log scale", needs="curves", apart=True, marked=True),
    Action("curves-whole", "Train", "Curves of the whole run", needs="curves", icon="fit",
           mouse="double-click a curve; drag over it to zoom"),
    Action("export-curves-png", "Train", "Export curves as PNG…", icon="image", needs="curves"),
    Action("export-curves-svg", "Train", "Export curves as SVG…", icon="image", needs="curves"),
    Action("export-curves-csv", "Train", "Export curves as CSV…", icon="table", needs="curves"),
    Action("runs", "Runs", "Show the runs", ("Ctrl+Shift+R",), icon="table"),
    Action("runs-folder", "Runs", "Runs of another folder…", icon="folder"),
    Action("run-show", "Runs", "Show its curves", icon="curve", needs="run", on=_RUN, apart=True,
           mouse="double-click it, or press Enter"),
    Action("run-graph", "Runs", "Open its graph", icon="layers", needs="run", on=_RUN),
    Action("run-results", "Runs", "Show its results", icon="results", needs="run", on=_RUN),
    Action("run-compare", "Runs", "Compare two runs", needs="two runs", on=_RUN),
    Action("run-again", "Runs", "Train again, all equal", icon="refresh", needs="run at rest",
           on=_RUN, apart=True, tip="The same graph, data, seed and requests give the same run."),
    Action("run-from", "Runs", "Train from its weights", icon="play", needs="run at rest", on=_RUN,
           tip="Trains the document in front; layers of the same name and shape begin there."),
    Action("run-star", "Runs", "Star", icon="star", needs="runs", on=_RUN, apart=True,
           mouse="click the star, or press Space"),
    Action("run-rename", "Runs", "Rename run", icon="rename", needs="run", on=_RUN),
    Action("run-note", "Runs", "Write a note", icon="edit", needs="run", on=_RUN),
    Action("run-delete", "Runs", "Move to the trash", icon="delete", needs="runs", on=_RUN,
           mouse="press Del in the table", apart=True),
    Action("run-restore", "Runs", "Bring back what was deleted last", icon="undo"),
    Action("results", "Runs", "Show the results", ("Ctrl+Shift+E",), icon="results", apart=True),
    Action("evaluate", "Runs", "Evaluate", ("F9",), icon="play", needs="judged",
           tip="Scores the rows that were held back, and shows the network's mistakes."),
    Action("predict", "Runs", "Predict a row", ("Shift+F9",), icon="edit", needs="judged",
           tip="Type a row, and see what the network says of it."),
    Action("predict-file", "Runs", "Predict a file…", icon="table", needs="judged"),
    Action("export-scores", "Runs", "Export scores as CSV…", icon="table", needs="record"),
    Action("report", "Runs", "Write the report page…", icon="file", needs="judged"),
    Action("sheet", "Help", "Keys and gestures", ("?", "F1"), icon="keyboard"),
    Action("shortcuts", "Help", "Edit shortcuts…", icon="keyboard"),
    Action("welcome", "Help", "Welcome page", apart=True),
    Action("about", "Help", "About Layerloom"),
)  # fmt: skip


def _gesture(id: str, text: str, mouse: str) -> Action:
    return Action(id, "Mouse", text, mouse=mouse, where="canvas")


# What only the mouse does: no menu, no key.
GESTURES: tuple[Action, ...] = (
    _gesture("connect-drag", "Connect", "drag from a port to a port, or to a node"),
    _gesture("connect-back", "Connect backwards", "drag from a free input to an output"),
    _gesture("connect-anyway", "Connect although it does not fit", "hold Ctrl while letting go"),
    _gesture("refused", "See why a wire does not fit", "drag a wire over a dimmed port"),
    _gesture("pull-off", "Disconnect", "drag a wire's end off its input"),
    _gesture("rewire", "Lead a wire elsewhere", "drag a wire's end from one input to another"),
    _gesture("add-after", "Add a node that fits", "let a wire go over nothing"),
    _gesture("add-before", "Add a node in front", "let a wire from an input go over nothing"),
    _gesture("drag-kind", "Add a node", "drag it from the Layers panel"),
    _gesture("drag-column", "Feed a node", "drag a column of the data onto an Input or Output"),
    _gesture(
        "drop-column",
        "Add a node for a column",
        "drag a column onto the empty canvas; hold Alt for an Output",
    ),
    _gesture(
        "column-anyway",
        "Feed a node although it does not fit",
        "hold Ctrl while letting a column go",
    ),
    _gesture(
        "drop-on-wire",
        "Add into a wire",
        "drag it from the Layers panel onto a wire; hold Ctrl where it does not fit",
    ),
    _gesture("insert", "Put a node into a wire", "drop a node without wires onto a wire"),
    _gesture("cut-wires", "Cut wires", "hold Alt and Shift, and swipe over them"),
    _gesture("bend", "Bend a wire", "drag a wire, or double-click it"),
    _gesture("unbend", "Take a bend away", "double-click the bend"),
    _gesture("move", "Move nodes", "drag a node; all selected ones come along"),
    _gesture("cancel", "Cancel a drag", "press Esc before letting go"),
    _gesture("click", "Select", "click a node"),
    _gesture("toggle", "Select more or fewer", "Shift- or Ctrl-click nodes"),
    _gesture("marquee", "Select an area", "drag over empty canvas; Shift adds, Ctrl takes out"),
    _gesture("select-wire", "Select a wire", "click it"),
    _gesture("move-frame", "Move a frame", "drag its title"),
    _gesture("into-frame", "Put a node into a frame", "drop it there"),
    _gesture("wheel", "Zoom", "turn the wheel; on a trackpad pinch"),
    _gesture("pan-middle", "Pan", "drag with the middle button"),
    _gesture("pan-space", "Pan", "hold Space and drag; or Alt and drag"),
    _gesture("map", "Go elsewhere", "click or drag in the minimap"),
    _gesture("hover-wire", "See a wire's shape", "hold the pointer over it"),
    _gesture("context-menu", "Open a menu", "right-click a node, a wire, a frame or the canvas"),
)

ROWS: tuple[Action, ...] = ACTIONS + GESTURES


def action(id: str) -> Action:
    """Return the row of an id."""
    return next(row for row in ROWS if row.id == id)
