"""`train --suggest-weights`: loss weights that give all outputs equal shares of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cli.commands.options import usage_error
from engine.cli.console.output import format_table, print_json, print_line
from engine.core.codes import ExitCode
from engine.core.formatting.numbers import format_score

if TYPE_CHECKING:
    from engine.runs.request import TrainRequest
    from engine.runtime.tuning.loss_weights import LossWeightSuggestion


def suggest_weights(request: TrainRequest, as_json: bool) -> int:
    """Print loss weights that give every output an equal share of the initial loss.

    The training rows are evaluated once, without training.

    Raises:
        DiagnosticError: the graph or the data have errors, there is only one output with a loss,
            or a run is resumed or repeated.
    """
    if request.resume or request.repeat:
        raise usage_error(
            "a resumed or repeated run keeps its loss weights",
            f"--suggest-weights {'--resume' if request.resume else '--again'}",
            "--suggest-weights with a graph file and data",
            "Name both: engine train FILE --data D --suggest-weights.",
        )
    from engine.runtime.tuning.loss_weights import suggest_for_run

    suggestion = suggest_for_run(request)
    if as_json:
        print_json({"ok": True, **suggestion.to_dict()})
        return ExitCode.OK
    print_line(f"Losses before the first step, on {suggestion.rows:,} training rows\n")
    print_line(_table(suggestion))
    share = 1 / len(suggestion.weights)
    print_line(f"\nWith these weights each output starts with {share:.0%} of the total loss.")
    print_line("This does not mean that they train better: compare runs with and without them.")
    print_line('Set them as loss_weight of the Outputs; with --json, "edit" is the edit to apply.')
    return ExitCode.OK


def _table(suggestion: LossWeightSuggestion) -> str:
    titles = ("Output", "Loss", "Weight", "Share", "Suggested weight")
    rows = [
        (
            name,
            format_score(suggestion.losses[name]),
            f"{suggestion.current_weights[name]:g}",
            f"{suggestion.shares[name]:.1%}",
            f"{weight:g}",
        )
        for name, weight in suggestion.weights.items()
    ]
    return format_table(titles, rows, {1, 2, 3, 4})
