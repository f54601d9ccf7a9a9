"""The parts of the page that say what was trained, how, on what, and how it went."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from engine.check.report import Report
from engine.diagram.svg import svg
from engine.graph.model import Project
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe
from engine.report.curves_section import anew
from engine.report.html import card, clock, figure, safe, section, shown, table
from engine.runs.comparison.dict_diff import flat
from engine.runs.comparison.run_table import Entry
from engine.runs.comparison.score_summary import ScoreLine, in_unit
from engine.runs.state.best_epoch import anew_in_words
from engine.runs.state.end_reason import ending
from engine.runs.state.run_state import RunState


def head(entry: Entry) -> str:
    """Return name, state and the few facts that come first."""
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
        which = "validation" if entry.state.validation else "training"
        yield f"Best {which} loss", _best(loss)
    yield "Epochs", f"{entry.state.epoch} of {entry.epochs}"
    yield "Steps", f"{entry.step:,}"
    yield "Time", clock(entry.seconds)
    if started is not None:
        held = f" + {started.validation_rows:,}" if started.validation_rows else ""
        yield "Rows", f"{started.rows:,}{held}"
    yield "Data", entry.data
    yield "Device", entry.device
    yield "Began", entry.began.replace("T", " ")[:16]


def _best(line: ScoreLine) -> str:
    where = f"in epoch {line.epoch}" if line.epoch else "so far"
    since = f", since step {line.since:,}" if line.since else ""
    return f"{figure(line.best)} {where}{since}"


def ended(state: RunState) -> str:
    """Return how the run ended, "" while it has not."""
    if state.ended is None:
        return ""
    return f'<p class="note" style="margin-top:14px">{safe(ending(state.ended))}.</p>'


def scores(entry: Entry) -> str:
    """Return the best and the last of each score."""
    state = entry.state
    rows = [
        (in_unit(state.heads, name), figure(line.best), str(line.epoch or "–"), figure(line.last))
        for name, line in entry.scores.items()
    ]
    if not rows:
        return ""
    told = table(f"Of {entry.scored_on}", ("Score", "Best", "In epoch", "Last"), rows, (1, 2, 3))
    notes = anew([mark for mark in state.marks if anew_in_words(mark)][-1:])
    return section("Scores", f'<div class="grid">{card("", told, notes, wide=True)}</div>')


def findings(state: RunState) -> str:
    """Return what the run warned of, and why it failed if it did."""
    failed = getattr(state.ended, "diagnostic", {})
    told = [*([failed] if failed else []), *state.warnings]
    body = "".join(_finding(one) for one in told)
    return section("Worth a look", card("", body)) if body else ""


def _finding(found: Mapping[str, Any]) -> str:
    subject = f"{found['node']}: " if found.get("node") else ""
    where = ", ".join(str(found[key]) for key in ("found", "place") if found.get(key))
    fixes = "".join(
        f'<p class="fix">{safe(fix.get("text", ""))}</p>' for fix in found.get("fixes", ())
    )
    kind = found.get("severity", "error")
    return (
        f'<div class="finding {safe(kind)}"><p><b>{safe(subject)}</b>{safe(found.get("message"))}'
        f' <span class="code note">{safe(found.get("code"))}</span></p>'
        f'<p class="note">{safe(where)}</p>{fixes}</div>'
    )


def network(project: Project, report: Report) -> str:
    """Return the graph's picture, in the colours of whoever looks at it."""
    sources = {dark: _uri(svg(project, report, dark=dark)) for dark in (True, False)}
    names = ", ".join(f"{node.name} ({node.kind})" for node in project.graph)
    return section(
        "Network",
        '<div class="card picture"><picture>'
        f'<source media="screen and (prefers-color-scheme: dark)" srcset="{sources[True]}">'
        f'<img src="{sources[False]}" alt="The graph, {len(project.graph)} nodes: {safe(names)}">'
        "</picture></div>",
    )


def _uri(picture: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"


def settings(project: Project, entry: Entry) -> str:
    """Return recipe, data and all that equal runs have in common."""
    recipe = read_recipe(project.recipe)
    fields = recipe.params() if isinstance(recipe, Recipe) else dict(project.recipe)
    cards = [
        _values("Recipe", flat(fields), "What differs from the defaults"),
        _values("Data", flat(project.data), "The file's data block"),
        _values("Stamp", _stamp(entry), "Runs that are equal in these are equal"),
    ]
    return section("How it was trained", f'<div class="grid">{"".join(cards)}</div>')


def _values(title: str, values: Mapping[str, Any], caption: str) -> str:
    rows = [(name, shown(value)) for name, value in values.items()]
    return card(title, table(caption, (), rows)) if rows else ""


def _stamp(entry: Entry) -> dict[str, Any]:
    run = entry.folder.run
    kept = ("run_id", "seed", "split", "device", "precision", "threads", "cpu", "native")
    hashes = {f"{name} hash": str(value)[:16] for name, value in run.get("hashes", {}).items()}
    return {**{key: run.get(key) for key in kept}, **hashes, **flat(run.get("versions", {}))}
