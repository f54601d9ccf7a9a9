"""How the numbers of a text column are written: decimal sign, digit grouping, unit.

"1,234" may be 1234 or 1.234. The other cells of the column decide: 1,234,567 and 0.5 show that
commas group digits, 3,5 and 1.010,50 that the comma is the decimal sign.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.core.schema import Schema
from engine.data.table.array import Array
from engine.data.table.column_types import (
    TextArray,
    is_any_of,
    matches_pattern,
    text_column,
    to_bool_array,
)
from engine.recipe.csv_dialect import DecimalSign

Mask = NDArray[np.bool_]
# "mixed": both decimal signs occur; "grouping": commas may group digits or be decimal signs;
# "unreadable": many cells are no numbers; "text": most are none; "empty": all cells are missing;
# "": the column can be read.
FormProblem = Literal["", "mixed", "grouping", "unreadable", "text", "empty"]

MAX_WORDS, _MAX_LENGTH = 5, 40  # the limits of words that may stand for missing cells
_MAX_UNITS = 20  # numbers with more units than these are counted as words
_WORD = "\0"  # in place of the unit of cells that are no numbers
_MAGNITUDES = frozenset({"k", "K", "M", "B", "T", "bn", "mio", "Mio", "Mrd", "million", "thousand"})
_CURRENCY = (
    r"(?:[A-Z]{0,2}\p{Sc}|EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN)"
)
# Replaced in this order, so that the sign is first and the unit is last: ($3) becomes -$3, $-5
# becomes -$5, -$5 becomes -5 $, and - 5 becomes -5.
_REWRITTEN = (
    ("\u2212", "-"),
    ("[\u00a0\u202f]", " "),
    (r"^\((.*)\)$", r"-\1"),
    (rf"^({_CURRENCY})\s*([+-])", r"\2\1"),
    (rf"^([+-]?)\s*({_CURRENCY})\s*([0-9.,' ]+(?:[eE][+-]?[0-9]+)?)$", r"\1\3 \2"),
    (r"^([+-])\s+", r"\1"),
)
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_CELL = rf"^(?P<number>[+-]?[0-9.,][0-9.,' ]*{_EXPONENT})\s*(?P<unit>(?:[^0-9.,'\s].{{0,12}})?)$"
_WORD_AFTER_POINT = r"[.,]\s*(?:[^\P{L}eE]|[eE](?:[^0-9+-]|$))"  # such as 1.png, but not 1.e3
_HUGE = r"[eE][+]?0*(?:1[5-9]|[2-9][0-9]|[0-9]{3,})[0-9]$"  # 1e150 and above, such as 1e400
_UNIT = r"^[\p{L}\p{Sc}%‰°µ][\p{L}\p{Sc}%°/·²³]*[23]?$"  # slow to compile: only for cells with one
OTHER_SIGN: dict[DecimalSign, DecimalSign] = {".": ",", ",": "."}
# Digits with a decimal sign.
UNGROUPED = {
    sign: rf"^[+-]?(?:[0-9]+[{sign}]?[0-9]*|[{sign}][0-9]+){_EXPONENT}$" for sign in OTHER_SIGN
}
# Digits that the other sign, apostrophes or spaces group, before a decimal sign, if any.
_GROUPED = {
    sign: rf"^[+-]?[1-9][0-9]{{0,2}}(?:(?:[{other}][0-9]{{3}})+|(?:'[0-9]{{3}})+|"
    rf"(?: [0-9]{{3}})+)(?:[{sign}][0-9]*)?{_EXPONENT}$"
    for sign, other in OTHER_SIGN.items()
}
NUMBER_PATTERN = "|".join([*UNGROUPED.values(), *_GROUPED.values()])


class NumberForm(Schema):
    """How the numbers of a column are written. The default is that of numbers such as -1.5e3."""

    decimal: DecimalSign = Field(".", description="The decimal separator.")
    group: str = Field("", description="The separators between groups of three digits.")
    unit: str = Field("", description='The unit before or after numbers, such as "$" or "%".')
    parentheses: bool = Field(False, description="Some numbers in parentheses are negative.")
    missing: tuple[str, ...] = Field((), description="Other cells, which count as missing.")

    @property
    def notation(self) -> str:
        """The differences from plain numbers in words, "" if there are none."""
        parts = ["decimal commas"] if self.decimal == "," else []
        parts += [f'digits grouped by "{self.group[0]}"'] if self.group else []
        parts += [f'the unit "{self.unit}"'] if self.unit else []
        parts += ["negative numbers in parentheses"] if self.parentheses else []
        return ", ".join(parts)


PLAIN_FORM = NumberForm()


class DetectedForm(NamedTuple):
    """The form of a column's numbers, and why they can't be read in it, "" if they can."""

    form: NumberForm = PLAIN_FORM
    problem: FormProblem = ""


class _NumberTexts(NamedTuple):
    """The parts of texts; where `is_number` is False, the other parts have no meaning."""

    is_number: Mask
    number: TextArray  # with a sign, digits with signs of grouping and decimals, and an exponent
    unit: TextArray


def _split(texts: TextArray) -> _NumberTexts:
    """Return the parts of texts that may be numbers in some form."""
    import pyarrow.compute as pc

    written = texts
    for pattern, replacement in _REWRITTEN:
        written = pc.replace_substring_regex(written, pattern, replacement)
    groups = pc.extract_regex(written, _CELL)
    number, unit = (pc.fill_null(pc.struct_field(groups, name), "") for name in ("number", "unit"))
    number = pc.utf8_trim_whitespace(number)
    has_unit = to_bool_array(pc.not_equal(unit, ""))
    is_number = matches_pattern(number, NUMBER_PATTERN)
    if has_unit.any():
        is_number &= ~has_unit | matches_pattern(unit, _UNIT)
    is_number &= ~matches_pattern(texts, _WORD_AFTER_POINT)
    is_number &= ~(matches_pattern(number, "^[+-]?[0-9]+ [0-9 ]+$") & ~has_unit)  # such as ids
    is_number &= ~matches_pattern(number, _HUGE)
    return _NumberTexts(is_number, number, unit)


class NumberFormCounter:
    """Detects the form of a column's numbers, chunk by chunk.

    Args:
        decimal: the decimal sign of the table, None to detect it.
        commas_group: whether 1,234 is 1234 unless another cell shows a decimal comma.
    """

    def __init__(self, decimal: DecimalSign | None = None, commas_group: bool = False) -> None:
        self._decimal, self._commas_group = decimal, commas_group
        self._counts: Counter[str] = Counter()  # the number of cells by unit
        self._texts: dict[str, dict[str, None]] = defaultdict(dict)  # some distinct ones by unit
        self._flags: dict[str, set[str]] = defaultdict(set)  # see `_flag_masks`, by unit

    def add_plain(self, cells: TextArray) -> None:
        """Add cells that can all be cast to numbers."""
        self._counts[""] += len(cells)
        if "." not in self._flags[""]:
            is_ambiguous = matches_pattern(cells, _GROUPED[","])  # such as 1.234
            has_point = matches_pattern(cells, r"\.")
            masks = {"1.234": is_ambiguous, "has .": has_point, ".": has_point & ~is_ambiguous}
            self._flags[""].update(flag for flag, mask in masks.items() if mask.any())

    def add(self, texts: TextArray, counts: NDArray[np.int64]) -> None:
        """Add distinct texts, none of which is missing, with the number of cells of each."""
        import pyarrow.compute as pc

        parts = _split(texts)
        masks = _flag_masks(texts, parts)
        units = pc.if_else(parts.is_number, parts.unit, _WORD).dictionary_encode()
        indices = units.indices.to_numpy(zero_copy_only=False)
        for index, unit in enumerate(units.dictionary.to_pylist()):
            is_counted = unit in self._counts or len(self._counts) < _MAX_UNITS
            key, rows = unit if is_counted else _WORD, indices == index
            self._counts[key] += int(counts[rows].sum())
            self._flags[key].update(flag for flag, mask in masks.items() if mask[rows].any())
            if len(self._texts[key]) <= MAX_WORDS:
                first = texts.filter(rows)[: MAX_WORDS + 1]
                self._texts[key].update(dict.fromkeys(first.to_pylist()))

    @property
    def mixed_units(self) -> tuple[str, ...]:
        """The units of a column of numbers with two or three units, () for other columns."""
        numbers = [len(self._texts[unit]) for unit in self._units]
        is_mixed = len(numbers) in (2, 3) and min(numbers) > MAX_WORDS
        return self._units if is_mixed and not self._counts[_WORD] else ()

    @property
    def _units(self) -> tuple[str, ...]:
        """The units that occur, the most frequent first."""
        return tuple(unit for unit, _ in self._counts.most_common() if unit not in ("", _WORD))

    def detect(self) -> DetectedForm:
        """Return the form of the cells that were added."""
        unit = self._main_unit()
        unread = [_WORD, *(other for other in self._units if other != unit)]
        unread_count = sum(self._counts[other] for other in unread)
        count = self._counts.total() - unread_count
        if not self._counts.total():
            return DetectedForm(PLAIN_FORM, "empty")
        has_several_units = bool(unit) and 10 * (unread_count - self._counts[_WORD]) > count
        if unread_count and (count <= unread_count or has_several_units):
            return DetectedForm(PLAIN_FORM, "text")
        words = [text for other in unread for text in self._texts[other]]
        missing = missing_word_candidates(words)
        flags = self._flags[""] | self._flags[unit]
        decimal, problem = self._decimal_sign(flags)
        other_sign = OTHER_SIGN[decimal]
        group: str = other_sign if f"has {other_sign}" in flags else ""
        group += next((sign for sign in "' " if sign in flags), "")
        form = NumberForm(
            decimal=decimal,
            group="" if problem else group,
            unit=unit,
            parentheses="(" in flags,
            missing=missing,
        )
        return DetectedForm(form, problem or ("unreadable" if words and not missing else ""))

    def _main_unit(self) -> str:
        """Return the unit of the column: the most frequent one, unless most numbers have none."""
        unit, plain_count = next(iter(self._units), ""), self._counts[""]
        is_currency = matches_pattern(text_column([unit]), f"^{_CURRENCY}$").all()
        is_usual = is_currency or self._counts[unit] >= plain_count
        return unit if is_usual and not (unit in _MAGNITUDES and plain_count) else ""

    def _decimal_sign(self, flags: set[str]) -> tuple[DecimalSign, FormProblem]:
        if self._decimal is not None:
            is_refuted = OTHER_SIGN[self._decimal] in flags
            return self._decimal, "unreadable" if is_refuted else ""
        if {".", ","} <= flags:
            return ".", "mixed"
        if "," in flags:
            return ",", ""
        if "1,234" in flags and not (self._commas_group or "." in flags):
            return ".", "mixed" if "1.234" in flags else "grouping"
        return ".", ""


def missing_word_candidates(words: list[str]) -> tuple[str, ...]:
    """Return `words` if they may stand for missing cells, () if they are too many or too long."""
    is_plausible = len(words) <= MAX_WORDS and all(len(word) <= _MAX_LENGTH for word in words)
    return tuple(words) if is_plausible else ()


def _flag_masks(texts: TextArray, parts: _NumberTexts) -> dict[str, Mask]:
    """Return which numbers show each of these flags.

    "." and ",": decimal signs for sure; "1.234" and "1,234": signs that may group digits; "has ."
    and "has ,": any of both; "'", " " and "(" as in the texts.
    """
    point, comma = (
        matches_pattern(parts.number, f"{UNGROUPED[sign]}|{_GROUPED[sign]}") for sign in OTHER_SIGN
    )
    masks = {".": point & ~comma, ",": comma & ~point, "(": matches_pattern(texts, r"^\(")}
    masks |= {sign: matches_pattern(parts.number, sign) for sign in "' "}
    for sign in OTHER_SIGN:
        masks[f"has {sign}"] = matches_pattern(parts.number, f"[{sign}]")
        masks[f"1{sign}234"] = masks[f"has {sign}"] & point & comma
    return {flag: mask & parts.is_number for flag, mask in masks.items()}


def read_texts(texts: TextArray, form: NumberForm) -> Array:
    """Return the numbers in texts, NaN for texts that are no numbers in this form."""
    import pyarrow.compute as pc

    is_number, number, unit = _split(texts)
    is_grouped = matches_pattern(number, _GROUPED[form.decimal])
    for sign in form.group:
        number = pc.if_else(is_grouped, pc.replace_substring(number, sign, ""), number)
    is_number &= matches_pattern(number, UNGROUPED[form.decimal])
    is_number &= is_any_of(unit, ("", form.unit))
    number = pc.replace_substring_regex(pc.replace_substring(number, ",", "."), "^[+]", "")
    return np.array(pc.if_else(is_number, number, "nan").cast("float64"))
