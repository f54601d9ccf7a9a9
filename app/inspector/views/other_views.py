"""The inspector views for an empty selection and for several selected nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import is_
from typing import Any

from PySide6.QtWidgets import QWidget

from app.controls import Heading
from app.controls.display.labels import plain_label
from app.documents.session import Session
from app.inspector.editors.value_parser import is_same_json
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.edit_targets import NodeEditTarget, RecipeEditTarget
from app.inspector.fields.node_docs import InfoRow
from app.inspector.views.description_edit import DescriptionEdit
from app.inspector.views.info_table import InfoTable
from app.inspector.views.view import InspectorView
from engine.core.diagnostic import Diagnostic
from engine.graph.model import Node
from engine.layers.catalogue import find_layer_class
from engine.recipe.recipe import Recipe


class RecipeInspectorView(InspectorView):
    """The inspector view of description and training recipe, with counts of the network."""

    def __init__(self, context: InspectorContext, session: Session, parent: QWidget) -> None:
        super().__init__(context, session, parent)
        self._shown: tuple[object, object] = (None, None)
        self.info_table = InfoTable(context.theme)
        self.description = DescriptionEdit(session, self)
        self.page.addWidget(plain_label("Select a node to edit it.", "dim"))
        self.page.addWidget(Heading("Description"))
        self.page.addWidget(self.description)
        self.page.addWidget(Heading("Training settings"))
        self._add_form(Recipe, RecipeEditTarget(session))
        self.page.addWidget(Heading("Network"))
        self.page.addWidget(self.info_table)
        self.page.addStretch(1)
        self.show_project()
        self.show_report()

    def commit(self) -> None:
        self.description.commit()
        super().commit()

    def show_project(self) -> None:
        self.description.show_description()
        current = (self._session.project.recipe, self._session.report.diagnostics)
        if not all(map(is_, current, self._shown)):
            self._shown = current
            self._show_fields()

    def _show_fields(self) -> None:
        assert self.form is not None
        diagnostics = self._group_by_field(self._diagnostics())
        self.form.show_values(self._session.project.recipe, diagnostics)

    def _diagnostics(self) -> Iterator[tuple[str, Diagnostic]]:
        """Yield (field name, diagnostic) for each diagnostic of the recipe."""
        for diagnostic in self._session.report.diagnostics:
            block, _, path = (diagnostic.place or "").partition(".")
            if block == "recipe":
                yield path.partition(".")[0] or diagnostic.param or "", diagnostic

    def show_report(self) -> None:
        self.show_project()
        self.info_table.show_rows(list(self._totals()))

    def _totals(self) -> Iterator[InfoRow]:
        report = self._session.report
        yield "Nodes", f"{len(report.project.graph):,}", ""
        frozen = report.costs.total_count - report.costs.trainable_count
        note = f"{frozen:,} of them are not trainable." if frozen else ""
        yield "Parameters", f"{report.costs.total_count:,}", note
        if report.project.graph:  # an empty graph lacks Inputs and Outputs, which is no news
            yield "Errors", f"{len(report.errors):,}", ""


class MultiNodeView(InspectorView):
    """The view of several nodes: counts by layer type, and a form if there is only one type."""

    def __init__(
        self, context: InspectorContext, session: Session, names: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(context, session, parent)
        self._names = tuple(names)
        self._shown: list[Node] = []
        nodes = self._owners()
        counts = Counter(node.kind for node in nodes)
        self.page.addWidget(Heading(f"{len(names):,} nodes selected"))
        self.info_table = InfoTable(context.theme)
        rows = [(kind, f"{count:,}", "") for kind, count in counts.most_common(12)]
        self.info_table.show_rows(rows)
        self.page.addWidget(self.info_table)
        cls = find_layer_class(nodes[0].kind) if len(counts) == 1 else None
        if cls is not None and cls.model_fields:
            self.page.addWidget(Heading("Shared settings"))
            self._add_form(cls, NodeEditTarget(session, names))
        else:
            text = "Select nodes of one layer type to edit them together, or a single node."
            self.page.addWidget(plain_label(text, "dim"))
        self.page.addStretch(1)
        self.show_project()

    def show_project(self) -> None:
        nodes = self._owners()
        if self.form is None or not nodes or _are_identical(nodes, self._shown):
            return
        self._shown = nodes
        first = nodes[0].params
        fields = dict.fromkeys(name for node in nodes for name in node.params)
        mixed = {name for name in fields if any(_differs(first, node, name) for node in nodes)}
        shared = {name: value for name, value in first.items() if name not in mixed}
        self.form.show_values(shared, mixed_fields=frozenset(mixed))

    def _owners(self) -> list[Node]:
        graph = self._session.graph
        return [graph.weight_owner(graph[name]) for name in self._names if name in graph]


def _are_identical(nodes: Sequence[Node], previous: Sequence[Node]) -> bool:
    return len(nodes) == len(previous) and all(map(is_, nodes, previous))


def _differs(first: Mapping[str, Any], node: Node, name: str) -> bool:
    first_value, value = first.get(name, ...), node.params.get(name, ...)
    if first_value is ... or value is ...:
        return first_value is not value
    return not is_same_json(first_value, value)
