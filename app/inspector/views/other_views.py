"""What is shown when no node is selected, or several are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import is_
from typing import Any

from PySide6.QtWidgets import QWidget

from app.controls import Heading
from app.documents.session import Session
from app.inspector.editors.value_parser import same
from app.inspector.fields.context import Surroundings
from app.inspector.fields.edit_targets import NodeTarget, RecipeTarget
from app.inspector.fields.node_docs import Fact
from app.inspector.form.diagnostics_box import plain_label
from app.inspector.views.info_table import FactsBox
from app.inspector.views.view import View
from engine.core.diagnostic import Diagnostic
from engine.graph.model import Node
from engine.layers.catalogue import find
from engine.recipe.recipe import Recipe


class RecipeView(View):
    """The recipe, and what the network amounts to."""

    def __init__(self, around: Surroundings, session: Session, parent: QWidget) -> None:
        super().__init__(around, session, parent)
        self._shown: tuple[object, object] = (None, None)
        self.facts = FactsBox(around.theme)
        self.page.addWidget(plain_label("Select a node to edit it.", "dim"))
        self.page.addWidget(Heading("Training settings"))
        self._add_form(Recipe, RecipeTarget(session))
        self.page.addWidget(Heading("The whole network"))
        self.page.addWidget(self.facts)
        self.page.addStretch(1)
        self.show_project()
        self.show_report()

    def show_project(self) -> None:
        """Read the recipe again, if it or what is found is another value than before."""
        shown = (self._session.project.recipe, self._session.report.diagnostics)
        if not all(map(is_, shown, self._shown)):
            self._shown = shown
            self._show_fields()

    def _show_fields(self) -> None:
        assert self.form is not None
        self.form.show_values(self._session.project.recipe, self._share_out(self._found()))

    def _found(self) -> Iterator[tuple[str, Diagnostic]]:
        """Yield what is wrong with the recipe, each with its field."""
        for found in self._session.report.diagnostics:
            whole, _, rest = (found.place or "").partition(".")
            if whole == "recipe":
                yield rest.partition(".")[0] or found.param or "", found

    def show_report(self) -> None:
        """Show what is found and the totals."""
        self.show_project()
        self.facts.show_facts(list(self._totals()))

    def _totals(self) -> Iterator[Fact]:
        report = self._session.report
        yield "Nodes", f"{len(report.project.graph):,}", ""
        fixed = report.costs.total - report.costs.trainable
        note = f"{fixed:,} of them are not trained." if fixed else ""
        yield "Parameters", f"{report.costs.total:,}", note
        yield "Errors", f"{len(report.errors):,}", ""


class SeveralView(View):
    """Several nodes: how many of what, and where they are of one kind, their fields at once."""

    def __init__(
        self, around: Surroundings, session: Session, names: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(around, session, parent)
        self._names = tuple(names)
        self._shown: list[Node] = []
        nodes = self._owners()
        counts = Counter(node.kind for node in nodes)
        self.page.addWidget(Heading(f"{len(names):,} nodes selected"))
        self.facts = FactsBox(around.theme)
        self.facts.show_facts([(kind, f"{count:,}", "") for kind, count in counts.most_common(12)])
        self.page.addWidget(self.facts)
        cls = find(nodes[0].kind) if len(counts) == 1 else None
        if cls is not None and cls.model_fields:
            self.page.addWidget(Heading("Set in all of them"))
            self._add_form(cls, NodeTarget(session, names))
        else:
            text = "Select nodes of one kind to edit them together, or one node to edit it."
            self.page.addWidget(plain_label(text, "dim"))
        self.page.addStretch(1)
        self.show_project()

    def show_project(self) -> None:
        """Read the nodes again."""
        nodes = self._owners()
        if self.form is None or not nodes or _are(nodes, self._shown):
            return
        self._shown = nodes
        first = nodes[0].params
        fields = dict.fromkeys(name for node in nodes for name in node.params)
        mixed = {name for name in fields if any(_differs(first, node, name) for node in nodes)}
        shared = {name: value for name, value in first.items() if name not in mixed}
        self.form.show_values(shared, mixed=frozenset(mixed))

    def _owners(self) -> list[Node]:
        graph = self._session.graph
        return [graph.weight_owner(graph[name]) for name in self._names if name in graph]


def _are(nodes: Sequence[Node], others: Sequence[Node]) -> bool:
    return len(nodes) == len(others) and all(map(is_, nodes, others))


def _differs(first: Mapping[str, Any], node: Node, name: str) -> bool:
    one, other = first.get(name, ...), node.params.get(name, ...)
    if one is ... or other is ...:
        return one is not other
    return not same(one, other)
