"""What a form edits: one node, several nodes of one layer type, or the training recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.documents.session import Session
from app.inspector.fields.schema_fields import name_to_words
from engine.graph.edits import field_edits
from engine.graph.edits.registry import apply_edits


class SessionEditTarget:
    """Base of the targets that are a part of a document."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def finish(self) -> None:
        """End the series of values that form one undo step."""
        self._session.undo_history.end_merge()


class NodeEditTarget(SessionEditTarget):
    """Applies the edits of a form to one node, or to several nodes in the same way."""

    def __init__(self, session: Session, nodes: Sequence[str]) -> None:
        super().__init__(session)
        self.nodes = tuple(nodes)

    def set(self, field: str, value: Any) -> None:
        """Set a field. Consecutive values of a field make one undo step."""
        names = self._existing_nodes()
        changes = [{"do": "set_params", "node": name, "params": {field: value}} for name in names]
        if changes:
            merge, label = ("param", self.nodes, field), f"Set {name_to_words(field)}"
            self._session.edit_merging(merge, label, apply_edits, changes)

    def reset(self, field: str) -> None:
        """Reset a field to its default in all edited nodes."""
        graph = self._session.graph
        names = self._existing_nodes()
        owners = dict.fromkeys(graph.weight_owner(graph[name]).name for name in names)
        given = [name for name in owners if field in graph[name].params]
        changes = [{"do": "remove_param", "node": name, "param": field} for name in given]
        if changes:
            self._session.edit(f"Reset {name_to_words(field)}", apply_edits, changes)

    def _existing_nodes(self) -> list[str]:
        return [name for name in self.nodes if name in self._session.graph]


class RecipeEditTarget(SessionEditTarget):
    """Applies the edits of a form to the recipe."""

    def set(self, field: str, value: Any) -> None:
        """Set a field. Consecutive values of a field make one undo step."""
        label = f"Set {name_to_words(field)}"
        self._session.edit_merging(("recipe", field), label, field_edits.set_recipe, {field: value})

    def reset(self, field: str) -> None:
        """Reset a field to its default."""
        if field in self._session.project.recipe:
            self._session.edit(f"Reset {name_to_words(field)}", field_edits.remove_recipe, field)
