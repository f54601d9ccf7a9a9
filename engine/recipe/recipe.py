"""The recipe: all that a training needs to know besides the graph and the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Diagnostic
from engine.core.registry import Family
from engine.core.schema import Schema
from engine.recipe.early_stopping import Stopping, Watch
from engine.recipe.loss_weighting import BALANCES, BalanceField
from engine.recipe.optimizer import OPTIMIZERS, OptimizerField
from engine.recipe.schedule import SCHEDULES, ReduceLROnPlateau, ScheduleField
from engine.recipe.score_names import unknown_scores

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "float64", "bf16-mixed", "16-mixed"]


class Every(Schema):
    """How often a checkpoint is written; whatever comes first counts, null never comes."""

    epochs: PositiveInt | None = Field(1, description="After so many epochs.")
    steps: PositiveInt | None = Field(None, description="After so many steps.")
    seconds: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="After so many seconds."
    )

    def due(self, epochs: int, steps: int, seconds: float) -> bool:
        """Return whether it is time, given what has passed since the last one."""
        passed = ((self.epochs, epochs), (self.steps, steps), (self.seconds, seconds))
        return any(limit is not None and since >= limit for limit, since in passed)


class Recipe(Schema):
    """How a graph is trained. Fields that are left out of a file have these defaults."""

    optimizer: OptimizerField = Field("RMSprop", description="How gradients become steps.")
    schedule: ScheduleField = Field("Constant", description="How the learning rate changes.")
    epochs: int = Field(10, ge=1, le=1_000_000, description="Passes over the training rows.")
    batch_size: int = Field(32, ge=1, le=1_000_000, description="Rows in one batch.")
    accumulate: int = Field(
        1, ge=1, le=10_000, description="Batches whose gradients are averaged into one step."
    )
    shuffle: bool = Field(True, description="Take the rows in a new order every epoch.")
    balance: BalanceField | None = Field(
        None, description="How losses find their weights while training; null keeps those given."
    )
    seed: int = Field(
        0, ge=0, le=2**63 - 1, description="Where weights, order, split and dropout start from."
    )
    validation_split: float = Field(
        0.2, ge=0, lt=1, description="Share of the rows kept for validation, unless it has its own."
    )
    stopping: Stopping | None = Field(None, description="When to stop early; null never does.")
    best: Watch | None = Field(
        None, description="What makes an epoch the best; null follows stopping, else the loss."
    )
    checkpoint_every: Every = Field(Every(), description="How often the run is saved.")
    device: Device = Field("auto", description="What computes; auto takes the fastest there is.")
    precision: Precision = Field("float32", description="Kind of number that is computed with.")
    threads: int | None = Field(
        None, ge=1, le=1024, description="Processor threads; null takes those that are idle."
    )
    compile: bool = Field(
        False, description="Let torch compile the network first: minutes that rarely pay."
    )

    @property
    def best_rule(self) -> Watch:
        """The rule that says which epoch is the best."""
        return self.best or self.stopping or Watch()

    def params(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as plain JSON."""
        fields = super().params()
        for name in fields.keys() & NESTED.keys():
            nested = getattr(self, name)
            fields[name] = nested.params() if nested is not None else None
        return fields

    def unknown_scores(self, known: list[str]) -> list[Diagnostic]:
        """Return a finding for each score that a rule watches and the graph does not give."""
        rules = {"stopping": self.stopping, "best": self.best}
        found = [
            bad
            for field, rule in rules.items()
            if rule is not None
            for bad in unknown_scores([one.name for one in rule.monitors], known, f"recipe.{field}")
        ]
        if isinstance(self.schedule, ReduceLROnPlateau):
            found += unknown_scores([self.schedule.monitor], known, "recipe.schedule")
        return found


# The fields that hold fields of their own.
FAMILIES: Mapping[str, Family[Any]] = {
    "optimizer": OPTIMIZERS, "schedule": SCHEDULES, "balance": BALANCES,
}  # fmt: skip
NESTED: Mapping[str, type[Schema]] = {
    "checkpoint_every": Every, "stopping": Stopping, "best": Watch,
}  # fmt: skip
