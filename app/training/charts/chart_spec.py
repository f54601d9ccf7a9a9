"""Specifications of charts: the values of a run that a chart shows, and the chart title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.training.curves.curve_names import GRADIENT_NORM, LEARNING_RATE, LOSS_SHARES, TOTAL_LOSS
from app.training.curves.run_curves import Curves, EpochSeries
from app.training.curves.step_series import StepSeries
from engine.events import OutputInfo
from engine.runs.comparison.score_summary import score_unit, short_unit

_MAX_METRICS = 4


@dataclass(frozen=True)
class ChartSpec:
    """The specification of one chart.

    Args:
        title: the title of a wide chart.
        short_title: the title of a narrow chart.
        score: the name of the values in the events, such as "age/loss".
        by_step: whether the training value is known per step, not only per epoch.
        has_validation: whether the chart has validation values.
    """

    title: str
    short_title: str
    score: str
    by_step: bool = True
    has_validation: bool = True

    def steps(self, curves: Curves) -> StepSeries | None:
        """Return the training values of the chart's score by step, None if there are none."""
        return curves.steps.get(self.score) if self.by_step else None

    def epochs(self, curves: Curves) -> EpochSeries | None:
        """Return the training values per epoch, None before the first value."""
        return curves.train.get(self.score)

    def validation(self, curves: Curves) -> EpochSeries | None:
        """Return the validation values per epoch, None before the first value."""
        return curves.validation.get(self.score)

    def matches_warning(self, warning: Mapping[str, Any]) -> bool:
        """Return whether this chart shows the loss that a warning is about; never for an info.

        `warning` is a diagnostic as dict.
        """
        node = warning.get("node")
        is_shown = self.score == (f"{node}/loss" if node else TOTAL_LOSS)
        return is_shown and warning.get("severity") != "info"

    def latest_step(self, curves: Curves) -> int:
        """Return the newest step for which the chart has a value, 0 if there is none."""
        return curves.step if self.by_step else int((curves.epochs.steps or [0])[-1])


def network_chart_specs(has_validation: bool, output_count: int) -> list[ChartSpec]:
    """Return the specs of the charts of the whole network, such as total loss and learning rate."""
    shares = ChartSpec("Shares of the total", "Shares", LOSS_SHARES, has_validation=False)
    return [
        ChartSpec("Total loss", "Total loss", TOTAL_LOSS, has_validation=has_validation),
        *([shares] if output_count > 1 else []),
        ChartSpec("Learning rate", "Learning rate", LEARNING_RATE, has_validation=False),
        ChartSpec("Gradient norm", "Gradient", GRADIENT_NORM, has_validation=False),
    ]


def output_chart_specs(head: OutputInfo, has_validation: bool) -> list[ChartSpec]:
    """Return the specs of the charts of one output: its loss, then its metrics."""
    title = f"{head.name}: {_label(head.loss or 'loss')}"
    loss = ChartSpec(title, head.name, f"{head.name}/loss", has_validation=has_validation)
    metrics = [_metric_spec(head, name, has_validation) for name in head.metrics[:_MAX_METRICS]]
    return [loss, *metrics]


def _metric_spec(head: OutputInfo, name: str, has_validation: bool) -> ChartSpec:
    score = f"{head.name}/{name}"
    unit = score_unit([head], score)
    title = f"{_label(name)} of {head.name}{unit and f', in {unit}'}"
    short_title = f"{head.name} {_label(name)}{unit and f', {short_unit(unit)}'}"
    return ChartSpec(title, short_title, score, by_step=False, has_validation=has_validation)


def _label(name: str) -> str:
    return name.replace("_", " ")
