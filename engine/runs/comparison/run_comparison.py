"""Two runs side by side: what differs in graph, recipe, data and surroundings, and the scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from engine.graph.model import Graph, Node, Project
from engine.graph.serialization.file import parse
from engine.layers.base import Layer
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import FAMILIES, Recipe
from engine.recipe.score_names import sign_of
from engine.runs.comparison.comparability import Measured, unlike
from engine.runs.comparison.dict_diff import Change, changes, flat
from engine.runs.comparison.score_summary import ScoreLine, score_lines, unit_of
from engine.runs.control.requests import ORDERS
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import RunState, folded

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class NodeChange:
    """One node that differs.

    Args:
        name: of the node.
        kind: whether it came, went, or is another one under the same name.
        fields: what differs: "kind", "inputs.PORT", "off", "shares" and parameters by name,
            defaults filled in; empty for a node that came or went.
    """

    name: str
    kind: Kind
    fields: tuple[Change, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON."""
        fields = [field.to_dict() for field in self.fields]
        return {"node": self.name, "kind": self.kind, "fields": fields}


@dataclass(frozen=True, slots=True)
class ScorePair:
    """One score of both runs.

    Args:
        name: of the score.
        before, after: its values; None where a run has no such score.
        unlike: why neither is the better one, "" where they can be compared.
        unit: what the score counts in, "" for nothing in particular, or not the same in both.
    """

    name: str
    before: ScoreLine | None
    after: ScoreLine | None
    unlike: str = ""
    unit: str = ""

    @property
    def titled(self) -> str:
        """The name with what the score counts in."""
        return f"{self.name}, in {self.unit}" if self.unit else self.name

    @property
    def better(self) -> int:
        """-1 if the first run's best is better, 1 if the second's is, 0 if neither is.

        Penalties are no scores of a run's quality, so neither of them is better.
        """
        if self.before is None or self.after is None:
            return 0
        if self.unlike or self.name.endswith("_penalty"):
            return 0
        one, other = self.before.best, self.after.best
        if not isfinite(one) or not isfinite(other) or one == other:
            return 0
        return 1 if (other < one) == (sign_of(self.name, "auto") > 0) else -1


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs.

    Args:
        before, after: the runs.
        nodes: in the order of the second graph, those that went last.
        recipe: fields of the recipe, defaults filled in.
        data: fields of the data block, and the rows: their number, their split and their digest.
        surroundings: seed, device, precision, threads, native part, versions.
        turned: what people changed while a run went on: the last value of each dial.
        scores: all that either run has.
    """

    before: RunFolder
    after: RunFolder
    nodes: tuple[NodeChange, ...]
    recipe: tuple[Change, ...]
    data: tuple[Change, ...]
    surroundings: tuple[Change, ...]
    turned: tuple[Change, ...]
    scores: tuple[ScorePair, ...]

    @property
    def same(self) -> bool:
        """True if both trained the same network in the same way on the same data."""
        return not (self.nodes or self.recipe or self.data or self.turned)

    def in_words(self, most: int = 3) -> str:
        """Return what changed from the first run to the second in one line, "" for nothing."""
        said = [*map(_node_in_words, self.nodes), *map(_in_words, (*self.recipe, *self.data))]
        more = f", {len(said) - most} more" if len(said) > most else ""
        return ", ".join(said[:most]) + more

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        return {
            "before": str(self.before.path),
            "after": str(self.after.path),
            "same": self.same,
            "graph": [node.to_dict() for node in self.nodes],
            "recipe": [change.to_dict() for change in self.recipe],
            "data": [change.to_dict() for change in self.data],
            "surroundings": [change.to_dict() for change in self.surroundings],
            "turned": [change.to_dict() for change in self.turned],
            "scores": {
                pair.name: {
                    "before": pair.before and pair.before.to_dict(),
                    "after": pair.after and pair.after.to_dict(),
                    "better": ("before", None, "after")[pair.better + 1],
                    **({"unlike": pair.unlike} if pair.unlike else {}),
                }
                for pair in self.scores
            },
        }


def compare(before: Path, after: Path) -> Comparison:
    """Return what differs between two runs, from their folders alone.

    Raises:
        Refused: if one of them is no run, or its graph can't be read.
    """
    runs = RunFolder.open(before), RunFolder.open(after)
    one, other = (parse(run.graph_bytes()).project for run in runs)
    graphs = one.graph, other.graph
    states = [folded(read_events(run.path, steps=False)) for run in runs]
    return Comparison(
        *runs,
        graph_changes(*graphs),
        changes(_recipe(one), _recipe(other)),
        changes(_data(one, runs[0].run), _data(other, runs[1].run)),
        changes(_surroundings(runs[0].run), _surroundings(runs[1].run)),
        changes(*map(_turned, states)),
        tuple(_scores(states, [Measured.of(*each) for each in zip(graphs, states, strict=True)])),
    )


def graph_changes(before: Graph, after: Graph) -> tuple[NodeChange, ...]:
    """Return the nodes that differ between two graphs, by name."""
    return tuple(_graph_changes(before, after))


def _graph_changes(before: Graph, after: Graph) -> Iterator[NodeChange]:
    for node in after:
        if node.name not in before:
            yield NodeChange(node.name, "added")
            continue
        fields = changes(*(_node(one) for one in (before[node.name], node)))
        if fields:
            yield NodeChange(node.name, "changed", fields)
    for node in before:
        if node.name not in after:
            yield NodeChange(node.name, "removed")


def _node(node: Node) -> dict[str, Any]:
    layer = node.layer
    params = layer.model_dump(mode="json") if isinstance(layer, Layer) else dict(node.params)
    inputs = {
        port: wired if isinstance(wired, str) else list(wired)
        for port, wired in node.inputs.items()
    }
    own = {} if node.shares else params
    return {"kind": node.kind, "inputs": inputs, "off": node.off, "shares": node.shares, **own}


def _recipe(project: Project) -> dict[str, Any]:
    read = read_recipe(project.recipe)
    if not isinstance(read, Recipe):
        return dict(project.recipe)
    fields = read.model_dump(mode="json")
    for field, family in FAMILIES.items():
        value = getattr(read, field, None)
        if value is not None:
            fields[field] = {"kind": family.name_of(value), **value.model_dump(mode="json")}
    return fields


def _data(project: Project, run: Mapping[str, Any]) -> dict[str, Any]:
    paths = {f"{side} file": path for side, path in run.get("paths", {}).items() if side != "graph"}
    rows = {"rows": run.get("rows"), "validation rows": run.get("validation_rows")}
    digest = str(run.get("hashes", {}).get("data", ""))[:12]
    return {**project.data, **paths, **rows, "split in words": run.get("split"), "digest": digest}


def _surroundings(run: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("device", "precision", "threads", "cpu", "versions")
    return {**{key: run.get(key) for key in keys}, "native": bool(run.get("native"))}


def _turned(state: RunState) -> dict[str, Any]:
    """Return what people changed while a run went on, and from which step on it held."""
    found: dict[str, Any] = {}
    for mark in state.marks:
        if mark.code or mark.request in ORDERS:
            continue
        for name, value in flat(mark.value, mark.request).items():
            found[name] = f"{_shown(value)} from step {mark.step + 1:,} on"
    return found


def _scores(states: Sequence[RunState], measured: Sequence[Measured]) -> Iterator[ScorePair]:
    before, after = map(score_lines, states)
    for name in dict.fromkeys((*before, *after)):
        both = name in before and name in after
        why = unlike(name, *measured) if both else ""
        sides = [each for each, scores in zip(measured, (before, after), strict=True)
                 if name in scores]  # fmt: skip
        units = {unit_of(side.heads, name) for side in sides}
        unit = units.pop() if len(units) == 1 else ""  # else the reason says both
        yield ScorePair(name, before.get(name), after.get(name), why, unit)


def _node_in_words(node: NodeChange) -> str:
    if node.kind != "changed":
        return f"{'+' if node.kind == 'added' else '-'} {node.name}"
    return f"{node.name}: " + ", ".join(map(_in_words, node.fields))


def _in_words(change: Change) -> str:
    return f"{change.field} {_shown(change.before)} → {_shown(change.after)}"


def _shown(value: Any) -> str:
    text = "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
