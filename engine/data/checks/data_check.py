"""The data check: validates every row of a dataset before training starts.

PyTorch would train on bad values such as NaN without an error. Each diagnostic names the node, the
number of affected rows, and the first five row numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.data.checks.fixes import constant_column_warnings
from engine.data.checks.loss_balance import dominant_loss_warning
from engine.data.checks.non_finite import non_finite_diagnostics
from engine.data.checks.targets import check_target
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import NumberEncoder
from engine.data.ports.target_spec import TargetSpec
from engine.data.table.array import Array
from engine.data.table.chunks import min_max, rows_matching
from engine.data.table.row_numbers import affected_rows
from engine.recipe.data_mapping import DataMapping

MIN_ROWS = 20


@dataclass(frozen=True, slots=True)
class EmbeddingInput:
    """An Embedding that reads ids from an Input.

    Args:
        node: the node that owns the weights: the Embedding, or the node whose weights it shares.
        source: the name of the Input.
    """

    node: str
    source: str
    input_dim: int
    output_dim: int


@dataclass(frozen=True, slots=True)
class DataRequirements:
    """The requirements of a checked graph on its data.

    Args:
        targets: the target specs of the Outputs.
        embeddings: the Embedding nodes that read ids from an Input.
        shapes: the shapes of the Inputs, for fixes that change them.
        mapping: the data mapping, for fixes that change the mapping.
        has_learned_loss_weights: True if loss weights are learned. No loss can dominate then.
    """

    targets: tuple[TargetSpec, ...] = ()
    embeddings: tuple[EmbeddingInput, ...] = ()
    shapes: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    mapping: DataMapping | None = None
    has_learned_loss_weights: bool = False

    def standardize_fix(self, target: str) -> Fix:
        """Return the fix that standardizes a target; without a data mapping, it has no edit."""
        text = 'Standardize it: "scale": "standardize" in the data mapping.'
        if self.mapping is None:
            return Fix(text)
        source = self.mapping.source("targets", target).params() | {"scale": "standardize"}
        source.pop("encode", None)
        return Fix(text, {"do": "set_mapping", "side": "targets", "node": target, "source": source})


def check_dataset(
    dataset: Dataset, requirements: DataRequirements, training: bool = True
) -> list[Diagnostic]:
    """Return the errors and warnings of a dataset's values.

    Args:
        dataset: all rows of a table, so that row numbers are those of the file.
        requirements: the requirements of the graph.
        training: False for rows that are only scored. They may be few, or all of the same class.
    """
    if not dataset.row_count:
        problem, advice = "the data has no rows", "Check how the file was written."
        expected = "one row per example"
        return [Diagnostic.error("no-rows", problem, advice, found="0 rows", expected=expected)]
    diagnostics = list(non_finite_diagnostics(dataset, requirements.mapping))
    for vocabulary in requirements.embeddings:
        encoder = dataset.fitted.inputs.get(vocabulary.source)
        id_count = encoder.id_count if encoder and encoder.id_count else 0
        diagnostics += _check_ids(dataset.inputs[vocabulary.source], vocabulary, id_count)
    reported = {diagnostic.node for diagnostic in diagnostics}
    for port in requirements.targets:
        if port.name in dataset.targets and port.name not in reported:
            encoder = dataset.fitted.targets.get(port.name)
            is_plain = isinstance(encoder, NumberEncoder) and not encoder.spread
            scaled = encoder is not None and not is_plain
            standardize = None if scaled else requirements.standardize_fix(port.name)
            values, mask = dataset.targets[port.name], dataset.masks.get(port.name)
            diagnostics += check_target(values, port, standardize, training, mask)
    if training:
        diagnostics += constant_column_warnings(dataset, requirements.mapping, requirements.shapes)
    if training and dataset.row_count < MIN_ROWS:
        few_rows = Diagnostic.warning(
            "few-rows",
            f"the data has only {dataset.row_count} rows",
            "Collect more rows. Scores are not reliable until then.",
            found=f"{dataset.row_count} rows",
            expected=f"at least {MIN_ROWS}, better thousands",
        )
        diagnostics.append(few_rows)
    return _add_dominant_loss(dataset, requirements, diagnostics) if training else diagnostics


def _add_dominant_loss(
    dataset: Dataset, requirements: DataRequirements, diagnostics: list[Diagnostic]
) -> list[Diagnostic]:
    """Return the diagnostics, with a warning added if one output's loss dominates the total loss.

    The warning replaces the warning that this output's target values are large. Nothing is added if
    any target has another diagnostic, because that diagnostic has to be fixed first.
    """
    reported = {diagnostic.node for diagnostic in diagnostics if diagnostic.code != "target-scale"}
    ports, standardize = requirements.targets, requirements.standardize_fix
    if requirements.has_learned_loss_weights or reported & {port.name for port in ports}:
        return diagnostics
    dominating = dominant_loss_warning(dataset.targets, ports, standardize, dataset.masks)
    if dominating is None:
        return diagnostics
    replaced = ("target-scale", dominating.node)
    return [*(each for each in diagnostics if (each.code, each.node) != replaced), dominating]


def _check_ids(ids: Array, vocabulary: EmbeddingInput, id_count: int) -> Iterator[Diagnostic]:
    """Yield the diagnostics of ids that the Embedding `vocabulary` can't look up.

    `id_count` is the number of ids that the encoder can produce, 0 if the number is not known.
    """
    if not ids.size:
        return
    lowest, highest = map(int, min_max(ids))
    if lowest < 0:
        negative = affected_rows(rows_matching(ids, lambda part: part < 0))
        yield Diagnostic.error(
            "id-negative",
            f"ids are negative in {negative.count_text}",
            "Start ids at 0, and use a separate id for unknown words.",
            node=vocabulary.source,
            rows=negative,
            found=str(lowest),
            expected=f"ids from 0 to {vocabulary.input_dim - 1:,}",
        )
    if highest >= vocabulary.input_dim:
        yield _ids_out_of_vocabulary(ids, max(highest, id_count - 1), vocabulary)
    elif id_count > vocabulary.input_dim:
        yield Diagnostic.error(
            "id-out-of-vocabulary",
            f"{vocabulary.source} has {id_count:,} ids, more than the vocabulary",
            _set_dims_fix(vocabulary, f"Set input_dim to {id_count}.", input_dim=id_count),
            node=vocabulary.node,
            param="input_dim",
            place=f"input {vocabulary.source}",
            found=f"{id_count:,} ids, input_dim {vocabulary.input_dim:,}",
            expected=f"input_dim of at least {id_count:,}",
            why="other rows may contain any of them, even if these rows do not",
        )


def _ids_out_of_vocabulary(ids: Array, largest: int, vocabulary: EmbeddingInput) -> Diagnostic:
    outside = affected_rows(rows_matching(ids, lambda part: part >= vocabulary.input_dim))
    fixes = [_set_dims_fix(vocabulary, f"Set input_dim to {largest + 1}.", input_dim=largest + 1)]
    why = ""
    if vocabulary.output_dim > max(vocabulary.input_dim, largest):
        why = "input_dim and output_dim look swapped: the vocabulary comes first"
        text = f"Swap them: input_dim {vocabulary.output_dim}, output_dim {vocabulary.input_dim}."
        dims = {"input_dim": vocabulary.output_dim, "output_dim": vocabulary.input_dim}
        fixes.insert(0, _set_dims_fix(vocabulary, text, **dims))
    return Diagnostic.error(
        "id-out-of-vocabulary",
        f"ids of {vocabulary.source} are outside the vocabulary in {outside.count_text}",
        *fixes,
        node=vocabulary.node,
        param="input_dim",
        place=f"input {vocabulary.source}",
        rows=outside,
        found=f"ids up to {largest:,}, input_dim {vocabulary.input_dim:,}",
        expected=f"input_dim of at least {largest + 1:,}",
        why=why,
    )


def _set_dims_fix(vocabulary: EmbeddingInput, text: str, **dims: int) -> Fix:
    return set_params_fix(text, **dims).at_node(vocabulary.node)
