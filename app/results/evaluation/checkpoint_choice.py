"""Which weights of a run can be asked for, and what they are in a person's words."""

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
    """Weights of a run.

    Args:
        name: how the engine calls them.
        text: which they are.
    """

    name: str
    text: str


ENDED = Weights("final", WEIGHTS["final"])


def weights_of(run: Path, project: Project | None) -> list[Weights]:
    """Return what a run has kept, the weights that are usually wanted first.

    Where the recipe ends with the weights of the best epoch, these are what the run ended with.

    Args:
        run: its folder.
        project: its graph and recipe; None where they can't be read.
    """
    recipe = read_recipe(project.recipe) if project is not None else None
    stopping = recipe.stopping if isinstance(recipe, Recipe) else None
    best = (run / CHECKPOINTS / BEST).exists()
    if not (run / MODEL).exists():
        so_far = [Weights("best", "the weights of the best epoch so far")] if best else []
        return [*so_far, Weights("last", "the newest weights")]
    if best and stopping is not None and stopping.restore_best:
        return [
            Weights("final", "the weights of the best epoch, which it ended with"),
            Weights("last", "the weights of the last step"),
        ]
    kept = [Weights("best", "the weights of the best epoch")] if best else []
    return [Weights("final", "the weights it ended with"), *kept]
