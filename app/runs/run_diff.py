"""The tree of differences between two runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app.text.phrases import plain_tooltip, truncate
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import score_or_dash
from engine.runs.comparison.dict_diff import FieldChange
from engine.runs.comparison.run_comparison import NodeChange, RunComparison, ScorePair
from engine.runs.comparison.score_summary import ScoreSummary, short_unit

_NO_VALUE = "\N{EN DASH}"
_TOKENS = {"added": "success", "removed": "danger", "changed": "warning"}


class RunDiffTree(QTreeWidget):
    """A tree that compares graph, training settings, data, environment and scores of two runs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(accessibleName="Differences of two runs", uniformRowHeights=True)
        self._theme = theme
        self.comparison: RunComparison | None = None  # the one that is shown
        self.setColumnCount(3)
        self.setRootIsDecorated(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.setIndentation(14)
        theme.changed.connect(self._on_theme_changed)

    def show_comparison(self, comparison: RunComparison) -> None:
        """Show the differences between two runs."""
        self.comparison = comparison
        self.clear()
        self.setHeaderLabels(["", comparison.before.name, comparison.after.name])
        graph = self._group("Graph", _node_counts(comparison.nodes))
        for node in comparison.nodes:
            self._add_node(graph, node)
        for title, fields in (
            *((("Description and notes", comparison.texts),) if comparison.texts else ()),
            ("Training settings", comparison.recipe),
            ("Data", comparison.data),
            ("Environment", comparison.environment),
            ("Changed while it ran", comparison.live_changes),
        ):
            count = count_noun(len(fields), "difference") if fields else "identical"
            group = self._group(title, count)
            for field in fields:
                self._add_change(group, field)
        epochs = (f"epoch {epoch}, the final weights" for epoch in comparison.kept_epochs)
        scores = self._group("Scores", *epochs)
        scores.setToolTip(0, "The better value is bold, if both can be compared")
        for pair in comparison.scores:
            self._add_score(scores, pair)
        self.expandAll()

    def _group(self, *texts: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, texts)
        item.setFont(0, self._theme.ui_font(9.5, bold=True))
        for column in (1, 2):
            item.setForeground(column, self._theme.color("dim"))
        _set_tooltips(item)
        return item

    def _add_node(self, group: QTreeWidgetItem, node: NodeChange) -> None:
        cells = {"added": (_NO_VALUE, "added"), "removed": ("removed", _NO_VALUE)}
        item = QTreeWidgetItem(group, [node.name, *cells.get(node.kind, ("", ""))])
        item.setForeground(0, self._theme.color(_TOKENS[node.kind]))
        _set_tooltips(item)
        for field in node.fields:
            self._add_change(item, field)

    def _add_change(self, group: QTreeWidgetItem, change: FieldChange) -> None:
        texts = [change.field, _format_value(change.before), _format_value(change.after)]
        item = QTreeWidgetItem(group, texts)
        _set_tooltips(item)
        for column in (1, 2):
            item.setFont(column, self._theme.mono_font(8.5))

    def _add_score(self, group: QTreeWidgetItem, pair: ScorePair) -> None:
        texts = [
            _NO_VALUE if line is None else f"{score_or_dash(line.kept)}{_since(line)}"
            for line in (pair.before, pair.after)
        ]
        label = f"{pair.name}, {short_unit(pair.unit)}" if pair.unit else pair.name
        item = QTreeWidgetItem(group, [label, *texts])
        _set_tooltips(item)
        item.setToolTip(0, plain_tooltip(pair.title))
        if pair.incomparable_reason:
            _set_incomparable(item, (pair.title, *texts), pair.incomparable_reason)
        better_column = {-1: 1, 1: 2}.get(pair.better)
        for column in (1, 2):
            font = self._theme.mono_font(8.5)
            font.setBold(column == better_column)
            item.setFont(column, font)
        if better_column is not None:
            text = f"{item.text(better_column)}, better"
            item.setForeground(better_column, self._theme.color("success"))
            item.setToolTip(better_column, plain_tooltip(text))
            item.setData(better_column, Qt.ItemDataRole.AccessibleTextRole, text)

    def _on_theme_changed(self) -> None:
        if self.comparison is not None:
            self.show_comparison(self.comparison)


def _set_tooltips(item: QTreeWidgetItem) -> None:
    """Set the full text of each cell as its tooltip, because columns may be too narrow."""
    for column in range(item.columnCount()):
        item.setToolTip(column, plain_tooltip(item.text(column)))


def _set_incomparable(item: QTreeWidgetItem, texts: Sequence[str], why: str) -> None:
    """Explain in a row of the tree why neither run is marked as better.

    The tooltip and the accessible text of each cell are its text from `texts`, followed by the
    reason `why`.
    """
    for column, text in enumerate(texts):
        item.setToolTip(column, plain_tooltip(f"{text}\n{why}"))
        item.setData(column, Qt.ItemDataRole.AccessibleTextRole, f"{text}. {why}")


def _since(line: ScoreSummary) -> str:
    return f", since step {line.since_step:,}" if line.since_step else ""


def _node_counts(nodes: Sequence[NodeChange]) -> str:
    counts = {kind: sum(node.kind == kind for node in nodes) for kind in _TOKENS}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "identical"


def _format_value(value: Any) -> str:
    if value is None:
        return _NO_VALUE
    text = value if isinstance(value, str) else json.dumps(value)
    return truncate(text, 200)
