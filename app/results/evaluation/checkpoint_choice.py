"""The saved sets of weights of a run (final, best, last), among which the user can choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.graph.model import Project
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe
from engine.runs.evaluation import WEIGHT_DESCRIPTIONS
from engine.runs.folder.run_folder import BEST_FILE, CHECKPOINTS_FOLDER, MODEL_FILE


@dataclass(frozen=True)
class CheckpointChoice:
    """A set of saved weights of a run that the user can choose.

    Args:
        name: the name of the weights in engine commands: final, best or last.
        text: the description of the weights.
    """

    name: str
    text: str


FINAL_WEIGHTS = CheckpointChoice("final", WEIGHT_DESCRIPTIONS["final"])


def available_weights(run: Path, project: Project | None) -> list[CheckpointChoice]:
    """Return the sets of weights that a run has saved. The first entry is the default.

    If the recipe restores the best epoch at the end, the final weights are those of the best
    epoch, and there is no separate entry for "best".

    Args:
        run: the run folder.
        project: the project file of the run, None if it can't be read.
    """
    recipe = parse_recipe(project.recipe) if project is not None else None
    stopping = recipe.stopping if isinstance(recipe, Recipe) else None
    has_best = (run / CHECKPOINTS_FOLDER / BEST_FILE).exists()
    if not (run / MODEL_FILE).exists():
        best = CheckpointChoice("best", "the weights of the best epoch so far")
        choices = [best] if has_best else []
        return [*choices, CheckpointChoice("last", "the latest checkpoint")]
    if has_best and stopping is not None and stopping.restore_best:
        return [
            CheckpointChoice("final", "the weights of the best epoch (restored)"),
            CheckpointChoice("last", "the weights of the last step"),
        ]
    best_choice = [CheckpointChoice("best", "the weights of the best epoch")] if has_best else []
    return [CheckpointChoice("final", "the final weights"), *best_choice]
