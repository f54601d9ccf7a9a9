"""Trainings of sharded networks by name."""

from __future__ import annotations

from engine.graph.model import Project
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from tests.engine.runtime.distributed.cases import RANDOM, Rows, Trained, random_rows, train
from tests.engine.runtime.small import node, project
from tests.engine.runtime.training.several_losses import rows, several_losses

L1 = {"kind": "L1", "params": {"l1": 0.03}}
# A row of weights more than there are ranks, and fewer rows than ranks.
NARROW = (
    node("x", "Input", shape=[4]),
    node("trunk", "Dense", "x", units=3, activation="tanh", kernel_regularizer=L1),
    node("y", "Dense", "trunk", units=1),
    node("mass", "Output", "y", loss="mse"),
)
SHORT = {"batch_size": 16, "epochs": 1, "sharded": True}


def _narrow(**recipe: object) -> tuple[Project, Rows]:
    given = {"precision": "float64", **SHORT, **recipe}
    all_rows = rows()
    arrays = {"x": all_rows["inputs"]["x"]}, {"mass": all_rows["targets"]["mass"]}
    return project(*NARROW, **given), dict(zip(("inputs", "targets"), arrays, strict=True))


def _case(name: str) -> tuple[Project, Rows]:
    momentum = {"kind": "SGD", "params": {"momentum": 0.9, "learning_rate": 0.05}}
    clipped = {"kind": "SGD", "params": {"learning_rate": 0.1}}
    noisy = {**SHORT, "batch_size": 15}
    if name in OPTIMIZERS:
        return _narrow(optimizer=name)
    if name.startswith("clip") or name.startswith("global"):
        params = {**clipped["params"], name: 0.05}
        return several_losses(**SHORT, optimizer={**clipped, "params": params}), rows()
    return {
        "losses": (several_losses(**{**SHORT, "epochs": 2}, optimizer="AdamW"), rows()),
        "accumulated": (several_losses(**SHORT, accumulate=2, optimizer=momentum), rows()),
        "uncertainty": (several_losses(**SHORT, balance="uncertainty"), rows()),
        "random": (project(*RANDOM, **noisy, precision="float64"), random_rows()),
        "checkpointed": (
            project(*RANDOM, **noisy, precision="float64", gradient_checkpointing=True),
            random_rows(),
        ),
        "float32": (project(*RANDOM, **noisy, precision="float32"), random_rows()),
    }[name]


NAMES = (
    *OPTIMIZERS, "clipnorm", "global_clipnorm", "clipvalue", "losses", "accumulated",
    "uncertainty", "random", "checkpointed", "float32",
)  # fmt: skip
BY_THREE = ("AdamW", "losses", "random")


def train_sharded(name: str, group: ProcessGroup = SINGLE_PROCESS) -> Trained:
    """Return the events and the final weights of a case, one of `NAMES`."""
    return train(*_case(name), group)
