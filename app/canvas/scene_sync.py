"""Synchronization of the graphics scene with the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import NodeGraph
from app.canvas.frame_sync import FrameSync, nodes_rect
from app.canvas.items.item_revision import item_revision
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel
from app.canvas.items.node_view_builder import NodeViewModelBuilder
from app.canvas.items.note_item import NoteItem
from app.canvas.note_sync import NoteSync
from app.canvas.positions import resolve_positions
from app.canvas.view.viewer import CanvasViewer
from app.canvas.wire_sync import WireSync
from app.documents.session import ItemKey, Session
from app.theme.theme import Theme
from engine.graph.model import Project

_BULK_SIZE = 50  # with this many added or removed nodes, repainting is suspended during a sync


class SceneSync(QObject):
    """Keeps the graphics items in sync with the graph of one document.

    `sync` is idempotent: it removes items of deleted nodes, adds new ones, and updates changed
    ones. The same call restores the scene after a gesture was rejected or cancelled.

    Signals:
        synced: items were added, removed, moved or drawn differently.

    Attributes:
        nodes: the node items by name.
        wires: the wire items by wire identifier.
        frames: the frame items in document order.
        notes: the note items by index of the note in the file.
    """

    synced = Signal()

    def __init__(self, session: Session, theme: Theme, viewer: CanvasViewer) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        # NodeGraphQt's graph object owns the view; its model and undo stack stay empty.
        self.node_graph = NodeGraph(viewer=viewer)
        self.viewer = viewer
        self.nodes: dict[str, NodeItem] = {}
        self._wire_sync = WireSync(theme, viewer, self.nodes)
        self._frame_sync = FrameSync(theme, viewer, self.nodes)
        self._note_sync = NoteSync(theme, viewer, self._frame_sync.rect_of)
        self.wires = self._wire_sync.items
        self.frames = self._frame_sync.items
        self.notes = self._note_sync.items
        self.live_losses: dict[str, str] = {}
        self._view_model_builder = NodeViewModelBuilder()
        self._synced_project: Project | None = None
        self._current = ""  # the node that the arrow keys start from, if several are selected
        self._graph_rect: tuple[int, QRectF] | None = None  # with the revision of the items

    @property
    def items(self) -> dict[ItemKey, NodeItem | NoteItem]:
        """The items of nodes and notes by key."""
        found: dict[ItemKey, NodeItem | NoteItem] = dict(self.nodes.items())
        found.update(self.notes.items())
        return found

    def item(self, key: ItemKey) -> NodeItem | NoteItem | None:
        """Return the item of a node or note, None if there is none."""
        return self.nodes.get(key) if isinstance(key, str) else self.notes.get(key)

    # Synchronization.

    def update(self) -> None:
        """Update the items after an edit; skip wires and frames if only fields have changed."""
        project = self._session.project
        if abs(len(project.graph) - len(self.nodes)) >= _BULK_SIZE:
            # With up-to-date shapes, the layout of each new node is computed only once.
            self._session.current_report()
        previous = self._synced_project
        if previous is None or not _differ_in_fields_only(previous, project):
            self.sync()
        else:
            self._synced_project = project
            self.sync_node_views()

    def sync(self) -> None:
        """Synchronize nodes, wires, frames, notes and selection with the document."""
        project, view_models = self._session.project, self._build_view_models()
        is_bulk = abs(len(view_models) - len(self.nodes)) >= _BULK_SIZE
        if is_bulk:
            self.viewer.setUpdatesEnabled(False)
        self._sync_nodes(view_models, project)
        self._wire_sync.sync(project, self._session.report)
        self._frame_sync.sync(project, self.wires.values())
        self._note_sync.sync(project)
        self.sync_selection()
        self._synced_project = project
        if is_bulk:
            self.viewer.setUpdatesEnabled(True)
        self.synced.emit()

    def sync_node_views(self) -> None:
        """Update changed nodes and the labels of their wires, or all wires if ports changed."""
        if self._synced_project is not self._session.project:
            self.update()
            return
        view_models = self._build_view_models()
        changed = [
            name
            for name, view_model in view_models.items()
            if self.nodes[name].view_model is not view_model
        ]
        if not changed:
            return
        has_new_slots = any(
            _slots(self.nodes[name].view_model) != _slots(view_models[name]) for name in changed
        )
        previous = [_minimap_state(self.nodes[name]) for name in changed]
        for name in changed:
            self.nodes[name].set_view_model(view_models[name])
        self.refit_frames()
        if has_new_slots:
            self._wire_sync.sync(self._session.project, self._session.report)
        else:
            self._wire_sync.set_labels(self._session.report, set(changed))
        if has_new_slots or previous != [_minimap_state(self.nodes[name]) for name in changed]:
            self.synced.emit()

    def sync_selection(self) -> None:
        """Select the items of the selection, and each frame whose nodes are all selected."""
        self._show_selection(self._session.selected_items)

    @contextmanager
    def hidden_selection(self) -> Iterator[None]:
        """Show no item as selected in this context, as in an exported image."""
        wires = [wire for wire in self.wires.values() if wire.isSelected()]
        self._show_selection(())
        for wire in wires:
            wire.setSelected(False)
        try:
            yield
        finally:
            self.sync_selection()
            for wire in wires:
                wire.setSelected(True)

    def _show_selection(self, keys: Sequence[ItemKey]) -> None:
        names = [key for key in keys if isinstance(key, str)]
        selected = set(names)
        self._note_sync.sync_selection(set(keys))
        for name, item in self.nodes.items():
            if item.isSelected() != (name in selected):
                item.setSelected(name in selected)
        current = names[-1] if len(names) > 1 else ""
        if self._current != current and self._current in self.nodes:
            self.nodes[self._current].is_current = False
        if current in self.nodes:
            self.nodes[current].is_current = True
        self._current = current
        self._frame_sync.sync_selection(self._session.project, selected)

    def refit_frames(self) -> None:
        """Fit frames and the lines of notes to their nodes, for example while these are dragged."""
        self._frame_sync.refit(self._session.project)
        self._note_sync.refit()

    def show_live_losses(self, losses: Mapping[str, str]) -> None:
        """Show the newest losses of a run in progress; `losses` are texts by name of the Output."""
        self.live_losses = dict(losses)
        self.sync_node_views()

    def _build_view_models(self) -> dict[str, NodeViewModel]:
        session = self._session
        return self._view_model_builder.build(session.report, session.project, self.live_losses)

    def _sync_nodes(self, view_models: Mapping[str, NodeViewModel], project: Project) -> None:
        removed = {name for name in self.nodes if name not in view_models}
        if removed:
            self._wire_sync.remove_at_nodes(removed)
        for name in removed:
            self.nodes.pop(name).delete()
        for name, view_model in view_models.items():
            if name not in self.nodes:
                item = self.nodes[name] = NodeItem(self._theme, view_model)
                self.viewer.add_node(item)
            elif self.nodes[name].view_model is not view_model:
                self.nodes[name].set_view_model(view_model)
        sizes = {name: (item.width, item.height) for name, item in self.nodes.items()}
        positions, self._wire_sync.default_routes = resolve_positions(project, sizes)
        for name, (x, y) in positions.items():
            item = self.nodes[name]
            if item.x() != x or item.y() != y:
                item.setPos(x, y)

    # Geometry.

    def nodes_rect(self, keys: Iterable[ItemKey] | None = None) -> QRectF:
        """Return the bounding rectangle of these nodes and notes, by default of all."""
        if keys is not None:
            keys = list(keys)
            return nodes_rect(self.nodes, keys) | nodes_rect(self.notes, keys)
        if self._graph_rect is None or self._graph_rect[0] != item_revision.count:
            rect = nodes_rect(self.nodes, self.nodes) | nodes_rect(self.notes, self.notes)
            self._graph_rect = (item_revision.count, rect)
        return QRectF(self._graph_rect[1])

    def visible_items_rect(self) -> QRectF:
        """Return the bounding rectangle of all visible items."""
        rect = QRectF()
        items: list[QGraphicsItem] = [*self.nodes.values(), *self.frames, *self.wires.values()]
        items += self.notes.values()
        for item in items:
            if item.isVisible():
                rect |= item.sceneBoundingRect()
        return rect


def _minimap_state(item: NodeItem) -> tuple[object, ...]:
    return item.view_model.badge, item.view_model.family, item.width, item.height


def _slots(view_model: NodeViewModel) -> tuple[object, object]:
    return view_model.inputs, view_model.outputs


def _differ_in_fields_only(first: Project, second: Project) -> bool:
    """Return whether the graphs and views of two projects differ at most in fields of nodes."""
    if first.view is not second.view or len(first.graph) != len(second.graph):
        return False
    return all(
        a is b
        or (a.name, a.kind, a.inputs, a.off, a.shares)
        == (b.name, b.kind, b.inputs, b.off, b.shares)
        for a, b in zip(first.graph, second.graph, strict=True)
    )
