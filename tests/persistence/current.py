"""What these tests take from inside the program, all in one place: modules may move."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import engine.objectives  # noqa: F401 - fills the families
from engine.cli.app import app as commands
from engine.core.codes import CODES
from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.data.encoders import ENCODERS
from engine.events import EVENT_TYPES as EVENTS
from engine.events import OutputInfo, parse_event
from engine.graph.serialization.file import dumps
from engine.graph.serialization.file import parse as parse_project
from engine.layers import catalogue
from engine.layers.initializer import INITIALIZERS
from engine.layers.recurrent import RECURRENT_LAYERS
from engine.layers.regularizer import REGULARIZERS
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.early_stopping_rule import BestEpochRule, EarlyStopping, Monitor
from engine.recipe.encoding import ENCODINGS
from engine.recipe.loss_weighting import LOSS_WEIGHTINGS
from engine.recipe.optimizer import OPTIMIZERS
from engine.recipe.recipe import CheckpointInterval, Recipe
from engine.recipe.sample_weights import WeightColumn
from engine.recipe.schedule import SCHEDULES
from engine.recipe.split import SPLITS
from engine.runs.folder import notes, trash

__all__ = ["CODES", "EVENTS", "commands", "parse_event"]

FAMILIES: Mapping[str, Registry[Any]] = {
    "initializers": INITIALIZERS, "regularizers": REGULARIZERS, "recurrences": RECURRENT_LAYERS,
    "losses": LOSSES, "metrics": METRICS, "optimizers": OPTIMIZERS, "schedules": SCHEDULES,
    "balances": LOSS_WEIGHTINGS, "encodings": ENCODINGS, "encoders": ENCODERS, "splits": SPLITS,
}  # fmt: skip
RECORDS: Mapping[str, type[Schema]] = {
    "recipe": Recipe,
    "checkpoint_every": CheckpointInterval,
    "stopping": EarlyStopping,
    "best": BestEpochRule,
    "monitor": Monitor,
    "data": DataMapping,
    "source": Source,
    "file": Dialect,
    "weight": WeightColumn,
}
EVENT_PARTS = {**EVENTS, "output of run-started": OutputInfo}


def layers() -> Mapping[str, type[Any]]:
    """Return the class of each kind of layer."""
    return catalogue.layer_classes()


def rewritten(data: bytes) -> bytes:
    """Return a project file as the program saves it again."""
    return dumps(parse_project(data).project).encode()


def member(group: str, name: str) -> type[Any]:
    """Return what a group calls by a name: a layer, a member of a family, or a record."""
    if group == "layers":
        return layers()[name]
    return RECORDS[name] if group == "records" else FAMILIES[group][name]


def read_again(group: str, name: str, params: Mapping[str, Any]) -> Any:
    """Return parameters as they are written after they were read, or the codes of refusals."""
    found = member(group, name).try_from_params(params)
    return [bad.code for bad in found] if isinstance(found, list) else found.params()


def thrown_away(place: Path) -> list[str]:
    """Return the names of the runs in the trash of a folder."""
    return [run.name for run in trash.trashed_runs(place)]


def annotate(run: Path, name: str, text: str) -> None:
    """Give a run a name, a star and a text."""
    notes.set_name(run, name)
    notes.set_star(run)
    notes.set_text(run, text)


def take_back(run: Path) -> None:
    """Take a run out of the trash."""
    trash.restore_from_trash(run)
