"""Looks at every row of a dataset before step 0, since torch is silent on bad data.

Each finding names the node, how many rows, and the first five of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.fixes import constants, padding
from engine.data.checks.loss_balance import dominant
from engine.data.checks.non_finite import unsound
from engine.data.checks.targets import answers
from engine.data.dataset.dataset.dataset import Dataset
from engine.data.ports.target_spec.target_spec import TargetPort
from engine.data.table.chunks import extremes, rows_where
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.data_mapping import DataMapping

Array = NDArray[Any]
FEW = 20


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An Embedding and the Input whose ids it looks up."""

    node: str
    source: str
    input_dim: int
    output_dim: int


@dataclass(frozen=True, slots=True)
class LeastLength:
    """How long an Input's free axis has to be.

    Args:
        source: the Input.
        least: number of steps.
        axis: which axis of a row, from 0.
        fixes: the ways out that the graph offers, most likely first.
    """

    source: str
    least: int
    axis: int = 0
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a checked graph tells the audit; the caller reads it off the graph.

    Args:
        targets, vocabularies, lengths: what the rows have to keep to.
        mapping: where columns go, so that fixes can change it.
        balanced: True if the losses find their weights, so that none can drown the others.
    """

    targets: tuple[TargetPort, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    lengths: tuple[LeastLength, ...] = ()
    mapping: DataMapping | None = None
    balanced: bool = False

    def standardize(self, target: str) -> dict[str, Any] | None:
        """Return the edit that standardises a target, if the mapping is known."""
        if self.mapping is None:
            return None
        source = self.mapping.source("targets", target).params() | {"scale": "standardize"}
        source.pop("encode", None)
        return {"do": "set_mapping", "side": "targets", "node": target, "source": source}


def audit(dataset: Dataset, facts: Facts, training: bool = True) -> list[Diagnostic]:
    """Return everything that is wrong with the values, errors and warnings.

    Args:
        dataset: all rows, so that row numbers are those of the file.
        facts: what the graph expects.
        training: False for rows that are only scored; those may be few and of one class.
    """
    if not dataset.rows:
        return [_no_rows()]
    found = list(unsound(dataset, facts.mapping))
    for vocabulary in facts.vocabularies:
        encoder = dataset.fitted.inputs.get(vocabulary.source)
        given = encoder.ids if encoder and encoder.ids else 0
        found += _vocabulary(dataset.inputs[vocabulary.source], vocabulary, given)
    for length in facts.lengths:
        found += _length(dataset, length, facts.mapping)
    faulty = {finding.node for finding in found}
    for port in facts.targets:
        if port.name in dataset.targets and port.name not in faulty:
            scaled = port.name in dataset.fitted.targets
            edit = facts.standardize(port.name)
            mask = dataset.masks.get(port.name)
            found += answers(dataset.targets[port.name], port, scaled, training, edit, mask)
    if training:
        found += constants(dataset, facts.mapping)
    if training and dataset.rows < FEW:
        found.append(_few(dataset.rows))
    return _balanced(dataset, facts, found) if training else found


def _balanced(dataset: Dataset, facts: Facts, found: list[Diagnostic]) -> list[Diagnostic]:
    """Add a warning if one output drowns the others; it says more than that its numbers are large.

    A fault in any target comes first.
    """
    others = {finding.node for finding in found if finding.code != "target-scale"}
    if facts.balanced or others & {port.name for port in facts.targets}:
        return found
    drowning = dominant(dataset.targets, facts.targets, facts.standardize, dataset.masks)
    if drowning is None:
        return found
    kept = [bad for bad in found if (bad.code, bad.node) != ("target-scale", drowning.node)]
    return [*kept, drowning]


def _vocabulary(ids: Array, vocabulary: Vocabulary, given: int) -> Iterator[Diagnostic]:
    """Look at all ids, and at how many an encoder may give, if it knows."""
    if not ids.size:
        return
    least, most = map(int, extremes(ids))
    if least < 0:
        negative = rows_where(ids, lambda part: part < 0)
        yield Diagnostic(
            "id-negative",
            f"ids are negative in {counted(negative)}",
            node=vocabulary.source,
            place=first_rows(negative),
            found=str(least),
            expected=f"ids from 0 to {vocabulary.input_dim - 1:,}",
            fixes=(Fix("Count ids from 0, and give unknown words an id of their own."),),
        )
    if most >= vocabulary.input_dim:
        yield _beyond(ids, max(most, given - 1), vocabulary)
    elif given > vocabulary.input_dim:
        yield _few_ids(vocabulary, given)


def _few_ids(vocabulary: Vocabulary, given: int) -> Diagnostic:
    return Diagnostic(
        "id-out-of-vocabulary",
        f"{vocabulary.source} has {given:,} ids, more than the vocabulary",
        node=vocabulary.node,
        param="input_dim",
        place=f"input {vocabulary.source}",
        found=f"{given:,} ids, input_dim {vocabulary.input_dim:,}",
        expected=f"input_dim of at least {given:,}",
        why="rows to come may hold each of them, even if these rows do not",
        fixes=(_set_dims(vocabulary, f"Set input_dim to {given}.", input_dim=given),),
    )


def _beyond(ids: Array, largest: int, vocabulary: Vocabulary) -> Diagnostic:
    beyond = rows_where(ids, lambda part: part >= vocabulary.input_dim)
    fixes = [_set_dims(vocabulary, f"Set input_dim to {largest + 1}.", input_dim=largest + 1)]
    why = ""
    if vocabulary.output_dim > max(vocabulary.input_dim, largest):
        why = "input_dim and output_dim look swapped: the vocabulary comes first"
        text = f"Swap them: input_dim {vocabulary.output_dim}, output_dim {vocabulary.input_dim}."
        dims = {"input_dim": vocabulary.output_dim, "output_dim": vocabulary.input_dim}
        fixes.insert(0, _set_dims(vocabulary, text, **dims))
    return Diagnostic(
        "id-out-of-vocabulary",
        f"ids of {vocabulary.source} are beyond the vocabulary in {counted(beyond)}",
        node=vocabulary.node,
        param="input_dim",
        place=f"input {vocabulary.source}, {first_rows(beyond)}",
        found=f"ids up to {largest:,}, input_dim {vocabulary.input_dim:,}",
        expected=f"input_dim of at least {largest + 1:,}",
        why=why,
        fixes=tuple(fixes),
    )


def _set_dims(vocabulary: Vocabulary, text: str, **dims: int) -> Fix:
    return Fix(text, {"do": "set_params", "node": vocabulary.node, "params": dims})


def _length(
    dataset: Dataset, length: LeastLength, mapping: DataMapping | None
) -> Iterator[Diagnostic]:
    steps = dataset.inputs[length.source].shape[1 + length.axis]
    if steps < length.least:
        encoder = dataset.fitted.inputs.get(length.source)
        padded = mapping and padding(mapping, length.source, encoder, length.least)
        pad = padded or Fix(f"Pad the sequences to {length.least:,} steps.")
        yield Diagnostic(
            "length-too-short",
            f"needs at least {length.least:,} steps, the data has {steps:,}",
            node=length.source,
            found=f"{steps:,} steps",
            expected=f"at least {length.least:,} steps",
            fixes=(*([pad] if padded else []), *(length.fixes or (() if padded else (pad,)))),
        )


def _no_rows() -> Diagnostic:
    return Diagnostic(
        "no-rows",
        "the data has no rows",
        found="0 rows",
        expected="one row per example",
        fixes=(Fix("Check how the file was written."),),
    )


def _few(rows: int) -> Diagnostic:
    return Diagnostic(
        "few-rows",
        f"the data has only {rows} rows",
        severity="warning",
        found=f"{rows} rows",
        expected=f"{FEW} at the very least, better thousands",
        fixes=(Fix("Gather more rows; until then trust no score."),),
    )
