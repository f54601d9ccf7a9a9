"""Drawing of notes as SVG: a card with text, and dashed lines to nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.diagram.alignment import Box, edge_point
from engine.diagram.legend import NOTE_SHARE
from engine.diagram.palette import Palette
from engine.diagram.svg_text import text_element, wrap
from engine.graph.model import Project
from engine.graph.notes import Note, notes

_PADDING, _FONT_SIZE, _LINE = 10, 12, 16


def note_boxes(project: Project) -> dict[str, Box]:
    """Return the boxes of all notes, by keys that no node has."""
    return {f"note {note.index}": _box(note) for note in notes(project)}


def draw_notes(project: Project, nodes: Mapping[str, Box], tints: Palette) -> Iterator[str]:
    """Yield the SVG of the notes; `nodes` has the boxes of nodes by name."""
    fill = tints.mix(tints.surface, tints.warning, NOTE_SHARE)
    stroke = tints.mix(tints.surface, tints.warning, 0.5)
    for note in notes(project):
        box = x, y, width, height = _box(note)
        for name in note.nodes:
            (x1, y1), (x2, y2) = edge_point(box, nodes[name]), edge_point(nodes[name], box)
            yield (
                f'<path d="M{x1:.1f} {y1:.1f} L{x2:.1f} {y2:.1f}" fill="none" '
                f'stroke="{tints.dim}" stroke-dasharray="5 4"/>'
            )
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )
        for number, line in enumerate(_lines(note)):
            baseline = y + _PADDING + number * _LINE + 12
            yield text_element(x + _PADDING, baseline, line, tints.text, _FONT_SIZE)


def _lines(note: Note) -> list[str]:
    return wrap(note.text, note.width - 2 * _PADDING, _FONT_SIZE)


def _box(note: Note) -> Box:
    return (*note.at, note.width, len(_lines(note)) * _LINE + 2 * _PADDING)
