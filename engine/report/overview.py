"""The sections with header, scores, warnings, graph and settings of a run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from engine.check.report import Report
from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_json_value, score_or_dash
from engine.diagram.svg import svg
from engine.graph.model import Project
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe
from engine.report.curves_section import anew
from engine.report.html import card, safe, section, table
from engine.runs.comparison.dict_diff import flat
from engine.runs.comparison.run_table import Entry
from engine.runs.comparison.score_summary import ScoreLine, in_unit
from engine.runs.state.best_epoch import anew_in_words
from engine.runs.state.end_reason import ending
from engine.runs.state.run_state import RunState


def head(entry: Entry) -> str:
    """Return the header: name, status, key facts and notes."""
    star = "★ " if entry.notes.star else ""
    facts = "".join(
        f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in _facts(entry)
    )
    text = f'<p style="margin-top:18px">{safe(entry.notes.text)}</p>' if entry.notes.text else ""
    return (
        f'<header><div class="head"><h1>{star}{safe(entry.name)}</h1>'
        f'<span class="chip {entry.status}">{entry.status}</span></div>'
        f'<dl class="facts">{facts}</dl>{text}</header>'
    )


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    started = entry.state.started
    loss = entry.scores.get("loss")
    if loss is not None:
        split = "validation" if entry.state.validation else "training"
        yield f"Best {split} loss", _best(loss)
    yield "Epochs", f"{entry.state.epoch} of {entry.epochs}"
    yield "Steps", f"{entry.step:,}"
    yield "Time", format_duration(entry.seconds, with_unit=True)
    if started is not None:
        validation = f" + {started.validation_rows:,}" if started.validation_rows else ""
        yield "Rows", f"{started.rows:,}{validation}"
    yield "Data", entry.data
    yield "Device", entry.device
    yield "Started", entry.began.replace("T", " ")[:16]


def _best(line: ScoreLine) -> str:
    epoch = f"in epoch {line.epoch}" if line.epoch else "so far"
    since = f", since step {line.since:,}" if line.since else ""
    return f"{score_or_dash(line.best)} {epoch}{since}"


def ended(state: RunState) -> str:
    """Return a note on how the run ended, "" if it has not."""
    if state.ended is None:
        return ""
    return f'<p class="note" style="margin-top:14px">{safe(ending(state.ended))}.</p>'


def scores(entry: Entry) -> str:
    """Return the section with the best and the last value of each score."""
    state = entry.state
    rows = [
        (
            in_unit(state.heads, name),
            score_or_dash(line.best),
            str(line.epoch or "–"),
            score_or_dash(line.last),
        )
        for name, line in entry.scores.items()
    ]
    if not rows:
        return ""
    values = table(f"Of {entry.scored_on}", ("Score", "Best", "In epoch", "Last"), rows, (1, 2, 3))
    notes = anew([mark for mark in state.marks if anew_in_words(mark)][-1:])
    return section("Scores", f'<div class="grid">{card("", values, notes, wide=True)}</div>')


def findings(state: RunState) -> str:
    """Return the section with the error of a failed run and all warnings."""
    error = getattr(state.ended, "diagnostic", {})
    diagnostics = [*([error] if error else []), *state.warnings]
    body = "".join(map(_diagnostic, diagnostics))
    return section("Errors and warnings", card("", body)) if body else ""


def _diagnostic(fields: Mapping[str, Any]) -> str:
    subject = f"{fields['node']}: " if fields.get("node") else ""
    details = ", ".join(str(fields[key]) for key in ("found", "place") if fields.get(key))
    fixes = "".join(
        f'<p class="fix">{safe(fix.get("text", ""))}</p>' for fix in fields.get("fixes", ())
    )
    severity, message = fields.get("severity", "error"), fields.get("message")
    return (
        f'<div class="diagnostic {safe(severity)}"><p><b>{safe(subject)}</b>{safe(message)}'
        f' <span class="code note">{safe(fields.get("code"))}</span></p>'
        f'<p class="note">{safe(details)}</p>{fixes}</div>'
    )


def network(project: Project, report: Report) -> str:
    """Return the section with the graph, in light or dark colors as the browser prefers."""
    sources = {dark: _data_uri(svg(project, report, dark=dark)) for dark in (True, False)}
    names = ", ".join(f"{node.name} ({node.kind})" for node in project.graph)
    return section(
        "Network",
        '<div class="card picture"><picture>'
        f'<source media="screen and (prefers-color-scheme: dark)" srcset="{sources[True]}">'
        f'<img src="{sources[False]}" alt="The graph, {len(project.graph)} nodes: {safe(names)}">'
        "</picture></div>",
    )


def _data_uri(picture: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"


def settings(project: Project, entry: Entry) -> str:
    """Return the section with recipe, data and environment."""
    recipe = read_recipe(project.recipe)
    fields = recipe.params() if isinstance(recipe, Recipe) else dict(project.recipe)
    cards = [
        _values("Recipe", flat(fields), "Settings that differ from the defaults"),
        _values("Data", flat(project.data), "The file's data block"),
        _values("Environment", _environment(entry), "Equal values give equal results"),
    ]
    return section("Settings", f'<div class="grid">{"".join(cards)}</div>')


def _values(title: str, values: Mapping[str, Any], caption: str) -> str:
    rows = [(name, format_json_value(value)) for name, value in values.items()]
    return card(title, table(caption, (), rows)) if rows else ""


def _environment(entry: Entry) -> dict[str, Any]:
    run = entry.folder.run
    keys = ("run_id", "seed", "split", "device", "precision", "threads", "cpu", "native")
    hashes = {f"{name} hash": str(value)[:16] for name, value in run.get("hashes", {}).items()}
    return {**{key: run.get(key) for key in keys}, **hashes, **flat(run.get("versions", {}))}
