"""The inspector view of one node: header, fields, shapes, and documentation of the layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from app.controls import Heading
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.documents.column_mapping import mapping_section
from app.documents.session import Session
from app.inspector.editors.collapsible_section import CollapsibleSection
from app.inspector.editors.list_editors import WeightTableEditor
from app.inspector.editors.value_parser import format_plain_value
from app.inspector.fields import node_docs
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.edit_targets import NodeEditTarget
from app.inspector.form.data_section import DataSection
from app.inspector.form.field_row import LABEL_WIDTH
from app.inspector.form.form import SchemaForm
from app.inspector.views.info_table import InfoTable
from app.inspector.views.node_header import NodeHeader
from app.inspector.views.view import InspectorView
from engine.core.diagnostic import Diagnostic
from engine.documentation.docstrings import docstring_sections
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Node
from engine.layers.base import docstring_summary
from engine.layers.catalogue import find_layer_class, layer_classes
from engine.layers.io import Output
from engine.objectives.loss import LOSSES


class NodeInspectorView(InspectorView):
    """The inspector view of one node."""

    def __init__(
        self, context: InspectorContext, session: Session, node: Node, parent: QWidget
    ) -> None:
        super().__init__(context, session, parent)
        self.node = node
        owner = session.graph.weight_owner(node)
        self._params = owner.params
        self._target = NodeEditTarget(session, [node.name])
        self.header = NodeHeader(context, owner.kind)
        self.info_table = InfoTable(context.theme)
        self._training_table: InfoTable | None = None
        self.data_section: DataSection | None = None
        self.page.addWidget(self.header)
        if mapping_section(node) is not None:
            self.data_section = DataSection(context, session, node, self)
            self.page.addWidget(self.data_section)
        self._add_fields(owner)
        self.page.addWidget(Heading("Shapes and size"))
        self.page.addWidget(self.info_table)
        if find_layer_class(owner.kind):
            title = f"About {owner.kind}"
            about = CollapsibleSection(context, title, "about", self._build_about, True, self)
            self.page.addWidget(about)
        self.page.addStretch(1)
        self._connect_header()
        self._show_node()
        self.show_report()

    def show_project(self) -> None:
        node = self._session.graph.by_name.get(self.node.name)
        if node is None:
            return
        self.header.show_node(self._session.graph, node)
        if self.data_section is not None:
            self.data_section.show_node(node)
        params = self._session.graph.weight_owner(node).params
        if node is not self.node or params is not self._params:
            self.node, self._params = node, params
            self._show_node()

    def show_report(self) -> None:
        report = self._session.report
        if self.node.name not in report.project.graph:
            return
        self._show_fields()
        if self.data_section is not None:
            self.data_section.refresh()
        node = report.project.graph[self.node.name]
        self.info_table.show_rows(list(node_docs.node_info(report, node)))
        head = report.heads.get(self.node.name)
        if self._training_table is not None:
            lines = ["Shown once the input is connected and valid."]
            if head is not None:
                lines = list(node_docs.output_summary(head))
            self._training_table.show_rows([("", line, "") for line in lines])

    def commit(self) -> None:
        self.header.commit()
        if self.data_section is not None:
            self.data_section.commit()
        super().commit()

    def _connect_header(self) -> None:
        self.header.rename_requested.connect(self._on_renamed)
        self.header.kind.activated.connect(self._on_kind_chosen)
        self.header.bypass.clicked.connect(self._on_bypassed)
        self.header.owner_button.clicked.connect(self._on_owner_requested)
        self.header.unshare_button.clicked.connect(self._on_unshared)

    def _add_fields(self, owner: Node) -> None:
        cls = find_layer_class(owner.kind)
        if cls is None:
            self.page.addWidget(_read_only(owner))
        elif cls.model_fields:
            self._add_form(cls, self._target)
        if cls is Output:
            self._training_table = InfoTable(self._context.theme, words=True)
            self.page.addWidget(Heading("Training"))
            self.page.addWidget(self._training_table)

    def _show_node(self) -> None:
        self.header.show_node(self._session.graph, self.node)
        self._show_fields()

    def _show_fields(self) -> None:
        by_field = self._group_by_field((item.param or "", item) for item in self._diagnostics())
        if self.form is not None:
            self.form.show_values(self._params, by_field)
            self._update_output_hints(self.form)

    def _diagnostics(self) -> Sequence[Diagnostic]:
        diagnostics = self._session.diagnostics_of(self.node.name)
        if self.node.shares:
            of_owner = self._session.diagnostics_of(self.node.shares)
            added = [item for item in of_owner if item.param and item not in diagnostics]
            diagnostics = diagnostics + added
        return diagnostics

    def _update_output_hints(self, form: SchemaForm) -> None:
        """Show which targets and which activation the loss of an Output requires.

        The editor of class weights gets the class names as suggestions.
        """
        if form.schema is not Output:
            return
        loss = self._params.get("loss")
        kind = loss.get("kind") if isinstance(loss, dict) else loss
        is_known = isinstance(kind, str) and kind in LOSSES
        note = node_docs.loss_requirements(LOSSES[str(kind)]) if is_known else ""
        form.rows["loss"].show_note(note)
        weights = form.rows["class_weight"].editor
        head = self._session.report.heads.get(self.node.name)
        if isinstance(weights, WeightTableEditor) and head is not None:
            indices = tuple(map(str, range(min(head.class_count or 0, 100))))
            weights.set_suggestions(head.labels or indices)

    def _build_about(self, parent: QWidget) -> QWidget:
        box = QWidget(parent)
        layout = column_layout(parent=box, spacing=6)
        kind = self._session.graph.weight_owner(self.node).kind
        for heading, text in docstring_sections(layer_classes()[kind]):
            if not heading:  # text without the first sentence, which the header shows
                text = text.removeprefix(docstring_summary(layer_classes()[kind])).strip()
            if heading:
                layout.addWidget(plain_label(heading, "field"))
            if not text:
                continue
            label = plain_label(text, "dim")
            if heading == "Shapes":
                label.setFont(self._context.theme.mono_font(9))
            layout.addWidget(label)
        return box

    def _on_renamed(self, to: str) -> None:
        previous = self.node
        self.node = Node(to, previous.kind)  # set first, since the edit below refreshes this view
        self._target.nodes = (to,)
        if self._session.edit(f"Rename {previous.name}", node_edits.rename_node, previous.name, to):
            self._session.select([to])
        else:
            self.node = previous
            self._target.nodes = (previous.name,)

    def _on_kind_chosen(self) -> None:
        kind = self.header.kind.currentData()
        if kind and kind != self._session.graph.weight_owner(self.node).kind:
            self._session.edit(f"Change to {kind}", node_edits.set_kind, self.node.name, kind)

    def _on_bypassed(self) -> None:
        off = self.header.bypass.isChecked()
        label = f"Bypass {self.node.name}" if off else f"Enable {self.node.name}"
        self._session.edit(label, field_edits.set_off, self.node.name, off)

    def _on_owner_requested(self) -> None:
        if self.node.shares:
            self._session.reveal([self.node.shares])

    def _on_unshared(self) -> None:
        label = f"Stop sharing weights of {self.node.name}"
        self._session.edit(label, node_edits.unshare, self.node.name)


def _read_only(node: Node) -> QWidget:
    """Return a read-only table with the fields of a node whose layer type is unknown."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnMinimumWidth(0, LABEL_WIDTH)
    for row, (name, value) in enumerate(node.params.items()):
        line = QLineEdit(format_plain_value(value), readOnly=True, accessibleName=name)
        line.setToolTip("Unknown layer type in this version. The value is kept.")
        line.setCursorPosition(0)
        grid.addWidget(plain_label(name, "field"), row, 0)
        grid.addWidget(line, row, 1)
    return box
