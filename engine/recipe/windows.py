"""Window settings: how the rows of time series become windows of past and future steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.schema import Schema, invalid_value
from engine.recipe.overrides import parse_value
from engine.recipe.split import SPLITS, SplitSettings, TimeSplit, set_split_fix, split_fractions

_EXAMPLE = 'Write {"by": "date", "past": 28, "ahead": 7}.'


class Windows(Schema):
    """Windows of time series: past steps are the input, the steps that follow are the target.

    The rows of each series are sorted by the column `by`. A window that ends with row t has the
    `past` rows up to and including t as input, so an Input has the shape (past, columns). Its
    target are the values of the target columns in the `ahead` rows that follow, of shape (ahead,),
    or a single value if `ahead` is 1. An Input whose first axis is not `past` gets row t only.

    No window contains rows of two series, or spans a gap in a regular series.
    """

    by: str = Field(min_length=1, description="A column of dates, times or increasing numbers.")
    group: str | None = Field(
        None, description="The column that identifies the series, if there are several."
    )
    past: PositiveInt = Field(24, description="The number of steps that are the input.")
    ahead: PositiveInt = Field(1, description="The number of steps that are predicted.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that define the order of the rows."""
        return (self.by,) if self.group is None else (self.by, self.group)


def parse_windows(value: Any) -> Windows | list[Diagnostic]:
    """Return the windows parsed from a `windows` entry, or diagnostics if it is invalid."""
    if not isinstance(value, Mapping):
        return [invalid_value("windows", value, "data.windows", Fix(_EXAMPLE))]
    windows = Windows.try_from_params(value)
    if isinstance(windows, Windows):
        return windows
    return [error.at_place("data.windows") for error in windows]


def windows_from_option(text: str) -> Windows:
    """Return the windows that "by=date,group=shop,past=28,ahead=7" stands for.

    Raises:
        DiagnosticError: if a setting is missing, unknown or invalid.
    """
    pairs = (map(str.strip, item.partition("=")) for item in text.split(","))
    params: dict[str, Any] = {key: value for key, _, value in pairs}
    numbers = {key: parse_value(params[key]) for key in ("past", "ahead") if key in params}
    windows = parse_windows({**params, **numbers})
    if isinstance(windows, Windows):
        return windows
    raise DiagnosticError(*(error.at_place("--windows") for error in windows))


def time_split(windows: Windows, split: SplitSettings | None) -> SplitSettings | list[Diagnostic]:
    """Return the split by the time of windows, or a diagnostic if `split` is by something else.

    The fractions are those of `split`.

    Why: windows overlap. If they were split at random, most validation targets would be among the
    inputs of training windows.
    """
    by_time = TimeSplit(column=windows.by, **split_fractions(split))
    if split is None or split == by_time:
        return by_time
    return [
        Diagnostic.error(
            "split-unfit",
            f'windows can only be split by their time, which is in "{windows.by}"',
            set_split_fix(f'Split by "{windows.by}".', by_time),
            place="data.split",
            found=SPLITS.name_of(split),
            expected=f'a chronological split by "{windows.by}"',
        )
    ]
