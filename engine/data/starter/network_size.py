"""The layer sizes and the recipe of a starter network, by the number of table rows.

Why: `./dev bench tables` compares starter networks with linear models and boosted trees on 78 real
tables. A fixed number of epochs with a learning rate that ends at 0 (Loshchilov and Hutter 2017,
arXiv:1608.03983) and decoupled weight decay (2019, arXiv:1711.05101), the stronger the fewer rows
there are, needs few rows for validation. Below 1,000 rows, 650 if only classes are predicted, the
last epoch is as good as the best one, which a few validation rows find badly; a dropout of 0.3 in
place of 0.1 lifts accuracy and R2 by 0.004. Below 100 rows, ten times the weight decay lifts R2 by
0.08, and batches of 8 rows, which make enough steps to unlearn the initial weights, by 0.05 more.
Piecewise linear encoding overfits below 1,000 rows, unless all targets are classes: with 16 bins
and strong weight decay, it lifts accuracy by 0.02. From 650 rows of classes on, 64 bins lift it by
0.015 more (15 tables, ten of which are samples of larger ones), and from 1,000 rows on, R2 by 0.06.
Deeper or residual networks and periodic embeddings were no better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

VALIDATION = 0.1  # the fraction of validation rows
MIN_HELD_OUT = 10  # of fewer rows, none is held out


@dataclass(frozen=True)
class NetworkSize:
    """The size of a starter network and of its training.

    Args:
        units: the number of units of each hidden layer.
        bins: the number of bins in which each number is encoded; 0 for none.
        dropout: the fraction of units that are dropped after each hidden layer.
        batch_size: the number of rows in a batch.
        epochs: the number of epochs.
        patience: the number of epochs without improvement before training stops; None: all epochs
            are trained, and the weights of the last one are kept.
        weight_decay: the fraction that is subtracted from each weight, times the learning rate.
    """

    units: int
    bins: int
    dropout: float
    batch_size: int
    epochs: int
    patience: int | None = None
    weight_decay: float = 0.1

    def recipe(self, rows: int, is_slow: bool, outputs: Sequence[str]) -> dict[str, Any]:
        """Return the recipe for a table of `rows` rows.

        Networks that read texts, sequences or large images are slow, and need fewer epochs of small
        batches. Training goes on while the loss of any of the `outputs` improves, and the weights
        of the epoch with the best total loss are kept.
        """
        epochs = min(self.epochs, max(15, ceil(self.epochs / 4))) if is_slow else self.epochs
        batch_size = min(self.batch_size, 32) if is_slow else self.batch_size
        steps = epochs * ceil(rows * (1 - VALIDATION) / batch_size)
        params = {"learning_rate": 0.002, "weight_decay": self.weight_decay}
        recipe: dict[str, Any] = {
            "optimizer": {"kind": "AdamW", "params": params},
            "schedule": {"kind": "cosine", "params": {"warmup_steps": steps // 20}},
            "epochs": epochs,
            "batch_size": batch_size,
            "validation_split": VALIDATION if rows >= MIN_HELD_OUT else 0.0,
            "stopping": None,
        }
        patience = 5 if is_slow else self.patience
        if patience:
            recipe["stopping"] = {"patience": patience}
            if len(outputs) > 1:
                recipe["stopping"]["monitors"] = [f"{output}/loss" for output in outputs]
                recipe["best"] = {}
        return recipe


SMALL = NetworkSize(units=64, bins=0, dropout=0.3, batch_size=32, epochs=100, weight_decay=0.3)
TINY = replace(SMALL, batch_size=8, weight_decay=3.0)
SMALL_CLASSES = replace(SMALL, bins=16, weight_decay=3.0)
MEDIUM = NetworkSize(units=128, bins=64, dropout=0.2, batch_size=64, epochs=60, patience=20)
MEDIUM_CLASSES = replace(MEDIUM, weight_decay=1.0)
LARGE = NetworkSize(units=128, bins=48, dropout=0.1, batch_size=256, epochs=30, patience=10)
HUGE = NetworkSize(units=256, bins=48, dropout=0.1, batch_size=1024, epochs=10, patience=5)


def network_size(rows: int, only_classes: bool = False) -> NetworkSize:
    """Return the size for a number of rows; `only_classes`: whether all targets are classes."""
    small = {650: SMALL_CLASSES, 1_000: MEDIUM_CLASSES} if only_classes else {1_000: SMALL}
    sizes = {100: TINY, **small, 10_000: MEDIUM, 200_000: LARGE}
    return next((size for limit, size in sizes.items() if rows < limit), HUGE)
