"""Split settings: how the rows of a table are split into training, validation and test rows.

Test rows are for the final evaluation: they select neither the weights nor the best epoch.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Edit, Fix
from engine.core.registry import Registry, apply_registry_edit
from engine.core.schema import ParamsError, Schema

Subset = Literal["train", "validation", "test"]
SUBSETS: tuple[Subset, Subset, Subset] = ("train", "validation", "test")


class SplitSettings(Schema):
    """The base of all splits."""

    @property
    def depends_on(self) -> str | None:
        """The column that the split depends on, None if there is no such column."""
        return getattr(self, "column", None)

    def find_conflict(self) -> str:
        """Return text that says why the fields contradict each other, "" if they do not."""
        return ""


class FractionSplit(SplitSettings):
    """The base class of splits that are given as fractions of the rows."""

    validation: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="The fraction of validation rows; null uses validation_split of the recipe.",
    )
    test: float = Field(0.0, ge=0, lt=1, description="The fraction of test rows.")

    def find_conflict(self) -> str:
        """Return an error text if the fractions leave no training rows, otherwise ""."""
        is_full = (self.validation or 0.0) + self.test >= 1
        return "leaves no rows to train on" if is_full else ""


def split_fractions(split: SplitSettings | None) -> dict[str, Any]:
    """Return the `validation` and `test` fractions of a split by field name; {} if it has none."""
    if not isinstance(split, FractionSplit):
        return {}
    return {"validation": split.validation, "test": split.test}


SPLITS: Registry[SplitSettings] = Registry("split")
SplitField = SPLITS.field_type(SplitSettings)


@SPLITS.register(name="random")
class RandomSplit(FractionSplit):
    """Random: rows are drawn at random, by the recipe's seed."""


@SPLITS.register(name="stratified")
class StratifiedSplit(FractionSplit):
    """Stratified: each value of a column has the same fraction in all subsets."""

    column: str = Field(min_length=1, description="The column to stratify by, such as the class.")


@SPLITS.register(name="group")
class GroupSplit(FractionSplit):
    """By group: all rows of a group, such as a patient, are in the same subset."""

    column: str = Field(min_length=1, description="The column of the groups, such as a patient id.")


@SPLITS.register(name="time")
class TimeSplit(FractionSplit):
    """Chronological: training rows first, then validation rows, then the latest as test rows."""

    column: str = Field(min_length=1, description="A column of dates, times or increasing numbers.")


@SPLITS.register(name="column")
class ColumnSplit(SplitSettings):
    """By column: a column holds the name of each row's subset, in upper or lower case."""

    column: str = Field(min_length=1, description="The column with the subset of each row.")
    train: tuple[str, ...] = Field(
        ("train", "training"), min_length=1, description="Its values for training rows."
    )
    validation: tuple[str, ...] = Field(
        ("validation", "valid", "val", "dev"), description="Its values for validation rows."
    )
    test: tuple[str, ...] = Field(("test", "testing"), description="Its values for test rows.")

    def find_conflict(self) -> str:
        """Return an error text if a value is used for two subsets, otherwise ""."""
        values = [value.casefold() for subset in SUBSETS for value in set(getattr(self, subset))]
        return "uses a value for two subsets" if len(set(values)) != len(values) else ""


def parse_split(value: Any) -> SplitSettings | list[Diagnostic]:
    """Return the split parsed from a `split` entry, or diagnostics if it is invalid."""
    try:
        split = SPLITS.parse(value)
    except ParamsError as error:

        def convert(edit: Edit) -> Edit:
            return {"do": "set_split", "split": apply_registry_edit(value, edit)}

        return [diagnostic.at_place("data.split", convert) for diagnostic in error.diagnostics]
    if conflict := split.find_conflict():
        return [
            Diagnostic.error(
                "param-invalid",
                f"the split {conflict}",
                RANDOM_SPLIT_FIX,
                place="data.split",
                found=f"{value}"[:60],
                expected="fractions that sum to less than 1, and every value for one subset only",
            )
        ]
    return split


def set_split_fix(text: str, split: SplitSettings | None) -> Fix:
    """Return a fix that sets how the data is split into training, validation and test rows.

    `text` is the text of the fix. If `split` is None, the fix removes the split settings, so that
    the recipe's validation_split applies.
    """
    plain = None if split is None else SPLITS.to_plain_json(split)
    return Fix(text, {"do": "set_split", "split": plain})


RANDOM_SPLIT_FIX = set_split_fix("Split the rows at random.", RandomSplit())
