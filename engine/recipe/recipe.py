"""The recipe: the training settings of a project, from optimizer to device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Diagnostic
from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.recipe.early_stopping_rule import BestEpochRule, EarlyStopping
from engine.recipe.loss_weighting import LOSS_WEIGHTINGS, LossWeightingField
from engine.recipe.optimizer import OPTIMIZERS, OptimizerField
from engine.recipe.schedule import SCHEDULES, ReduceLROnPlateau, ScheduleField
from engine.recipe.score_names import unknown_score_diagnostics

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "float64", "bf16-mixed", "16-mixed"]


class CheckpointInterval(Schema):
    """The interval between checkpoints. It ends at the first of these limits; null: no limit."""

    epochs: PositiveInt | None = Field(1, description="The maximum number of epochs.")
    steps: PositiveInt | None = Field(None, description="The maximum number of steps.")
    seconds: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="The maximum number of seconds."
    )

    def is_due(self, epochs: int, steps: int, seconds: float) -> bool:
        """Return whether a checkpoint is due. The arguments count from the last checkpoint."""
        passed = ((self.epochs, epochs), (self.steps, steps), (self.seconds, seconds))
        return any(limit is not None and value >= limit for limit, value in passed)


class Recipe(Schema):
    """The training settings. Fields that a file leaves out have these defaults."""

    optimizer: OptimizerField = Field("RMSprop", description="The optimizer.")
    schedule: ScheduleField = Field("Constant", description="The learning rate schedule.")
    epochs: int = Field(
        10, ge=1, le=1_000_000, description="The number of passes over the training rows."
    )
    batch_size: int = Field(32, ge=1, le=1_000_000, description="The number of rows in a batch.")
    accumulate: int = Field(
        1, ge=1, le=10_000, description="Gradient accumulation: the number of batches per step."
    )
    shuffle: bool = Field(True, description="Shuffle the training rows before every epoch.")
    balance: LossWeightingField | None = Field(
        None, description="The loss weighting; null uses the fixed loss weights."
    )
    seed: int = Field(
        0, ge=0, le=2**63 - 1, description="The seed of weights, shuffling, split and dropout."
    )
    validation_split: float = Field(
        0.2,
        ge=0,
        lt=1,
        description="The fraction of rows for validation, without a table or split for it.",
    )
    stopping: EarlyStopping | None = Field(
        None, description="Early stopping; null trains all epochs."
    )
    best: BestEpochRule | None = Field(
        None, description="The rule for the best epoch; null uses that of stopping, else the loss."
    )
    checkpoint_every: CheckpointInterval = Field(
        CheckpointInterval(), description="The interval between checkpoints."
    )
    device: Device = Field("auto", description="The device; auto uses the fastest available.")
    precision: Precision = Field("float32", description="The floating-point precision.")
    threads: int | None = Field(
        None, ge=1, le=1024, description="The number of CPU threads; null uses all idle ones."
    )
    compile: bool = Field(
        False,
        description="Use torch.compile, which takes minutes and rarely pays off. Networks with "
        "recurrent layers or gradient checkpointing are not compiled.",
    )
    gradient_checkpointing: bool = Field(
        False,
        description="Save memory: keep only the outputs of frames (without frames, of groups of "
        "layers) for the backward pass, and recompute the rest. Results are the same.",
    )
    prefetch: bool = Field(
        False, description="Copy the next batch to the GPU during the step before it."
    )
    deterministic: bool = Field(
        False,
        description="Use only deterministic algorithms, so that repeated runs on a GPU give "
        "identical results.",
    )
    sharded: bool = Field(
        False,
        description="Shard the weights across devices (FSDP2), for networks too large for one "
        "device; native kernels and torch.compile are not used.",
    )

    @property
    def best_epoch_rule(self) -> BestEpochRule:
        """The rule that decides which epoch is the best."""
        return self.best or self.stopping or BestEpochRule()

    def params(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as plain JSON."""
        fields = super().params()
        for name in fields.keys() & NESTED_FIELDS.keys():
            nested = getattr(self, name)
            fields[name] = nested.params() if nested is not None else None
        return fields

    def unknown_score_diagnostics(self, known: list[str]) -> list[Diagnostic]:
        """Return a diagnostic for each monitored score not in `known`, the existing scores."""
        names: dict[str, list[str]] = {}
        for field, rule in (("stopping", self.stopping), ("best", self.best)):
            names[field] = [monitor.name for monitor in rule.monitors] if rule else []
        if isinstance(self.schedule, ReduceLROnPlateau):
            names["schedule"] = [self.schedule.monitor]
        return [
            diagnostic
            for field, monitored in names.items()
            for diagnostic in unknown_score_diagnostics(monitored, known, f"recipe.{field}")
        ]


# The fields that contain an object with fields: an instance of a registry, or of a schema.
REGISTRY_FIELDS: Mapping[str, Registry[Any]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "balance": LOSS_WEIGHTINGS,
}
NESTED_FIELDS: Mapping[str, type[Schema]] = {
    "checkpoint_every": CheckpointInterval,
    "stopping": EarlyStopping,
    "best": BestEpochRule,
}
