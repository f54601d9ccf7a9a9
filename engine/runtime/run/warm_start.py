"""Where a new run comes from: an earlier one that it equals, or whose weights it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.files.atomic_write import shown
from engine.runs.events.event_log import read_events
from engine.runs.folder.run_folder import RunFolder
from engine.runtime.checkpoints.checkpoint import Checkpoints
from engine.runtime.checkpoints.training_state import (
    load_model,
    load_weights,
    weights_digest,
    weights_of,
)
from engine.runtime.model.network import Network
from engine.runtime.training.control import changes


def equal_to(run: RunFolder) -> dict[str, Any]:
    """Return what run.json keeps of the run that this one equals.

    What a person changed while that one ran is made again after the same steps.
    """
    earlier = run.run.get("again", {}).get("changes", ())
    made = [
        {"id": taken.id, "request": taken.request, "step": taken.step, "value": taken.value}
        for taken in changes(read_events(run.path, steps=False))
    ]
    known = {change["id"] for change in made}
    left = [change for change in earlier if change["id"] not in known]
    return {"run": str(run.path.absolute()), "run_id": run.run_id, "changes": [*made, *left]}


def begin_with(network: Network, path: Path) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Let a network begin with the weights of a run, as far as names and shapes agree.

    Returns:
        What run.json keeps of it, and a notice if some weights begin anew.

    Raises:
        DiagnosticError: if there is no run, it has no whole weights, or none of them fits.
    """
    run = RunFolder.open(path)
    given = _weights(run)
    own = weights_of(network)
    taken = {
        name: tensor
        for name, tensor in given.items()
        if name in own and own[name].shape == tensor.shape
    }
    if not taken and own:
        raise Refused(_foreign(run, given, own))
    load_weights(network, {**own, **taken})
    left = [name for name in own if name not in taken]
    told = {
        "run": str(run.path.absolute()), "run_id": run.run_id, "weights": weights_digest(given),
    }  # fmt: skip
    return told, [_partly(run, left, len(own))] if left else []


def refuse_changed_weights(told: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to run again with weights that are no longer those of the first time.

    Raises:
        DiagnosticError: run-differs.
    """
    if told.get("weights") != now["weights"]:
        raise Refused(
            Diagnostic(
                "run-differs",
                "the run that the weights came from has other weights by now",
                place=shown(Path(told["run"])),
                found=str(now["weights"])[:12],
                expected=str(told.get("weights"))[:12],
                fixes=(Fix("Train a new run from them: engine train FILE --data D --from RUN."),),
            )
        )


def _weights(run: RunFolder) -> Mapping[str, Tensor]:
    """Return the weights that a run ended with, or the newest of one that has not ended."""
    if run.model.exists():
        return load_model(run)
    return Checkpoints(run.checkpoints).load().checkpoint.weights


def _foreign(run: RunFolder, given: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Diagnostic:
    def told(weights: Mapping[str, Tensor]) -> str:
        some = [f"{name} {tuple(tensor.shape)}" for name, tensor in sorted(weights.items())[:3]]
        return ", ".join(some) + (", ..." if len(weights) > 3 else "")

    return Diagnostic(
        "checkpoint-unfit",
        "the weights belong to another network: none agrees in name and shape",
        place=shown(run.path),
        found=told(given) or "no weights",
        expected=told(own),
        fixes=(Fix("Name a run of this graph, or of one with the same layers."),),
    )


def _partly(run: RunFolder, left: list[str], count: int) -> Diagnostic:
    names = ", ".join(left[:6]) + (f" and {len(left) - 6:,} more" if len(left) > 6 else "")
    return Diagnostic(
        "weights-partly",
        f"{len(left):,} of {count:,} weights begin anew, since {run.name} has none for them",
        severity="info",
        place=shown(run.path),
        found=names,
        expected="a weight of that name and shape",
        fixes=(Fix("Nothing, if these layers are new."),),
    )
