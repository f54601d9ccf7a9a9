"""HTML sections of a run: header, scores, warnings, graph and settings."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from engine.check.report import Report
from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_json_value, score_or_dash
from engine.diagram.svg import render_svg
from engine.diagram.svg_text import escape_text
from engine.graph.model import Project
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe
from engine.report.curves_section import restart_notes
from engine.report.html import html_card, html_section, html_table
from engine.runs.comparison.dict_diff import flatten
from engine.runs.comparison.run_table import RunEntry
from engine.runs.comparison.score_summary import score_title
from engine.runs.state.best_epoch import restart_note
from engine.runs.state.end_reason import describe_end
from engine.runs.state.run_state import RunState


def header(entry: RunEntry) -> str:
    """Return the HTML header of the page: name, status, key facts and notes of a run."""
    star = "★ " if entry.notes.star else ""
    rows = "".join(
        f"<div><dt>{escape_text(name)}</dt><dd>{escape_text(value)}</dd></div>"
        for name, value in _header_rows(entry)
    )
    text = escape_text(entry.notes.text)
    text = text and f'<p style="margin-top:18px">{text}</p>'
    return (
        f'<header><div class="head"><h1>{star}{escape_text(entry.name)}</h1>'
        f'<span class="chip {entry.status}">{entry.status}</span></div>'
        f'<dl class="facts">{rows}</dl>{text}</header>'
    )


def _header_rows(entry: RunEntry) -> Iterator[tuple[str, str]]:
    started = entry.state.started
    if (loss := entry.kept_score("loss")) is not None:
        split = "Validation" if entry.state.validation else "Training"
        yield f"{split} loss", f"{score_or_dash(loss)} in epoch {entry.kept_epoch}"
    yield "Epochs", f"{entry.state.epoch} of {entry.epochs}"
    yield "Steps", f"{entry.step:,}"
    yield "Time", format_duration(entry.seconds, with_unit=True)
    if started is not None:
        validation = f" + {started.validation_rows:,}" if started.validation_rows else ""
        yield "Rows", f"{started.rows:,}{validation}"
    yield "Data", entry.data
    yield "Device", entry.device
    yield "Started", entry.start_time.replace("T", " ")[:16]


def end_note(state: RunState) -> str:
    """Return an HTML note on how the run ended, "" if it has not ended."""
    if state.ended is None:
        return ""
    return f'<p class="note" style="margin-top:14px">{escape_text(describe_end(state.ended))}.</p>'


def scores_section(entry: RunEntry) -> str:
    """Return the HTML section with the best and the last value of each score."""
    state = entry.state
    rows = []
    for name, line in entry.scores.items():
        best, last = score_or_dash(line.best), score_or_dash(line.last)
        rows.append((score_title(state.outputs, name), best, str(line.epoch or "–"), last))
    if not rows:
        return ""
    head = ("Score", "Best", "In epoch", "Last")
    values = html_table(f"Of {entry.scored_rows}", head, rows, (1, 2, 3))
    notes = restart_notes([mark for mark in state.responses if restart_note(mark)][-1:])
    card = html_card("", values, notes, wide=True)
    return html_section("Scores", f'<div class="grid">{card}</div>')


def diagnostics_section(state: RunState) -> str:
    """Return the HTML section with the error of a failed run and all warnings."""
    error = getattr(state.ended, "diagnostic", {})
    diagnostics = [*([error] if error else []), *state.warnings]
    body = "".join(map(_diagnostic, diagnostics))
    return html_section("Errors and warnings", html_card("", body)) if body else ""


def _diagnostic(fields: Mapping[str, Any]) -> str:
    subject = f"{fields['node']}: " if fields.get("node") else ""
    details = ", ".join(str(fields[key]) for key in ("found", "place") if fields.get(key))
    fixes = "".join(
        f'<p class="fix">{escape_text(fix.get("text", ""))}</p>' for fix in fields.get("fixes", ())
    )
    severity, message = fields.get("severity", "error"), fields.get("message")
    return (
        f'<div class="diagnostic {escape_text(severity)}"><p><b>{escape_text(subject)}</b>'
        f"{escape_text(message)}"
        f' <span class="code note">{escape_text(fields.get("code"))}</span></p>'
        f'<p class="note">{escape_text(details)}</p>{fixes}</div>'
    )


def graph_section(project: Project, report: Report) -> str:
    """Return the HTML section with the graph, in the color scheme that the browser prefers."""
    sources = {dark: _data_uri(render_svg(project, report, dark=dark)) for dark in (True, False)}
    names = ", ".join(f"{node.name} ({node.kind})" for node in project.graph)
    return html_section(
        "Network",
        '<div class="card picture"><picture>'
        f'<source media="screen and (prefers-color-scheme: dark)" srcset="{sources[True]}">'
        f'<img src="{sources[False]}" '
        f'alt="The graph, {len(project.graph)} nodes: {escape_text(names)}">'
        "</picture></div>",
    )


def _data_uri(picture: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"


def settings_section(project: Project, entry: RunEntry) -> str:
    """Return the HTML section with recipe, data and environment."""
    recipe = parse_recipe(project.recipe)
    fields = recipe.params() if isinstance(recipe, Recipe) else dict(project.recipe)
    cards = [
        _values("Recipe", flatten(fields), "Settings that differ from the defaults"),
        _values("Data", flatten(project.data), "The file's data block"),
        _values("Environment", _environment(entry), "Runs with equal hashes give equal results"),
    ]
    return html_section("Settings", f'<div class="grid">{"".join(cards)}</div>')


def _values(title: str, values: Mapping[str, Any], caption: str) -> str:
    rows = [(name, format_json_value(value)) for name, value in values.items()]
    return html_card(title, html_table(caption, (), rows)) if rows else ""


def _environment(entry: RunEntry) -> dict[str, Any]:
    record = entry.folder.record
    keys = ("run_id", "seed", "split", "device", "precision", "threads", "cpu", "native")
    hashes = {f"{name} hash": str(value)[:16] for name, value in record.get("hashes", {}).items()}
    versions = flatten(record.get("versions", {}))
    return {**{key: record.get(key) for key in keys}, **hashes, **versions}
