"""The table of all actions and mouse gestures of the window.

Menus, the tool bar, shortcuts, the `?` cheat sheet and the tests are generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ShortcutScope = Literal["window", "canvas"]
ActionCondition = Literal[
    "", "nodes", "one node", "several", "renamable", "framed", "wires", "undo",
    "nodes or notes", "nodes and notes", "selection",
    "redo", "graph", "running", "idle", "controllable", "resumable", "last run", "curves",
    "one run", "runs", "two runs", "finished run", "results run", "evaluation", "columns",
]  # fmt: skip


@dataclass(frozen=True)
class Action:
    """An action of the user interface: one row of the table.

    Args:
        id: a stable id in kebab-case, under which changed shortcuts are stored in the settings.
        group: the title of the menu in the menu bar, also the heading in the cheat sheet.
        text: the menu text.
        keys: the default shortcuts in Qt's portable format. Menus display only the first one.
        mouse: the description of the mouse gesture, "" if there is none.
        icon: an icon name of `app.theme.icons`.
        tip: an explanation for the tooltip, "" if the text suffices.
        scope: whether `keys` work in the whole window or only while the canvas has the focus.
        needs: the condition under which the action is enabled.
        menus: the context menus that contain the action: "node", "note", "wire", "frame", "canvas",
            "run", "column".
        separator: whether the menu in the menu bar has a separator above the action.
        checkable: whether the action has a check mark. A checkable action has no icon, because the
            icon would replace the check mark.
    """

    id: str
    group: str
    text: str
    keys: tuple[str, ...] = ()
    mouse: str = ""
    icon: str = ""
    tip: str = ""
    scope: ShortcutScope = "window"
    needs: ActionCondition = ""
    menus: tuple[str, ...] = ()
    separator: bool = False
    checkable: bool = False


def _canvas(id: str, group: str, text: str, *keys: str, **options: Any) -> Action:
    """Return an action of the canvas, with keys and with other fields of `Action`."""
    return Action(id, group, text, keys, scope="canvas", **options)


_NODE = ("node",)
_NODE_NOTE = ("node", "note")
_NODE_FRAME = ("node", "frame")
_RUN = ("run",)
_COLUMN = ("column",)

ACTIONS: tuple[Action, ...] = (
    Action("new", "File", "New", ("Ctrl+N",), icon="add"),
    Action("new-from-template", "File", "New from template…", ("Ctrl+Shift+N",), icon="template"),
    Action("start-from-data", "File", "Start from data…", ("Ctrl+Alt+N",),
           "drop a data file on an empty window", "database",
           "Creates a starter network for the columns of a data file."),
    Action("open", "File", "Open…", ("Ctrl+O",), "drop a file on the window", "open"),
    Action("save", "File", "Save", ("Ctrl+S",), icon="save", separator=True),
    Action("save-as", "File", "Save as…", ("Ctrl+Shift+S",), icon="save-as"),
    Action("export-pytorch", "File", "Export as PyTorch…", icon="code", needs="graph",
           separator=True),
    Action("export-python", "File", "Export as Python…", icon="code", needs="graph"),
    Action("export-png", "File", "Export image as PNG…", icon="image", needs="graph"),
    Action("export-svg", "File", "Export image as SVG…", icon="image", needs="graph"),
    Action("close-tab", "File", "Close", ("Ctrl+W",), "click the cross on the tab", "close",
           separator=True),
    Action("next-tab", "File", "Next document", ("Ctrl+PgDown", "Ctrl+Tab")),
    Action("previous-tab", "File", "Previous document", ("Ctrl+PgUp", "Ctrl+Shift+Tab")),
    Action("quit", "File", "Quit", ("Ctrl+Q",), separator=True),
    Action("undo", "Edit", "Undo", ("Ctrl+Z",), icon="undo", needs="undo"),
    Action("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", needs="redo"),
    _canvas("cut", "Edit", "Cut", "Ctrl+X", needs="nodes or notes", icon="cut", menus=_NODE_NOTE,
            separator=True),
    _canvas("copy", "Edit", "Copy", "Ctrl+C", needs="nodes or notes", icon="copy",
            menus=_NODE_NOTE),
    _canvas("paste", "Edit", "Paste", "Ctrl+V", icon="paste", menus=("canvas",),
            tip="Pastes the copied nodes and notes at the pointer."),
    _canvas("paste-wired", "Edit", "Paste with wires", "Ctrl+Shift+V", icon="paste",
            tip="Also keeps wires from nodes that were not copied."),
    _canvas("duplicate", "Edit", "Duplicate", "Ctrl+D", needs="nodes or notes", icon="duplicate",
            menus=_NODE_NOTE),
    _canvas("linked-copy", "Edit", "Linked copy", "Alt+D", needs="nodes", icon="link", menus=_NODE,
            tip="Creates copies that share the same weights."),
    _canvas("delete", "Edit", "Delete", "Del", "Backspace", needs="selection", icon="delete",
            menus=("node", "note", "wire"), separator=True,
            tip="Reconnects the neighbors where their shapes match."),
    _canvas("delete-plain", "Edit", "Delete without bridging", "Shift+Del", needs="nodes",
            icon="delete"),
    _canvas("rename", "Edit", "Rename", "F2", needs="renamable", menus=_NODE_NOTE,
            mouse="double-click a node, a note or a frame's title", separator=True),
    _canvas("edit-fields", "Edit", "Edit fields", "Return", "Enter", needs="nodes", menus=_NODE,
            tip="Goes to the first field in the inspector; Esc there goes back to the canvas."),
    Action("find", "Edit", "Find…", ("Ctrl+F",), icon="find"),
    _canvas("select-all", "Select", "Select all", "Ctrl+A", menus=("canvas",)),
    _canvas("invert", "Select", "Invert selection", "Ctrl+I"),
    _canvas("select-none", "Select", "Deselect all", "Esc"),
    _canvas("walk-left", "Select", "Previous node", "Left", separator=True),
    _canvas("walk-right", "Select", "Next node", "Right"),
    _canvas("walk-up", "Select", "Node above", "Up"),
    _canvas("walk-down", "Select", "Node below", "Down"),
    _canvas("add", "Graph", "Add a node…", "Tab", icon="add", menus=("canvas",),
            mouse="double-click or right-click the canvas; tap Space"),
    _canvas("add-note", "Graph", "Add a note", "N", icon="note", menus=("canvas", "node"),
            tip="With nodes selected, the note is linked to them. Ctrl+Enter ends typing."),
    _canvas("link-note", "Graph", "Link note to nodes", needs="nodes and notes", icon="link",
            menus=_NODE_NOTE, tip="Again: removes the lines from the notes to the nodes."),
    _canvas("connect", "Graph", "Connect selected nodes", "L", needs="several", icon="link",
            menus=_NODE, separator=True,
            tip="Connects them from left to right, where ports are free and shapes match."),
    _canvas("straighten", "Graph", "Straighten wire", needs="wires", menus=("wire",),
            mouse="double-click a bend"),
    _canvas("bypass", "Graph", "Bypass", "M", needs="nodes", icon="bypass", menus=_NODE,
            tip="Passes the input through unchanged until the node is enabled again.",
            separator=True),
    _canvas("collapse", "Graph", "Collapse", "H", needs="nodes", icon="collapse", menus=_NODE),
    _canvas("frame", "Graph", "Frame", "Ctrl+G", needs="nodes", icon="frame", menus=_NODE,
            separator=True),
    _canvas("unframe", "Graph", "Remove from frame", "Ctrl+Shift+G", needs="framed", menus=_NODE),
    _canvas("collapse-frame", "Graph", "Collapse frame", "Shift+H", needs="framed",
            menus=_NODE_FRAME,
            mouse="click the arrow in the frame's title"),
    _canvas("collapse-repeats", "Graph", "Collapse repeats", needs="graph", icon="collapse",
            menus=("canvas",), tip="Puts a collapsed frame around each section that repeats."),
    _canvas("rename-frame", "Graph", "Rename frame", needs="framed", menus=("frame",),
            mouse="double-click its title"),
    _canvas("remove-frame", "Graph", "Remove frame", needs="framed", menus=("frame",),
            tip="Keeps its nodes."),
    _canvas("delete-frame", "Graph", "Delete frame and nodes", needs="framed", icon="delete",
            menus=("frame",)),
    _canvas("tidy", "Arrange", "Tidy", "T", needs="graph", icon="tidy", menus=("canvas", "node"),
            tip="Lays out the selected nodes, or all, from left to right."),
    _canvas("tidy-down", "Arrange", "Tidy from top to bottom", "Shift+T", needs="graph"),
    _canvas("align-left", "Arrange", "Align left", "Ctrl+Alt+Left", needs="several",
            icon="align-left", separator=True),
    _canvas("align-right", "Arrange", "Align right", "Ctrl+Alt+Right", needs="several",
            icon="align-right"),
    _canvas("align-top", "Arrange", "Align top", "Ctrl+Alt+Up", needs="several", icon="align-top"),
    _canvas("align-bottom", "Arrange", "Align bottom", "Ctrl+Alt+Down", needs="several",
            icon="align-bottom"),
    _canvas("align-middle", "Arrange", "Align in a row", needs="several", icon="align-centre-h"),
    _canvas("align-centre", "Arrange", "Align in a column", needs="several", icon="align-centre-v"),
    _canvas("distribute-across", "Arrange", "Distribute horizontally", needs="several",
            icon="distribute-h", separator=True),
    _canvas("distribute-down", "Arrange", "Distribute vertically", needs="several",
            icon="distribute-v"),
    _canvas("nudge-left", "Arrange", "Nudge left", "Alt+Left", needs="nodes or notes",
            separator=True),
    _canvas("nudge-right", "Arrange", "Nudge right", "Alt+Right", needs="nodes or notes"),
    _canvas("nudge-up", "Arrange", "Nudge up", "Alt+Up", needs="nodes or notes"),
    _canvas("nudge-down", "Arrange", "Nudge down", "Alt+Down", needs="nodes or notes"),
    _canvas("fit", "View", "Fit all", "Home", icon="fit", menus=("canvas",)),
    _canvas("fit-selection", "View", "Fit selection", "F", ".", menus=_NODE_NOTE),
    Action("zoom-100", "View", "Zoom to 100 %", ("Ctrl+0",), separator=True),
    Action("zoom-in", "View", "Zoom in", ("Ctrl++", "Ctrl+="), "turn the wheel", "zoom-in"),
    Action("zoom-out", "View", "Zoom out", ("Ctrl+-",), "turn the wheel", "zoom-out"),
    Action("minimap", "View", "Minimap", ("Ctrl+M",), separator=True, checkable=True),
    Action("next-problem", "View", "Next problem", ("F8",), icon="error"),
    Action("previous-problem", "View", "Previous problem", ("Shift+F8",)),
    Action("next-panel", "View", "Go to the next panel", ("F6",), separator=True),
    Action("menu-bar", "View", "Go to the menus", ("F10",)),
    Action("theme-system", "View", "Use system theme", separator=True, checkable=True),
    Action("theme-dark", "View", "Dark theme", checkable=True),
    Action("theme-light", "View", "Light theme", checkable=True),
    Action("color-blind", "View", "Colors for color blindness", separator=True, checkable=True,
           tip="Curves, layer families and status differ for every kind of color vision."),
    Action("reduce-motion", "View", "Reduce motion", checkable=True,
           tip="Nothing slides or blinks; by default, this follows the desktop."),
    Action("layout-network", "View", "Network layout", ("Ctrl+1",), separator=True, checkable=True,
           tip="Panels for drawing a network. Each layout is remembered as you leave it."),
    Action("layout-training", "View", "Training layout", ("Ctrl+2",), checkable=True,
           tip="The curves, with the network above them."),
    Action("layout-results", "View", "Results layout", ("Ctrl+3",), checkable=True,
           tip="The results, with the network above them."),
    Action("maximize-panel", "View", "Maximize or restore panel", ("Ctrl+Space",), icon="maximize",
           mouse="click the button in its title",
           tip="Fills the window with the panel or canvas below the pointer; Esc restores."),
    Action("reset-layout", "View", "Reset layout",
           tip="Restores the panels of this layout as they were at first."),
    Action("data", "Data", "Show data", ("Ctrl+Shift+D",), icon="table"),
    Action("choose-data", "Data", "Choose data…", icon="database"),
    Action("feed", "Data", "Assign to node…", ("Ctrl+Shift+F",), icon="connect", needs="columns",
           separator=True, mouse="drag a column onto it",
           tip="Assigns the selected columns to an Input, or to an Output as targets."),
    Action("feed-new-input", "Data", "Add Input for columns", icon="Input", needs="columns",
           menus=_COLUMN, tip="Its shape and encoding match the selected columns."),
    Action("feed-new-output", "Data", "Add Output for columns", icon="Output", needs="columns",
           menus=_COLUMN, tip="It predicts the selected columns, with a suitable loss."),
    Action("unfeed", "Data", "Unassign", icon="disconnect", needs="columns",
           menus=_COLUMN, separator=True),
    Action("train", "Train", "Train", ("F5", "Ctrl+Return"), icon="play", needs="idle"),
    Action("pause", "Train", "Pause", ("F7",), icon="pause", needs="controllable",
           tip="Pauses the run after its current step; press again to continue."),
    Action("stop", "Train", "Stop", ("Shift+F5",), icon="stop", needs="running"),
    Action("resume", "Train", "Resume run", ("Ctrl+F5",), icon="play",
           needs="resumable", tip="Continues from the last checkpoint of the run that ended."),
    Action("restart", "Train", "Restart from scratch", ("Ctrl+Shift+F5",), icon="refresh",
           needs="running", tip="Stops the run and trains the current network with new weights."),
    Action("checkpoint", "Train", "Save a checkpoint now", icon="save", needs="controllable"),
    Action("train-on-host", "Train", "Train on another machine (ssh)…", icon="connect",
           needs="idle", separator=True,
           tip="Copies graph and data to it, trains there, and shows the live curves here."),
    Action("train-elsewhere", "Train", "Train on a cluster (job file)…", icon="copy",
           needs="graph", tip="Shows a file for Slurm, Kubernetes or torchrun, to start there."),
    Action("last-run", "Train", "Show last run", icon="recent", needs="last run", separator=True),
    Action("curves-log", "Train", "Curves on a log scale", needs="curves", separator=True,
           checkable=True),
    Action("curves-whole", "Train", "Curves of the whole run", needs="curves", icon="fit",
           mouse="double-click a curve; drag over it to zoom"),
    Action("export-curves-png", "Train", "Export curves as PNG…", icon="image", needs="curves"),
    Action("export-curves-svg", "Train", "Export curves as SVG…", icon="image", needs="curves"),
    Action("export-curves-csv", "Train", "Export curves as CSV…", icon="table", needs="curves"),
    Action("runs", "Runs", "Show runs", ("Ctrl+Shift+R",), icon="table"),
    Action("runs-folder", "Runs", "Open runs folder…", icon="folder"),
    Action("run-show", "Runs", "Show curves", icon="curve", needs="one run", menus=_RUN,
           separator=True, mouse="double-click it, or press Enter"),
    Action("run-graph", "Runs", "Open graph", icon="layers", needs="one run", menus=_RUN),
    Action("run-results", "Runs", "Show run results", icon="results", needs="one run", menus=_RUN),
    Action("run-compare", "Runs", "Compare two runs", needs="two runs", menus=_RUN),
    Action("run-again", "Runs", "Repeat run", icon="refresh", needs="finished run",
           menus=_RUN, separator=True,
           tip="Uses the same graph, data, seed and live changes, for an identical result."),
    Action("run-from", "Runs", "Warm start from this run", icon="play",
           needs="finished run", menus=_RUN,
           tip="Trains the current document, starting from the weights of equally named layers."),
    Action("run-star", "Runs", "Star", icon="star", needs="runs", menus=_RUN, separator=True,
           mouse="click the star, or press Space"),
    Action("run-rename", "Runs", "Rename run", icon="rename", needs="one run", menus=_RUN),
    Action("run-note", "Runs", "Write a note", icon="edit", needs="one run", menus=_RUN),
    Action("run-delete", "Runs", "Move to trash", icon="delete", needs="runs", menus=_RUN,
           mouse="press Del in the table", separator=True),
    Action("run-restore", "Runs", "Restore last deleted run", icon="undo"),
    Action("results", "Runs", "Show results", ("Ctrl+Shift+E",), icon="results", separator=True),
    Action("evaluate", "Runs", "Evaluate", ("F9",), icon="play", needs="results run",
           tip="Computes the metrics on held-out rows, and shows the largest errors."),
    Action("predict", "Runs", "Predict a row", ("Shift+F9",), icon="edit", needs="results run",
           tip="Enter a row and see the network's prediction."),
    Action("predict-file", "Runs", "Predict a file…", icon="table", needs="results run"),
    Action("export-scores", "Runs", "Export scores as CSV…", icon="table", needs="evaluation"),
    Action("report", "Runs", "Export HTML report…", icon="file", needs="results run"),
    Action("documentation", "Help", "Documentation", ("F1",), icon="help",
           tip="With a node or a problem selected: the page about it."),
    Action("tour", "Help", "Tour", icon="template",
           tip="Five steps on an example with sample data, in a new document."),
    Action("sheet", "Help", "Keys and gestures", ("?",), icon="keyboard"),
    Action("shortcuts", "Help", "Edit shortcuts…", icon="keyboard"),
    Action("welcome", "Help", "Welcome page", separator=True),
    Action("about", "Help", "About Layerloom"),
)  # fmt: skip


def _gesture(id: str, text: str, mouse: str) -> Action:
    return Action(id, "Mouse", text, mouse=mouse, scope="canvas")


# Mouse gestures that have neither a menu entry nor a shortcut.
MOUSE_GESTURES: tuple[Action, ...] = (
    _gesture("connect-drag", "Connect", "drag from a port to a port, or to a node"),
    _gesture("connect-back", "Connect backwards", "drag from a free input to an output"),
    _gesture("connect-anyway", "Connect incompatible ports", "hold Ctrl while releasing"),
    _gesture("refused", "Show why a connection is invalid", "drag a wire over a dimmed port"),
    _gesture("pull-off", "Disconnect", "drag a wire's end off its input"),
    _gesture("rewire", "Reroute wire", "drag a wire's end from one input to another"),
    _gesture("add-after", "Add a node after", "drop a wire on empty canvas"),
    _gesture("add-before", "Add a node before", "drop a wire from an input on empty canvas"),
    _gesture("drag-kind", "Add a node", "drag it from the Layers panel"),
    _gesture("drag-column", "Assign a column", "drag a column of the data onto an Input or Output"),
    _gesture(
        "drop-column",
        "Add a node for a column",
        "drag a column onto the empty canvas; hold Alt for an Output",
    ),
    _gesture(
        "column-anyway", "Assign an incompatible column", "hold Ctrl while releasing the column"
    ),
    _gesture(
        "drop-on-wire",
        "Insert a new node into a wire",
        "drag it from the Layers panel onto a wire; hold Ctrl if it is incompatible",
    ),
    _gesture("insert", "Insert a node into a wire", "drop a node without wires onto a wire"),
    _gesture("cut-wires", "Cut wires", "hold Alt and Shift, and drag across them"),
    _gesture("bend", "Bend a wire", "drag a wire, or double-click it"),
    _gesture("unbend", "Remove bend", "double-click the bend"),
    _gesture("move", "Move nodes and notes", "drag one; all that is selected moves with it"),
    _gesture("resize-note", "Change the width of a note", "drag its right edge"),
    _gesture("cancel", "Cancel a drag", "press Esc before releasing"),
    _gesture("click", "Select", "click a node or a note"),
    _gesture("toggle", "Extend or reduce the selection", "Shift- or Ctrl-click nodes or notes"),
    _gesture("marquee", "Select an area", "drag over empty canvas; Shift adds, Ctrl removes"),
    _gesture("select-wire", "Select a wire", "click it"),
    _gesture("move-frame", "Move a frame", "drag its title"),
    _gesture("into-frame", "Add a node to a frame", "drop it on the frame"),
    _gesture("wheel", "Zoom", "turn the wheel; on a trackpad pinch"),
    _gesture("pan-middle", "Pan", "drag with the middle button"),
    _gesture("pan-space", "Pan", "hold Space and drag; or Alt and drag"),
    _gesture("map", "Navigate", "click or drag in the minimap"),
    _gesture("hover-wire", "Show a wire's shape", "hold the pointer over it"),
    _gesture(
        "context-menu", "Open a menu", "right-click a node, a note, a wire, a frame or the canvas"
    ),
)

ALL_ACTIONS: tuple[Action, ...] = ACTIONS + MOUSE_GESTURES


def find_action(id: str) -> Action:
    """Return the action or mouse gesture with this id."""
    return next(row for row in ALL_ACTIONS if row.id == id)
