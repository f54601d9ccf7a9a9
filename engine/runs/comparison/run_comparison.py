"""The comparison of two runs: differences in graph, recipe, data, environment and scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from engine.core.formatting.numbers import format_json_value
from engine.graph.model import Graph, Node, Project
from engine.graph.notes import notes
from engine.graph.serialization.file import parse
from engine.layers.base import Layer
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import REGISTRY_FIELDS, Recipe
from engine.recipe.score_names import score_sign
from engine.runs.comparison.comparability import ScoreBasis, incomparable_reason
from engine.runs.comparison.dict_diff import FieldChange, diff_dicts, flatten
from engine.runs.comparison.score_summary import (
    ScoreSummary,
    kept_epoch,
    score_unit,
    summarize_scores,
)
from engine.runs.control.requests import ONE_TIME_REQUESTS
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import RunState, fold_events


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that was added, removed or changed.

    Args:
        name: name of the node.
        fields: changes of "kind", "inputs.PORT", "off", "shares" and layer fields; () for an
            added or removed node. A layer field that is not set counts with its default.
    """

    name: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the change as a dict for JSON."""
        fields = list(map(asdict, self.fields))
        return {"node": self.name, "kind": self.kind, "fields": fields}


@dataclass(frozen=True, slots=True)
class ScorePair:
    """One score of both runs.

    Args:
        name: name of the score.
        before, after: values in the first and in the second run; None if a run lacks the score.
        incomparable_reason: why the values can't be compared; "" if they can.
        unit: unit of the score; "" if there is none, or if the units of the runs differ.
    """

    name: str
    before: ScoreSummary | None
    after: ScoreSummary | None
    incomparable_reason: str = ""
    unit: str = ""

    @property
    def title(self) -> str:
        """The name of the score with its unit."""
        return f"{self.name}, in {self.unit}" if self.unit else self.name

    @property
    def better(self) -> int:
        """The run with the better `ScoreSummary.kept`: -1 for the first, 1 for the second run.

        0 if the values are equal, missing or not comparable. Always 0 for penalties because they
        don't measure the quality of a run.
        """
        if self.before is None or self.after is None:
            return 0
        if self.incomparable_reason or self.name.endswith("_penalty"):
            return 0
        one, other = self.before.kept, self.after.kept
        if not isfinite(one) or not isfinite(other) or one == other:
            return 0
        return 1 if (other < one) == (score_sign(self.name, "auto") > 0) else -1


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The differences between two runs.

    Args:
        before, after: the first and the second run.
        kept_epochs: the epochs of their final weights.
        nodes: changed nodes in the order of the second graph; removed nodes are last.
        recipe: changed fields of the training recipe. A field that is not set counts with its
            default.
        data: changes of data settings, files, row counts, split and content hash.
        environment: changes of device, processes, precision, threads, CPU, native kernels and
            versions.
        live_changes: differences in the last values of live settings that users changed.
        scores: all scores that at least one of the runs has.
        texts: changes of the project's description and of notes, which change no result.
    """

    before: RunFolder
    after: RunFolder
    kept_epochs: tuple[int, int]
    nodes: tuple[NodeChange, ...]
    recipe: tuple[FieldChange, ...]
    data: tuple[FieldChange, ...]
    environment: tuple[FieldChange, ...]
    live_changes: tuple[FieldChange, ...]
    scores: tuple[ScorePair, ...]
    texts: tuple[FieldChange, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both runs have the same graph, recipe, data and live changes."""
        return not (self.nodes or self.recipe or self.data or self.live_changes)

    def summary(self, max_changes: int = 3) -> str:
        """Return up to `max_changes` changes between the runs in one line; "" if there are none."""
        texts = [*map(_describe_node, self.nodes), *map(_describe, (*self.recipe, *self.data))]
        more = f", {len(texts) - max_changes} more" if len(texts) > max_changes else ""
        return ", ".join(texts[:max_changes]) + more

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as a dict for JSON."""
        return {
            "before": str(self.before.path),
            "after": str(self.after.path),
            "kept_epochs": list(self.kept_epochs),
            "same": self.is_same,
            "graph": [node.to_dict() for node in self.nodes],
            "recipe": list(map(asdict, self.recipe)),
            "data": list(map(asdict, self.data)),
            "surroundings": list(map(asdict, self.environment)),
            "turned": list(map(asdict, self.live_changes)),
            "texts": list(map(asdict, self.texts)),
            "scores": {
                pair.name: {
                    "before": pair.before and pair.before.to_dict(),
                    "after": pair.after and pair.after.to_dict(),
                    "better": ("before", None, "after")[pair.better + 1],
                    **({"unlike": pair.incomparable_reason} if pair.incomparable_reason else {}),
                }
                for pair in self.scores
            },
        }


def compare_runs(before: Path, after: Path) -> RunComparison:
    """Return the differences between two runs, read from their folders.

    Raises:
        DiagnosticError: if a folder contains no run, or its graph can't be read.
    """
    runs = RunFolder.open(before), RunFolder.open(after)
    old, new = (parse(run.graph_bytes()).project for run in runs)
    graphs = old.graph, new.graph
    states = [fold_events(read_events(run.path, include_steps=False)) for run in runs]
    kept_epochs = kept_epoch(old, states[0]), kept_epoch(new, states[1])
    before_scores, after_scores = map(summarize_scores, states, kept_epochs)
    measured = list(map(ScoreBasis.from_run, graphs, states))
    return RunComparison(
        *runs,
        kept_epochs,
        diff_graphs(*graphs),
        diff_dicts(_recipe(old), _recipe(new)),
        diff_dicts(_data(old, runs[0].record), _data(new, runs[1].record)),
        diff_dicts(*map(_environment, runs, states)),
        diff_dicts(*map(_live_changes, states)),
        tuple(_score_pairs(before_scores, after_scores, measured)),
        diff_texts(old, new),
    )


def diff_texts(before: Project, after: Project) -> tuple[FieldChange, ...]:
    """Return the changes of the description, and the texts of notes that only one project has."""
    changes = diff_dicts({"description": before.description}, {"description": after.description})
    old, new = (Counter(note.text for note in notes(project)) for project in (before, after))
    removed = (FieldChange("note", text, None) for text in (old - new).elements())
    added = (FieldChange("note", None, text) for text in (new - old).elements())
    return (*changes, *removed, *added)


def diff_graphs(before: Graph, after: Graph) -> tuple[NodeChange, ...]:
    """Return the differences between the nodes of two graphs. Nodes are matched by name."""
    changes = []
    for node in after:
        if node.name not in before:
            changes.append(NodeChange(node.name, "added"))
        elif fields := diff_dicts(_node_fields(before[node.name]), _node_fields(node)):
            changes.append(NodeChange(node.name, "changed", fields))
    changes += [NodeChange(node.name, "removed") for node in before if node.name not in after]
    return tuple(changes)


def _node_fields(node: Node) -> dict[str, Any]:
    layer = node.layer
    params = layer.model_dump(mode="json") if isinstance(layer, Layer) else dict(node.params)
    inputs = {
        port: source if isinstance(source, str) else list(source)
        for port, source in node.inputs.items()
    }
    if node.shares:  # the layer fields are those of the node whose weights it uses
        params = {}
    return {"kind": node.kind, "inputs": inputs, "off": node.off, "shares": node.shares, **params}


def _recipe(project: Project) -> dict[str, Any]:
    recipe = parse_recipe(project.recipe)
    if not isinstance(recipe, Recipe):
        return dict(project.recipe)
    fields = recipe.model_dump(mode="json")
    for field, family in REGISTRY_FIELDS.items():
        value = getattr(recipe, field, None)
        if value is not None:
            fields[field] = {"kind": family.name_of(value), **value.model_dump(mode="json")}
    return fields


def _data(project: Project, run: Mapping[str, Any]) -> dict[str, Any]:
    paths = {f"{side} file": path for side, path in run.get("paths", {}).items() if side != "graph"}
    rows = {"rows": run.get("rows"), "validation rows": run.get("validation_rows")}
    digest = str(run.get("hashes", {}).get("data", ""))[:12]
    return {**project.data, **paths, **rows, "split in words": run.get("split"), "digest": digest}


def _environment(run: RunFolder, state: RunState) -> dict[str, Any]:
    keys = ("device", "precision", "threads", "cpu", "versions")
    values = {key: run.record.get(key) for key in keys}
    processes = state.started.processes if state.started else 1
    return {**values, "processes": processes, "native": bool(run.record.get("native"))}


def _live_changes(state: RunState) -> dict[str, Any]:
    """Return, by name of a live setting, its last change as text: "0.01 from step 101 on"."""
    changed: dict[str, Any] = {}
    for mark in state.responses:
        if mark.code or mark.request in ONE_TIME_REQUESTS:
            continue
        for name, value in flatten(mark.value, mark.request).items():
            changed[name] = f"{_format(value)} from step {mark.step + 1:,} on"
    return changed


def _score_pairs(
    before: Mapping[str, ScoreSummary],
    after: Mapping[str, ScoreSummary],
    measured: Sequence[ScoreBasis],
) -> Iterator[ScorePair]:
    for name in dict.fromkeys((*before, *after)):
        in_both = name in before and name in after
        reason = incomparable_reason(name, *measured) if in_both else ""
        runs = zip(measured, (before, after), strict=True)
        units = {score_unit(basis.outputs, name) for basis, scores in runs if name in scores}
        unit = units.pop() if len(units) == 1 else ""  # `reason` has both units
        yield ScorePair(name, before.get(name), after.get(name), reason, unit)


def _describe_node(node: NodeChange) -> str:
    if node.kind != "changed":
        return f"{'+' if node.kind == 'added' else '-'} {node.name}"
    return f"{node.name}: " + ", ".join(map(_describe, node.fields))


def _describe(change: FieldChange) -> str:
    return f"{change.field} {_format(change.before)} → {_format(change.after)}"


def _format(value: Any) -> str:
    text = format_json_value(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
