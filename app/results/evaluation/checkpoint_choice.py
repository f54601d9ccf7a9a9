"""The weights of a run that can be evaluated, with their descriptions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.graph.model import Project
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe
from engine.runs.evaluation import WEIGHTS
from engine.runs.folder.run_folder import BEST, CHECKPOINTS, MODEL


@dataclass(frozen=True)
class Weights:
    """A choice of weights of a run.

    Args:
        name: their name for the engine: final, best or last.
        text: their description.
    """

    name: str
    text: str


ENDED = Weights("final", WEIGHTS["final"])


def weights_of(run: Path, project: Project | None) -> list[Weights]:
    """Return the weights that a run has saved, the default first.

    If the recipe restores the best epoch at the end, the final weights are those of the best epoch.

    Args:
        run: the run folder.
        project: its graph and recipe; None if they can't be read.
    """
    recipe = read_recipe(project.recipe) if project is not None else None
    stopping = recipe.stopping if isinstance(recipe, Recipe) else None
    has_best = (run / CHECKPOINTS / BEST).exists()
    if not (run / MODEL).exists():
        choices = [Weights("best", "the weights of the best epoch so far")] if has_best else []
        return [*choices, Weights("last", "the latest checkpoint")]
    if has_best and stopping is not None and stopping.restore_best:
        return [
            Weights("final", "the weights of the best epoch (restored)"),
            Weights("last", "the weights of the last step"),
        ]
    best_choice = [Weights("best", "the weights of the best epoch")] if has_best else []
    return [Weights("final", "the final weights"), *best_choice]
