"""Builds a starter network: a project that predicts some columns of a table from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error, nearest_word
from engine.core.formatting.counts import join_first
from engine.data.profile.column_warnings import column_warnings
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
from engine.data.starter.column_roles import exclusion_reason
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.starter.input_branches import InputBranch, add_input_branch, add_numeric_branch
from engine.data.starter.network_size import NetworkSize, network_size
from engine.data.starter.target_heads import NUMBER_LOSSES, TargetHead, target_head
from engine.data.table.table import Table, check_has_rows
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Project
from engine.graph.node_names import suggest_name, unique_name
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.split import StratifiedSplit

MAX_NAMED = 40  # columns in an error


@dataclass(frozen=True)
class StarterProject:
    """A starter project and notes about its columns.

    Args:
        project: a project without node positions, which `engine.diagram.tidy` assigns.
        notes: the columns that were left out, and why.
    """

    project: Project
    notes: tuple[Diagnostic, ...] = field(default=())


def build_starter_project(
    table: Table,
    targets: Sequence[str],
    inputs: Sequence[str] | None = None,
    file: Dialect | None = None,
    classes: Mapping[str, bool] = MappingProxyType({}),
) -> StarterProject:
    """Return a starter project that predicts some columns of a table from the others.

    Each feature column gets a branch of layers. The concatenated branches feed two hidden layers,
    which feed a head (a Dense layer and an Output) for each target. Of several targets, each has a
    second hidden layer of its own, which also reads the branches, and the losses are weighted by
    what each can gain: by the inverse of its loss without any features.

    Args:
        targets: the columns to predict, each of which gets an Output.
        inputs: the feature columns; None: all columns that carry information, except the targets.
        file: the dialect to store in the data mapping; None: each training run detects the dialect.
        classes: by target of whole numbers, whether they are class ids. By default, they are if
            they look so.

    Raises:
        DiagnosticError: if there are no rows, if a target does not exist or can't be predicted, or
            if no feature column is left.
    """
    check_has_rows(table)
    columns = {stats.name: stats for stats in profile_table(table)}
    if not targets:
        raise DiagnosticError(_no_target(table))
    if missing := [name for name in (*targets, *(inputs or ())) if name not in columns]:
        raise DiagnosticError(*(_column_missing(name, table) for name in missing))
    if repeated := [name for name, count in Counter(targets).items() if count > 1]:
        raise _target_twice(repeated[0])
    heads = _target_heads(table, columns, targets, classes)
    others = [stats for stats in columns.values() if stats.name not in targets]
    notes = [head.note for head in heads if head.note]
    if inputs is None:
        notes += [left_out_note(stats, why) for stats in others if (why := exclusion_reason(stats))]
        features = [stats for stats in others if not exclusion_reason(stats)]
    else:
        features = [stats for stats in others if stats.name in inputs]
    builder = GraphBuilder([head.output for head in heads])
    only_classes = all(head.output_fields["loss"] not in NUMBER_LOSSES for head in heads)
    size = network_size(table.row_count, only_classes)
    branches = list(_input_branches(builder, table, features, size.bins, notes))
    if not branches:
        raise _no_features(targets)
    _add_heads(builder, _add_trunk(builder, branches, size, len(heads) > 1), heads, size)
    known = [columns[name] for name in dict.fromkeys([*targets, *(inputs or columns)])]
    notes += column_warnings(known, {branch.input: branch.source for branch in branches})
    is_slow = any(branch.is_slow for branch in branches)
    recipe = size.recipe(table.row_count, is_slow, [head.output for head in heads])
    project = Project(builder.graph, recipe, _mapping(branches, heads, file or Dialect()).params())
    for title, nodes in builder.frames:
        project = add_frame(project, nodes, title)
    return StarterProject(project, tuple(notes))


def _target_heads(
    table: Table,
    columns: Mapping[str, ColumnStatistics],
    targets: Sequence[str],
    classes: Mapping[str, bool],
) -> list[TargetHead]:
    """Return a head (Dense and Output) for each target, or raise one error for all bad targets."""
    names: list[str] = []
    diagnostics: list[Diagnostic] = []
    heads = []
    for target in targets:
        names.append(unique_name(suggest_name(target), names))
        try:
            column, is_class = table.columns[target], classes.get(target)
            heads.append(target_head(columns[target], column, names[-1], is_class))
        except DiagnosticError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return heads


def _input_branches(
    builder: GraphBuilder,
    table: Table,
    features: list[ColumnStatistics],
    bins: int,
    notes: list[Diagnostic],
) -> Iterator[InputBranch]:
    """Add and yield the branches of all features; plain numbers and 0/1 columns share one Input.

    For each column that has to be left out, a note is appended to `notes`.
    """
    plain_numbers = [stats for stats in features if _is_plain_number(stats)]
    flags = [stats for stats in features if stats.kind == "boolean" and stats.spread is not None]
    shared = [*plain_numbers, *flags]
    if shared:
        yield add_numeric_branch(builder, shared, bins)
    shared_names = {stats.name for stats in shared}
    for stats in features:
        if stats.name in shared_names:
            continue
        try:
            yield add_input_branch(builder, stats, table)
        except DiagnosticError as error:
            notes.append(left_out_note(stats, error.diagnostics[0].message))


def _is_plain_number(stats: ColumnStatistics) -> bool:
    """Return whether each row of a column is a single number, and a quantity rather than a flag."""
    return stats.is_numeric and stats.kind != "boolean" and not stats.shape


def _add_trunk(
    builder: GraphBuilder, branches: Sequence[InputBranch], size: NetworkSize, is_shared: bool
) -> str:
    """Add the layers before the heads; return the name of the last one.

    If several targets share them, the hidden layer is concatenated with the features (as in a wide
    and deep network, Cheng et al. 2016, arXiv:1606.07792): what it has learned for other targets
    may not be all that a target needs.
    """
    outputs = [branch.output for branch in branches]
    joined = outputs[0]
    if len(outputs) > 1:
        joined = builder.add_node("Concatenate", "all", outputs)
    hidden = _add_hidden_layer(builder, joined, "1", size)
    if not is_shared:
        return hidden
    return builder.add_node("Concatenate", "shared", [joined, hidden])


def _add_hidden_layer(builder: GraphBuilder, before: str, of: str, size: NetworkSize) -> str:
    """Add a hidden layer named after `of`, with its dropout; return the name of the dropout."""
    units = {"units": size.units, "activation": "silu"}
    dense = builder.add_node("Dense", f"hidden_{of}", before, **units)
    return builder.add_node("Dropout", f"dropout_{of}", dense, rate=size.dropout)


def _add_heads(
    builder: GraphBuilder, trunk: str, heads: Sequence[TargetHead], size: NetworkSize
) -> None:
    """Add a hidden layer, the Dense and the Output of each head after the node `trunk`."""
    for head in heads:
        fields = head.output_fields
        if len(heads) > 1 and head.loss_without_features != 1:
            fields = {**fields, "loss_weight": round(1 / head.loss_without_features, 2)}
        of = head.output if len(heads) > 1 else "2"
        hidden = _add_hidden_layer(builder, trunk, of, size)
        dense = builder.add_node("Dense", f"{head.output}_head", hidden, **head.dense_fields)
        builder.add_output(head.output, dense, **fields)


def _mapping(
    branches: Sequence[InputBranch], heads: Sequence[TargetHead], file: Dialect
) -> DataMapping:
    """Return the data mapping, without ports whose source is just the column of the same name."""
    inputs = _without_defaults({branch.input: branch.source for branch in branches})
    targets = _without_defaults({head.output: head.source for head in heads})
    column = next((head.source.column_names[0] for head in heads if head.stratify), None)
    split = StratifiedSplit(column=column) if column else None
    return DataMapping(inputs=inputs, targets=targets, split=split, file=file)


def _without_defaults(sources: Mapping[str, Source]) -> dict[str, Source]:
    return {port: source for port, source in sources.items() if source != Source(column=port)}


def left_out_note(stats: ColumnStatistics, why: str) -> Diagnostic:
    """Return the info that a starter network does not read a column."""
    return Diagnostic.info(
        "column-left-out",
        f'"{stats.name}" is left out: {why}',
        place=f"column {stats.name}",
        found=", ".join(stats.examples[:3]),
    )


def _no_target(table: Table) -> Diagnostic:
    return Diagnostic.error(
        "column-missing",
        "no target column is given",
        f'Give one or more, such as: --target "{list(table.columns)[-1]}"',
        found=join_first(table.columns, MAX_NAMED),
        expected="a column to predict",
    )


def _column_missing(name: str, table: Table) -> Diagnostic:
    nearest = nearest_word(name, table.columns)
    fix = f'Use "{nearest}".' if nearest else "Use one of the columns of the table."
    return table.column_missing(name, "", nearest, *table.header_fixes(name), fix)


def _target_twice(name: str) -> DiagnosticError:
    return diagnostic_error(
        "column-twice",
        f'"{name}" is listed as a target twice',
        f'List "{name}" once.',
        place=f"column {name}",
        found=f"{name}, {name}",
        expected="each target once",
    )


def _no_features(targets: Sequence[str]) -> DiagnosticError:
    others = "every other column is constant, empty, unreadable or an identifier"
    return diagnostic_error(
        "nothing-to-learn-from",
        "no feature column is left",
        "Use a table with more columns, or choose fewer targets.",
        found=f"targets {', '.join(targets)}; {others}",
        expected="at least one other column that differs from row to row",
    )
