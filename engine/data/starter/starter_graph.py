"""Starts from data: a first sensible graph for a table and the columns that are to be predicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.data.encoding_choice.suggestion import numeric
from engine.data.profile import profile
from engine.data.profile.statistics import ColumnFacts
from engine.data.readers.table import Table, refuse_no_rows
from engine.data.starter.column_roles import useless
from engine.data.starter.graph_builder import Sketch
from engine.data.starter.input_branches import Branch, branch, gathered
from engine.data.starter.target_heads import Aim, aim_of
from engine.graph.model import Project
from engine.graph.node_names import suggest, unique
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.split import Split, StratifiedSplit

FEW, MANY = 2_000, 20_000  # rows


@dataclass(frozen=True)
class Begun:
    """A first graph.

    Args:
        project: without positions; `engine.diagram.tidy` finds them.
        notes: which columns were left out, and why.
    """

    project: Project
    notes: tuple[Diagnostic, ...] = field(default=())


def begin(
    table: Table,
    targets: Sequence[str],
    inputs: Sequence[str] | None = None,
    file: Dialect | None = None,
) -> Begun:
    """Draw a first graph that predicts some columns of a table from its others.

    Args:
        table: the data.
        targets: the columns to predict, each of which gets an Output.
        inputs: the columns to learn from; None takes all in which there is something to learn.
        file: what a person has said about how the table is written; all else is detected again.

    Raises:
        Refused: if there are no rows, a target is not there or can't be predicted, or no column is
            left to learn from.
    """
    refuse_no_rows(table)
    facts = {each.name: each for each in profile(table)}
    missing = [name for name in (*targets, *(inputs or ())) if name not in facts]
    if missing or not targets:
        raise Refused(*(_absent(name, facts) for name in missing or ("",)))
    aims = _aims(table, facts, targets)
    others = [each for each in facts.values() if each.name not in targets]
    notes: list[Diagnostic] = []
    if inputs is None:
        notes += [_left_out(each, why) for each in others if (why := useless(each))]
        useful = [each for each in others if not useless(each)]
    else:
        useful = [each for each in others if each.name in inputs]
    sketch = Sketch([aim.output for aim in aims])
    branches = list(_branches(sketch, table, useful, notes))
    if not branches:
        raise Refused(_nothing_left(targets))
    trunk = _trunk(sketch, branches, table.rows)
    for aim in aims:
        head = sketch.draw("Dense", sketch.name(f"{aim.output}_head"), trunk, **aim.dense)
        sketch.draw("Output", aim.output, head, **aim.params)
    mapping = _mapping(branches, aims, file or Dialect())
    project = Project(sketch.graph, _recipe(table.rows), mapping.params())
    return Begun(project, tuple(notes))


def _aims(table: Table, facts: Mapping[str, ColumnFacts], targets: Sequence[str]) -> list[Aim]:
    names: list[str] = []
    for target in targets:
        names.append(unique(suggest(target), names))
    found: list[Diagnostic] = []
    aims = []
    for target, name in zip(targets, names, strict=True):
        try:
            aims.append(aim_of(facts[target], table.columns[target], name))
        except Refused as refused:
            found += refused.diagnostics
    if found:
        raise Refused(*found)
    return aims


def _branches(
    sketch: Sketch, table: Table, useful: list[ColumnFacts], notes: list[Diagnostic]
) -> Iterator[Branch]:
    """Draw an Input, and what reads it, for each column; plain numbers share one."""
    plain = [each for each in useful if _plain(each)]
    flags = [each for each in useful if each.kind == "boolean" and each.spread is not None]
    if plain or flags:
        yield gathered(sketch, [*plain, *flags])
    for each in useful:
        if each in plain or each in flags:
            continue
        try:
            yield branch(sketch, each, table)
        except Refused as refused:
            notes.append(_left_out(each, refused.diagnostics[0].message))


def _plain(facts: ColumnFacts) -> bool:
    """Return whether a column is a number a row that stands for a size."""
    return numeric(facts) and facts.kind != "boolean" and not facts.shape


def _trunk(sketch: Sketch, branches: Sequence[Branch], rows: int) -> str:
    """Draw what brings all branches together, and a layer that all outputs share."""
    ends = [each.end for each in branches]
    joined = ends[0] if len(ends) == 1 else sketch.draw("Concatenate", sketch.name("all"), ends)
    units = 32 if rows < FEW else 128
    return sketch.draw("Dense", sketch.name("hidden"), joined, units=units, activation="relu")


def _recipe(rows: int) -> dict[str, Any]:
    """Return a recipe that stops by itself: few rows need many epochs."""
    batch = 16 if rows < FEW else 32 if rows < MANY else 128
    epochs = 100 if rows < FEW else 30
    return {"optimizer": "Adam", "epochs": epochs, "batch_size": batch, "stopping": {}}


def _mapping(branches: Sequence[Branch], aims: Sequence[Aim], file: Dialect) -> DataMapping:
    """Return where columns go; a source that says no more than its port's name is left out."""
    inputs = {each.input: each.source for each in branches}
    targets = {aim.output: aim.source for aim in aims}
    spread = next((aim.source.names[0] for aim in aims if aim.spread), None)
    split: Split | None = StratifiedSplit(column=spread) if spread else None
    return DataMapping(inputs=_needed(inputs), targets=_needed(targets), split=split, file=file)


def _needed(sources: Mapping[str, Source]) -> dict[str, Source]:
    return {port: source for port, source in sources.items() if source != Source(column=port)}


def _left_out(facts: ColumnFacts, why: str) -> Diagnostic:
    return Diagnostic(
        "column-left-out",
        f'"{facts.name}" is left out: {why}',
        severity="info",
        place=f"column {facts.name}",
        found=", ".join(facts.examples[:3]),
    )


def _absent(name: str, facts: Mapping[str, ColumnFacts]) -> Diagnostic:
    nearest = nearest_word(name, facts) if name else None
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}"' if name else "no column to predict is named",
        found=", ".join([*facts][:12]),
        expected=name or "a column to predict",
        fixes=(Fix(f'Name "{nearest}".' if nearest else "Name one of the table's columns."),),
    )


def _nothing_left(targets: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "nothing-to-learn-from",
        "no column is left from which the targets could be learned",
        found=f"targets {', '.join(targets)}; all other columns are alike, empty or identifiers",
        expected="at least one other column that differs from row to row",
        fixes=(Fix("Use a table with more columns, or name fewer targets."),),
    )
