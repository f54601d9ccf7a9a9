"""Commands about several runs: list them, compare two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.commands.graph_files import Json
from engine.cli.console.output import clock, figure, say, say_json, table
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.runs.comparison.dict_diff import Change
from engine.runs.comparison.run_comparison import Comparison, ScorePair, compare
from engine.runs.comparison.run_table import Entry, entries
from engine.runs.comparison.score_summary import ScoreLine, unit_of


def runs(
    folder: Annotated[
        Path,
        typer.Argument(
            readable=False, metavar="DIR", help="Where runs are; else here and in runs/."
        ),
    ] = Path(),
    as_json: Json = False,
) -> None:
    """List runs: state, scores, time, data, what changed."""
    places = [place for place in (folder, folder / "runs") if place.is_dir()]
    found = [entry for place in places for entry in entries(place)]
    if as_json:
        say_json([entry.to_dict() for entry in found])
        return
    if not found:
        raise DiagnosticError(_no_runs(folder))
    titles = ("Run", "State", "Epochs", "Loss", "Best", "On", "Time", "Device", "Data", "About")
    say(table(titles, map(_row, found), {2, 3, 4, 6}, wrapped=True))


def _row(entry: Entry) -> tuple[str, ...]:
    loss = entry.scores.get("loss")
    named = f" ({entry.notes.name})" if entry.notes.name else ""
    return (
        f"{'* ' if entry.notes.star else ''}{entry.folder.path}{named}",
        entry.status,
        f"{entry.state.epoch}/{entry.epochs}",
        figure(loss.last) if loss else "",
        f"{figure(loss.best)} @{loss.epoch}" if loss and loss.epoch else "",
        entry.scored_on,
        clock(entry.seconds) if entry.seconds else "",
        entry.device,
        entry.data,
        "; ".join(_about(entry)),
    )


def _about(entry: Entry) -> Iterable[str]:
    """Yield the best score of each output, and what changed since the run before."""
    several = len(entry.scores) > 2
    loss = entry.scores.get("loss")
    if loss is not None and loss.since:
        yield f"best since step {loss.since:,}, where losses are weighed otherwise"
    for head in entry.state.started.outputs if entry.state.started and several else ():
        score = head.metrics[0] if head.metrics else "loss"
        name = f"{head.name}/{score}"
        line, unit = entry.scores.get(name), unit_of([head], name)
        if line is not None and isfinite(line.best):
            yield f"{head.name} {score} {figure(line.best)}{unit and f' {unit}'}"
    if entry.changed:
        yield f"changed: {entry.changed}"


def compare_runs(
    before: Annotated[Path, typer.Argument(readable=False, metavar="RUN", help="A run folder.")],
    after: Annotated[Path, typer.Argument(readable=False, metavar="RUN", help="Another one.")],
    as_json: Json = False,
) -> None:
    """Compare two runs: graph, recipe, data, scores."""
    answer = compare(before, after)
    if as_json:
        say_json({"ok": True, **answer.to_dict()})
        return
    say("\n\n".join(_parts(answer)))


def _parts(answer: Comparison) -> Iterable[str]:
    if answer.same:
        yield "Both trained the same graph with the same recipe on the same data."
    if answer.nodes:
        yield "Graph\n" + "\n".join(_node_lines(answer))
    named: Sequence[tuple[str, tuple[Change, ...]]] = (
        ("Recipe", answer.recipe), ("Data", answer.data), ("Surroundings", answer.surroundings),
        ("Changed while it ran", answer.turned),
    )  # fmt: skip
    for title, changes in named:
        if changes:
            yield f"{title}\n" + "\n".join(f"  {_line(change)}" for change in changes)
    if answer.scores:
        yield _score_table(answer)


def _node_lines(answer: Comparison) -> Iterable[str]:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for node in answer.nodes:
        yield f"  {signs[node.kind]} {node.name}"
        for change in node.fields:
            yield f"      {_line(change)}"


def _line(change: Change) -> str:
    return f"{change.field}: {_shown(change.before)} -> {_shown(change.after)}"


def _shown(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _score_table(answer: Comparison) -> str:
    before, after = answer.before.name, answer.after.name
    titles = ("Score", f"{before} best", "last", f"{after} best", "last", "Better")
    rows = [
        (pair.titled, *_cells(pair.before), *_cells(pair.after), _verdict(pair, before, after))
        for pair in answer.scores
    ]
    why = dict.fromkeys(
        f"{pair.name}: {pair.unlike[0].lower()}{pair.unlike[1:]}"
        for pair in answer.scores
        if pair.unlike
    )
    return "\n".join((table(titles, rows, {1, 2, 3, 4}), *why))


def _cells(line: ScoreLine | None) -> tuple[str, str]:
    return ("", "") if line is None else (figure(line.best), figure(line.last))


def _verdict(pair: ScorePair, before: str, after: str) -> str:
    return "not comparable" if pair.unlike else (before, "", after)[pair.better + 1]


def _no_runs(folder: Path) -> Diagnostic:
    return Diagnostic(
        "run-missing",
        "there are no runs here",
        place=str(folder),
        found="no run folder",
        expected="folders that `engine train` wrote",
        fixes=(Fix("Name the folder that holds them: engine runs DIR."),),
    )
