"""The commands `runs`, `compare` and `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated

from engine.cli.commands.options import JsonOption, RunArgument, path_argument, path_option
from engine.cli.console.output import format_table, print_json, print_line, print_result
from engine.core.diagnostic import diagnostic_error
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_json_value, format_score, score_or_dash
from engine.core.formatting.shell import shell_path
from engine.runs.comparison.dict_diff import FieldChange
from engine.runs.comparison.run_comparison import RunComparison, ScorePair, compare_runs
from engine.runs.comparison.run_table import RunEntry, read_run_table
from engine.runs.comparison.score_summary import ScoreSummary, score_unit
from engine.runs.evaluation import load_evaluations, load_final_evaluation


def runs(
    folder: Annotated[
        Path, path_argument("DIR", "The folder of runs; else . and ./runs.")
    ] = Path(),
    as_json: JsonOption = False,
) -> None:
    """List runs: state, scores, time, data, and what changed."""
    folders = [path for path in (folder, folder / "runs") if path.is_dir()]
    found = [entry for path in folders for entry in read_run_table(path)]
    if as_json:
        print_json([entry.to_dict() for entry in found])
        return
    if not found:
        raise diagnostic_error(
            "run-missing",
            "there are no runs in this folder",
            "Pass the folder of the runs: engine runs DIR.",
            place=str(folder),
            found="no run folder",
            expected="folders written by `engine train`",
        )
    titles = ("Run", "State", "Epochs", "Kept", "Loss", "On", "Time", "Device", "Data", "About")
    print_line(format_table(titles, map(_row, found), {2, 3, 4, 6}, wrapped=True))


def _row(entry: RunEntry) -> tuple[str, ...]:
    loss = entry.kept_score("loss")
    named = f" ({entry.notes.name})" if entry.notes.name else ""
    return (
        f"{'* ' if entry.notes.star else ''}{entry.folder.path}{named}",
        entry.status,
        f"{entry.state.epoch}/{entry.epochs}",
        f"epoch {entry.kept_epoch}" if entry.kept_epoch else "",
        "" if loss is None else format_score(loss),
        entry.scored_rows,
        format_duration(entry.seconds, space=" ") if entry.seconds else "",
        entry.device,
        entry.data,
        "; ".join(_about(entry)),
    )


def _about(entry: RunEntry) -> Iterable[str]:
    """Yield texts: a score of each output in the kept epoch, and changes since the previous run."""
    results = load_final_evaluation(entry.folder.path) if entry.status == "finished" else None
    # In the unit of the data, unlike those of the training.
    evaluated = {s.key: (s.value, s.unit) for s in (results.scores if results else ())}
    # The loss alone is in another column.
    for head in entry.state.outputs if len(entry.scores) > 2 else ():
        score = head.metrics[0] if head.metrics else "loss"
        name = f"{head.name}/{score}"
        trained = entry.kept_score(name), score_unit([head], name)
        kept, unit = evaluated.get(name, trained)
        if kept is not None and isfinite(kept):
            yield f"{head.name} {score} {format_score(kept)} {unit}".rstrip()
    if entry.changes:
        yield f"changed: {entry.changes}"


def show_comparison(
    before: Annotated[Path, path_argument("RUN", "A run folder.")],
    after: Annotated[Path, path_argument("RUN", "Another one.")],
    as_json: JsonOption = False,
) -> None:
    """Compare two runs: graph, recipe, data, scores."""
    comparison = compare_runs(before, after)
    content = {"ok": True, **comparison.to_dict()}
    print_result(as_json, content, "\n\n".join(_parts(comparison)))


def _parts(comparison: RunComparison) -> Iterable[str]:
    if comparison.is_same:
        yield "Both runs trained the same graph with the same recipe on the same data."
    if comparison.nodes:
        yield "Graph\n" + "\n".join(_node_lines(comparison))
    sections: Sequence[tuple[str, tuple[FieldChange, ...]]] = (
        ("Description and notes", comparison.texts),
        ("Recipe", comparison.recipe),
        ("Data", comparison.data),
        ("Environment", comparison.environment),
        ("Changed while it ran", comparison.live_changes),
    )
    for title, changes in sections:
        if changes:
            yield f"{title}\n" + "\n".join(f"  {_line(change)}" for change in changes)
    if comparison.scores:
        yield _score_table(comparison)


def _node_lines(comparison: RunComparison) -> Iterable[str]:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for node in comparison.nodes:
        yield f"  {signs[node.kind]} {node.name}"
        for change in node.fields:
            yield f"      {_line(change)}"


def _line(change: FieldChange) -> str:
    before, after = format_json_value(change.before), format_json_value(change.after)
    return f"{change.field}: {before} -> {after}"


def _score_table(comparison: RunComparison) -> str:
    before, after = comparison.before.name, comparison.after.name
    one, other = comparison.kept_epochs
    runs = f"{before}, epoch {one}", "best", f"{after}, epoch {other}", "best"
    rows = [
        (pair.title, *_cells(pair.before), *_cells(pair.after), _better_run(pair, before, after))
        for pair in comparison.scores
    ]
    reasons = dict.fromkeys(
        f"{pair.name}: {pair.incomparable_reason[0].lower()}{pair.incomparable_reason[1:]}"
        for pair in comparison.scores
        if pair.incomparable_reason
    )
    return "\n".join((format_table(("Score", *runs, "Better"), rows, {1, 2, 3, 4}), *reasons))


def _cells(line: ScoreSummary | None) -> tuple[str, str]:
    return ("", "") if line is None else (score_or_dash(line.kept), score_or_dash(line.best))


def _better_run(pair: ScorePair, before: str, after: str) -> str:
    winner = {-1: before, 1: after}.get(pair.better, "")
    return "not comparable" if pair.incomparable_reason else winner


def report(
    run: RunArgument,
    out: Annotated[Path, path_option("FILE.html", "Where to write it.")],
    as_json: JsonOption = False,
) -> None:
    """Write a run as one self-contained HTML page.

    It shows curves, tables, the graph and evaluations, and needs no other files. Evaluate the run
    first to include its results.
    """
    from engine.report.page import render_page

    write_bytes(out, render_page(run).encode())
    evaluations = [results.name for results in load_evaluations(run)]
    if as_json:
        print_json({"ok": True, "out": str(out), "results": evaluations})
        return
    print_line(f"Wrote {out}")
    if not evaluations:
        print_line(
            f"The run has no evaluation yet; create one: engine evaluate {shell_path(run)} --data D"
        )
