"""The report page of a run, made from the files in its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.check.report import check
from engine.diagram.svg_text import escape_text
from engine.graph.serialization.file import parse
from engine.report import overview
from engine.report.curves_section import changes_section, curves_section
from engine.report.evaluation_section import evaluation_section
from engine.report.style import style_sheet
from engine.runs.comparison.run_table import read_run_entry
from engine.runs.evaluation import load_evaluations
from engine.runs.folder.run_folder import RunFolder
from engine.runs.state.run_state import read_state, run_status

# Forbids all network requests, even if a name in the run contains HTML.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def render_page(run: Path) -> str:
    """Return the report of a run, with its saved evaluations, as one HTML page.

    Raises:
        DiagnosticError: if the folder contains no run, or its graph can't be read.
    """
    folder = RunFolder.open(run)
    entry = replace(read_run_entry(folder, run_status(folder)[0]), state=read_state(run))
    project = parse(folder.graph_bytes()).project
    parts = (
        overview.header(entry),
        overview.end_note(entry.state),
        overview.diagnostics_section(entry.state),
        overview.scores_section(entry),
        curves_section(entry.state),
        changes_section(entry.state),
        *map(evaluation_section, load_evaluations(run)),
        overview.graph_section(project, check(project)),
        overview.settings_section(project, entry),
        "<footer>Created by Layerloom from the run folder. This page is self-contained.</footer>",
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape_text(entry.name)}</title><style>{style_sheet()}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )
