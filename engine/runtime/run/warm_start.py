"""Warm start: the initial weights of a run are those of another run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.counts import join_first
from engine.runs.folder.run_folder import RunFolder
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from engine.runtime.checkpoints.state_dicts import load_weights, network_weights
from engine.runtime.checkpoints.weight_file import read_weights, weights_digest
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.model.network import Network


def warm_start(network: Network, path: Path) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Initialize a network with those weights of the run at `path` that match in name and shape.

    Returns:
        The record of that run for run.json: "run" (its path), "run_id" and "weights" (a digest).
        Also a list with one notice if some weights keep their initial values, else an empty list.

    Raises:
        DiagnosticError: if there is no run, its weights are damaged, or no weight matches.
    """
    run = RunFolder.open(path)
    source = _source_weights(run)
    initial = network_weights(network)
    matching = {
        name: tensor
        for name, tensor in source.items()
        if name in initial and initial[name].shape == tensor.shape
    }
    if not matching and initial:
        raise _no_matching_weights(run, source, initial)
    load_weights(network, {**initial, **matching})
    not_loaded = [name for name in initial if name not in matching]
    record = {
        "run": str(run.path.absolute()),
        "run_id": run.run_id,
        "weights": weights_digest(source),
    }
    return record, [_partly_loaded(run, not_loaded, len(initial))] if not_loaded else []


def require_unchanged_weights(recorded: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Raise DiagnosticError (run-differs) if two records from `warm_start` differ in "weights"."""
    if recorded.get("weights") != current["weights"]:
        raise diagnostic_error(
            "run-differs",
            "the weights of the run that this one was warm-started from have changed",
            "Train a new run from them: engine train FILE --data D --from RUN.",
            place=printable_path(Path(recorded["run"])),
            found=str(current["weights"])[:12],
            expected=str(recorded.get("weights"))[:12],
        )


def _source_weights(run: RunFolder) -> Mapping[str, Tensor]:
    """Return the final weights of a run; for an unfinished run, those of the newest checkpoint."""
    if run.weights_path.exists():
        return read_weights(run.weights_path)
    checkpoint = CheckpointStore(run.checkpoints_path).load().checkpoint
    if checkpoint.shards is not None:
        return network_weights(TrainedModel.open(run.path, "last").network)
    return checkpoint.weights


def _no_matching_weights(
    run: RunFolder, source: Mapping[str, Tensor], initial: Mapping[str, Tensor]
) -> DiagnosticError:
    def first_three(weights: Mapping[str, Tensor]) -> str:
        named = sorted(weights.items())
        return join_first((f"{name} {tuple(tensor.shape)}" for name, tensor in named), 3)

    return diagnostic_error(
        "checkpoint-unfit",
        "the weights belong to another network: none matches in name and shape",
        "Name a run of this graph, or of one with the same layers.",
        place=printable_path(run.path),
        found=first_three(source) or "no weights",
        expected=first_three(initial),
    )


def _partly_loaded(run: RunFolder, missing: list[str], count: int) -> Diagnostic:
    names = join_first(missing, 6)
    return Diagnostic.info(
        "weights-partly",
        f"{len(missing):,} of {count:,} weights keep their initial values, since {run.name} has "
        "no matching ones",
        "Nothing, if these layers are new.",
        place=printable_path(run.path),
        found=names,
        expected="a weight of that name and shape",
    )
