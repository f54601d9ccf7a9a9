"""What differs between two runs, as a tree of facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.text.numbers import format_score
from app.text.phrases import count_noun, plain_tooltip, truncate
from app.theme.theme import Theme
from engine.runs.comparison.dict_diff import Change
from engine.runs.comparison.run_comparison import Comparison, NodeChange, ScorePair
from engine.runs.comparison.score_summary import ScoreLine, brief_unit

_NONE = "\N{EN DASH}"
_WIDEST = 260  # pixels of a column; what is longer stands in the tip
_TOKENS = {"added": "success", "removed": "danger", "changed": "warning"}


class Difference(QTreeWidget):
    """Shows graph, recipe, data, surroundings and scores side by side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Comparison | None = None
        self.setAccessibleName("Differences of two runs")
        self.setColumnCount(3)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(True)
        self.setHorizontalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setMaximumSectionSize(_WIDEST)
        self.header().setStretchLastSection(False)
        self.setIndentation(14)
        theme.changed.connect(self._on_theme_changed)

    @property
    def comparison(self) -> Comparison | None:
        """What is shown."""
        return self._shown

    def show_comparison(self, found: Comparison) -> None:
        """Show two runs."""
        self._shown = found
        self.clear()
        self.setHeaderLabels(["", found.before.name, found.after.name])
        graph = self._group("Graph", _nodes_in_words(found.nodes))
        for node in found.nodes:
            self._add_node(graph, node)
        for title, fields in (
            ("Training settings", found.recipe), ("Data", found.data),
            ("Surroundings", found.surroundings), ("Changed while it ran", found.turned),
        ):  # fmt: skip
            group = self._group(
                title, "equal" if not fields else count_noun(len(fields), "difference")
            )
            for field in fields:
                self._add_change(group, field)
        scores = self._group("Scores", "best of each", "the better is bold, where they compare")
        for pair in found.scores:
            self._add_score(scores, pair)
        self.expandAll()

    def _group(self, *texts: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, texts)
        item.setFont(0, self._theme.ui_font(9.5, bold=True))
        for column in (1, 2):
            item.setForeground(column, self._theme.color("dim"))
        _tell_whole(item)
        return item

    def _add_node(self, group: QTreeWidgetItem, node: NodeChange) -> None:
        there = {"added": (_NONE, "added"), "removed": ("removed", _NONE)}.get(node.kind, ("", ""))
        item = QTreeWidgetItem(group, [node.name, *there])
        item.setForeground(0, self._theme.color(_TOKENS[node.kind]))
        _tell_whole(item)
        for field in node.fields:
            self._add_change(item, field)

    def _add_change(self, group: QTreeWidgetItem, change: Change) -> None:
        words = [change.field, _shown(change.before), _shown(change.after)]
        item = QTreeWidgetItem(group, words)
        _tell_whole(item)
        for column in (1, 2):
            item.setFont(column, self._theme.mono_font(8.5))

    def _add_score(self, group: QTreeWidgetItem, pair: ScorePair) -> None:
        texts = [
            _NONE if line is None or not isfinite(line.best)
            else f"{format_score(line.best)}, epoch {line.epoch}" + _since(line)
            for line in (pair.before, pair.after)
        ]  # fmt: skip
        label = f"{pair.name}, {brief_unit(pair.unit)}" if pair.unit else pair.name
        item = QTreeWidgetItem(group, [label, *texts])
        _tell_whole(item)
        item.setToolTip(0, plain_tooltip(pair.titled))
        if pair.unlike:
            _tell_unlike(item, (pair.titled, *texts), pair.unlike)
        better = {-1: 1, 1: 2}.get(pair.better)
        for column in (1, 2):
            font = self._theme.mono_font(8.5)
            font.setBold(column == better)
            item.setFont(column, font)
        if better is not None:
            told = f"{item.text(better)}, better"
            item.setForeground(better, self._theme.color("success"))
            item.setToolTip(better, plain_tooltip(told))
            item.setData(better, Qt.ItemDataRole.AccessibleTextRole, told)

    def _on_theme_changed(self) -> None:
        if self._shown is not None:
            self.show_comparison(self._shown)


def _tell_whole(item: QTreeWidgetItem) -> None:
    """Say all of each text on hover, since a column may be too narrow for it."""
    for column in range(item.columnCount()):
        item.setToolTip(column, plain_tooltip(item.text(column)))


def _tell_unlike(item: QTreeWidgetItem, texts: Sequence[str], why: str) -> None:
    """Say on hover, and to who hears the window, why none of the two is marked."""
    for column, text in enumerate(texts):
        item.setToolTip(column, plain_tooltip(f"{text}\n{why}"))
        item.setData(column, Qt.ItemDataRole.AccessibleTextRole, f"{text}. {why}")


def _since(line: ScoreLine) -> str:
    return f", since step {line.since:,}" if line.since else ""


def _nodes_in_words(nodes: Sequence[NodeChange]) -> str:
    counts = {kind: sum(node.kind == kind for node in nodes) for kind in _TOKENS}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "equal"


def _shown(value: Any) -> str:
    if value is None:
        return _NONE
    text = value if isinstance(value, str) else json.dumps(value)
    return truncate(text, 200)
