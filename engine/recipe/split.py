"""How rows are divided into those to train on, to validate on, and to test on at the end.

A test is for one last look: its rows are neither trained on nor asked which epoch is the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.registry import Family
from engine.core.schema import ParamsError, Schema

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, Part, Part] = ("train", "validation", "test")


class Split(Schema):
    """Base of all splits."""

    @property
    def reads(self) -> str | None:
        """The column that it looks at, None if it looks at none."""
        return getattr(self, "column", None)

    def fault(self) -> str:
        """Return what is wrong with the fields together, or the empty string."""
        return ""


class Shares(Split):
    """Base of the splits that hold back a share of the rows."""

    validation: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Share of the rows to validate on; null takes the recipe's validation_split.",
    )
    test: float = Field(0.0, ge=0, lt=1, description="Share of the rows kept for a last test.")

    def fault(self) -> str:
        """Return what is wrong with the shares together."""
        whole = (self.validation or 0.0) + self.test >= 1
        return "leaves no rows to train on" if whole else ""


def shares_of(split: Split | None) -> dict[str, Any]:
    """Return the shares that a split holds back, for one that is to take its place."""
    if not isinstance(split, Shares):
        return {}
    return {"validation": split.validation, "test": split.test}


SPLITS: Family[Split] = Family("split")
SplitField = SPLITS.field(Split)


@SPLITS.add(name="random")
class RandomSplit(Shares):
    """Holds rows back at random; the recipe's seed decides which."""


@SPLITS.add(name="stratified")
class StratifiedSplit(Shares):
    """Holds rows back at random, so that each value of a column has the same share on each side."""

    column: str = Field(min_length=1, description="Whose values are spread, such as the classes.")


@SPLITS.add(name="group")
class GroupSplit(Shares):
    """Holds whole groups back at random: no patient, user or document is on two sides."""

    column: str = Field(min_length=1, description="What tells the groups apart, such as a patient.")


@SPLITS.add(name="time")
class TimeSplit(Shares):
    """Holds the latest rows back, the last of them for the test: the past predicts the future."""

    column: str = Field(min_length=1, description="A date, a time or a number that grows.")


@SPLITS.add(name="column")
class ColumnSplit(Split):
    """Does what a column says of each row, capital letters or not."""

    column: str = Field(min_length=1, description="Says of each row which side it is on.")
    train: tuple[str, ...] = Field(
        ("train", "training"), min_length=1, description="What it says of rows to train on."
    )
    validation: tuple[str, ...] = Field(
        ("validation", "valid", "val", "dev"), description="What it says of rows to validate on."
    )
    test: tuple[str, ...] = Field(
        ("test", "testing"), description="What it says of rows kept for a last test."
    )

    def fault(self) -> str:
        """Return whether a word stands for two sides."""
        said = [word.casefold() for side in PARTS for word in set(getattr(self, side))]
        return "uses a word for two sides" if len(set(said)) != len(said) else ""


def split_problems(value: Any) -> Split | list[Diagnostic]:
    """Return the split that the `split` entry describes, or what is wrong with it."""
    try:
        split = SPLITS.read(value)
    except ParamsError as error:
        return [_placed(bad, value) for bad in error.diagnostics]
    fault = split.fault()
    return [_unfit(value, fault)] if fault else split


def set_split(text: str, split: Split | None) -> Fix:
    """Return a fix that divides the rows in another way."""
    plain = None if split is None else SPLITS.plain(split)
    return Fix(text, {"do": "set_split", "split": plain})


AT_RANDOM = set_split("Hold rows back at random.", RandomSplit())


def _placed(bad: Diagnostic, value: Any) -> Diagnostic:
    """Let the fixes of a finding change the `split` entry."""
    fixes = tuple(Fix(fix.text, _lifted(fix.edit, value)) for fix in bad.fixes)
    if bad.code == "kind-unknown" and (nearest := nearest_word(bad.found, SPLITS)):
        kept = {**value, "kind": nearest} if isinstance(value, Mapping) else nearest
        fixes = (Fix(f'Use "{nearest}".', {"do": "set_split", "split": kept}),)
    return replace(bad, place="data.split", fixes=fixes)


def _lifted(edit: Mapping[str, Any] | None, value: Any) -> Mapping[str, Any] | None:
    """Turn an edit of a node's parameters into one of the split."""
    if edit is None or not isinstance(value, Mapping):
        return None
    params = dict(value.get("params", {}))
    match edit:
        case {"do": "set_params", "params": new}:
            params |= new
        case {"do": "remove_param", "param": gone}:
            params.pop(gone, None)
        case {"do": "rename_param", "param": old, "to": to}:
            params[to] = params.pop(old)
    return {"do": "set_split", "split": {"kind": value["kind"], "params": params}}


def _unfit(value: Any, fault: str) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f"the split {fault}",
        place="data.split",
        found=f"{value}"[:60],
        expected="shares that sum to less than 1, and a word for one side only",
        fixes=(AT_RANDOM,),
    )
