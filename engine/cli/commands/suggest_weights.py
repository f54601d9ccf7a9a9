"""`train --suggest-weights`: loss weights with which every output starts with an equal share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cli.console.output import figure, say, say_json, table
from engine.core.codes import ExitCode

if TYPE_CHECKING:
    from engine.runtime.run.runner import TrainOptions
    from engine.runtime.tuning.loss_weights import LossWeightSuggestion


def suggest_weights(order: TrainOptions, as_json: bool) -> int:
    """Pass over the training rows once, and say which loss weights would be fair; trains nothing.

    Raises:
        Refused: if the graph or the data do not fit, or there is nothing to share out.
    """
    from engine.runtime.tuning.loss_weights import suggest_for_run

    answer = suggest_for_run(order)
    if as_json:
        say_json({"ok": True, **answer.to_dict()})
        return ExitCode.OK
    say(f"Before the first step, on {answer.rows:,} training rows\n")
    say(_table(answer))
    say(f"\nWith these weights each output starts with {1 / len(answer.weights):.0%} of the total.")
    say('Set them as loss_weight of the Outputs; with --json, "edit" is the edit that does.')
    return ExitCode.OK


def _table(answer: LossWeightSuggestion) -> str:
    titles = ("Output", "Loss", "Weight", "Share", "Suggested weight")
    rows = [
        (
            name,
            figure(answer.losses[name]),
            f"{answer.current_weights[name]:g}",
            f"{answer.shares[name]:.1%}",
            f"{weight:g}",
        )
        for name, weight in answer.weights.items()
    ]
    return table(titles, rows, {1, 2, 3, 4})
