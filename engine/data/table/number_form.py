"""How the numbers of a text column are written: decimal sign, digit grouping, unit.

"1,234" may be 1234 or 1.234. The other cells of the column decide: 1,234,567 and 0.5 show that
commas group digits, 3,5 and 1.010,50 that the comma is the decimal sign.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.core.schema import Schema
from engine.data.table.array import Array
from engine.data.table.column_types import (
    TEXT_TYPE,
    TextArray,
    is_any_of,
    matches_pattern,
    text_column,
    to_bool_array,
)
from engine.recipe.csv_dialect import DecimalSign

Mask = NDArray[np.bool_]
# "mixed": both decimal signs occur; "grouping": commas may group digits or be decimal signs;
# "unreadable": many cells are no numbers; "text": most are none; "": the column can be read.
FormProblem = Literal["", "mixed", "grouping", "unreadable", "text"]

MAX_WORDS, MAX_WORD_LENGTH = 5, 40  # the limits of words that may stand for missing cells
_MAX_UNITS = 20  # of more units, only the numbers of the first ones are counted
_MAGNITUDES = frozenset({"k", "K", "M", "B", "T", "bn", "mio", "Mio", "Mrd", "million", "thousand"})
_CURRENCY = (
    r"(?:[A-Z]{0,2}\p{Sc}|EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN)"
)
_SIGN = "[+\u2212-]?"
_CELL = (
    rf"^(?P<open>\(?)\s*(?P<first>{_SIGN})\s*(?P<prefix>{_CURRENCY}?)\s*(?P<second>{_SIGN})"
    r"(?P<body>[0-9][0-9.,' \x{a0}\x{202f}]*|[.,][0-9]+)(?P<exponent>(?:[eE][+-]?[0-9]+)?)"
    r"\s*(?P<suffix>(?:[\p{L}\p{Sc}%‰°µ][\p{L}\p{Sc}%°/·²³]{0,11}[23]?)?)\s*(?P<close>\)?)$"
)
_SPACED = r"^[0-9]{1,3}(?:[' ][0-9]{3})+(?:[.,][0-9]*)?$"
_AMBIGUOUS = {sign: rf"^[1-9][0-9]{{0,2}}[{sign}][0-9]{{3}}$" for sign in ".,"}  # such as 1,234
_DECIMAL = {sign: rf"^(?:[0-9]+[{sign}]?[0-9]*|[{sign}][0-9]+)$" for sign in ".,"}
# Grouped by the one sign and, where there are decimals, the other sign before them.
_GROUPED = {
    sign: rf"^[1-9][0-9]{{0,2}}(?:[{sign}][0-9]{{3}})+(?:[{other}][0-9]*)?$"
    for sign, other in ((",", "."), (".", ","))
}
_OTHER_SIGN: dict[str, DecimalSign] = {".": ",", ",": "."}


class NumberForm(Schema):
    """How the numbers of a column are written. The default is that of numbers such as -1.5e3."""

    decimal: DecimalSign = Field(".", description="The decimal sign.")
    group: str = Field("", description="The signs between groups of three digits.")
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
    unit: TextArray
    body: TextArray  # digits with decimal signs and signs of grouping, without spaces
    is_negative: Mask
    exponent: TextArray
    spaced: Mask  # whether spaces or apostrophes group the digits
    parentheses: Mask


def _split(texts: TextArray) -> _NumberTexts:
    """Return the parts of texts that may be numbers in some form."""
    import pyarrow.compute as pc

    groups = pc.extract_regex(texts, _CELL)

    def part(name: str) -> Any:
        return pc.fill_null(pc.struct_field(groups, name), "")

    def has(name: str) -> Mask:
        return to_bool_array(pc.not_equal(part(name), ""))

    prefix, suffix, parentheses = part("prefix"), part("suffix"), has("open")
    signs = _join(part("first"), part("second"))
    body = pc.utf8_trim_whitespace(pc.replace_substring_regex(part("body"), "[\u00a0\u202f]", " "))
    unit = _join(prefix, suffix)
    # Spaces alone may also separate ids.
    spaced = matches_pattern(body, _SPACED) & (
        matches_pattern(body, "[.,']") | ~to_bool_array(pc.equal(unit, ""))
    )
    body = pc.if_else(spaced, pc.replace_substring_regex(body, "[' ]", ""), body)
    is_number = to_bool_array(pc.is_valid(groups)) & ~(has("prefix") & has("suffix"))
    is_number &= parentheses == has("close")
    # One sign at most, and none in parentheses.
    sign_count = pc.utf8_length(signs).to_numpy(zero_copy_only=False)
    is_number &= sign_count + parentheses <= 1
    is_number &= ~(matches_pattern(body, "[.,]$") & (has("suffix")))  # such as 1.png
    kinds = [*_DECIMAL.values(), *_GROUPED.values()]
    is_number &= matches_pattern(body, "|".join(kinds))
    is_negative = parentheses | matches_pattern(signs, "[\u2212-]")
    return _NumberTexts(
        is_number, unit, body, is_negative, part("exponent"), spaced, parentheses & is_number
    )


class _Evidence:
    """What the numbers with one unit show."""

    def __init__(self) -> None:
        self.count = 0
        # "," and "." are decimal signs that occur, "1,234" an ambiguous one, "group ," a sure sign
        # of grouping, "'" and " " such signs as well, "(" negative numbers in parentheses.
        self.flags: set[str] = set()
        self.texts: list[str] = []  # the first distinct ones

    def add(self, texts: TextArray, counts: Array, parts: _NumberTexts, rows: Mask) -> None:
        self.count += int(counts[rows].sum())
        if len(self.texts) <= MAX_WORDS:
            new = texts.filter(rows)[: MAX_WORDS + 1].to_pylist()
            self.texts = list(dict.fromkeys([*self.texts, *new]))[: MAX_WORDS + 1]
        body = parts.body.filter(rows)
        for sign, other in _OTHER_SIGN.items():
            has_sign = matches_pattern(body, f"[{sign}]")
            ambiguous = matches_pattern(body, _AMBIGUOUS[sign])
            grouped = matches_pattern(body, _GROUPED[sign])
            if (has_sign & matches_pattern(body, _DECIMAL[sign]) & ~ambiguous).any():
                self.flags.add(sign)
            if (grouped & ~ambiguous).any():  # 1,234,567 or 1,234.5
                self.flags |= {other, f"group {sign}"}
            if ambiguous.any():
                self.flags.add(f"1{sign}234")
        spaced = texts.filter(rows & parts.spaced)
        self.flags |= {sign for sign in "' " if matches_pattern(spaced, sign).any()}
        self.flags |= {"("} if parts.parentheses[rows].any() else set()


class NumberFormCounter:
    """Detects the form of a column's numbers, chunk by chunk.

    Args:
        decimal: the decimal sign of the table, None to detect it.
        commas_group: whether 1,234 is 1234 unless another cell shows a decimal comma.
    """

    def __init__(self, decimal: DecimalSign | None = None, commas_group: bool = False) -> None:
        self._decimal, self._commas_group = decimal, commas_group
        self._evidence: dict[str, _Evidence] = {"": _Evidence()}
        self._other_count = 0
        self._words: Counter[str] = Counter()  # the first cells that are no numbers

    def add_plain(self, cells: TextArray) -> None:
        """Add cells that can all be cast to numbers."""
        plain = self._evidence[""]
        plain.count += len(cells)
        if "." in plain.flags:
            return
        is_ambiguous = matches_pattern(cells, rf"^[+-]?{_AMBIGUOUS['.'][1:]}")
        if is_ambiguous.any():
            plain.flags.add("1.234")
        if (matches_pattern(cells, r"\.") & ~is_ambiguous).any():
            plain.flags.add(".")

    def add(self, texts: TextArray, counts: NDArray[np.int64]) -> None:
        """Add distinct texts, none of which is missing, with the number of cells of each."""
        parts = _split(texts)
        codes = parts.unit.dictionary_encode()
        indices = codes.indices.to_numpy(zero_copy_only=False)
        is_word = np.ones(len(texts), bool)
        for index, unit in enumerate(codes.dictionary.to_pylist()):
            if unit not in self._evidence and len(self._evidence) >= _MAX_UNITS:
                continue
            rows = (indices == index) & parts.is_number
            if rows.any():
                self._evidence.setdefault(unit, _Evidence()).add(texts, counts, parts, rows)
                is_word &= ~rows
        self._other_count += int(counts[is_word].sum())
        if len(self._words) <= MAX_WORDS:
            self._words.update(texts.filter(is_word)[: MAX_WORDS + 1].to_pylist())

    @property
    def mixed_units(self) -> tuple[str, ...]:
        """The units of a column of numbers with two or three units, () for other columns."""
        units = self._units
        numbers = [len(self._evidence[unit].texts) for unit in units]
        is_mixed = len(units) in (2, 3) and min(numbers) > MAX_WORDS
        return units if is_mixed and self._other_count == 0 else ()

    @property
    def _units(self) -> tuple[str, ...]:
        """The units that occur, the most frequent first."""
        order = sorted(self._evidence, key=lambda unit: -self._evidence[unit].count)
        return tuple(unit for unit in order if unit and self._evidence[unit].count)

    @property
    def count(self) -> int:
        """The number of cells that were added."""
        return self._other_count + sum(item.count for item in self._evidence.values())

    def detect(self) -> DetectedForm:
        """Return the form of the cells that were added."""
        unit = self._unit()
        read = [self._evidence[name] for name in {"", unit}]
        unread = [item for name, item in self._evidence.items() if name not in ("", unit)]
        others = self._other_count + sum(item.count for item in unread)
        count = sum(item.count for item in read)
        has_several_units = unit and 10 * sum(item.count for item in unread) > count
        if others and (count <= others or has_several_units):
            return DetectedForm(PLAIN_FORM, "text")
        flags = set[str]().union(*(item.flags for item in read))
        words = [*self._words, *(text for item in unread for text in item.texts)]
        decimal, problem = self._decimal_sign(flags)
        other = _OTHER_SIGN[decimal]
        signs: list[str] = [other] if flags & {f"1{other}234", f"group {other}"} else []
        signs += [sign for sign in "' " if sign in flags][:1]
        is_few = len(words) <= MAX_WORDS and all(len(word) <= MAX_WORD_LENGTH for word in words)
        form = NumberForm(
            decimal=decimal,
            group="" if problem else "".join(signs),
            unit=unit,
            parentheses="(" in flags,
            missing=tuple(words) if is_few else (),
        )
        return DetectedForm(form, problem or ("" if is_few else "unreadable"))

    def _unit(self) -> str:
        """Return the unit of the column: the most frequent one, unless most numbers have none."""
        unit = next(iter(self._units), "")
        count, plain = self._evidence[unit].count, self._evidence[""].count
        is_currency = bool(unit) and matches_pattern(text_column([unit]), f"^{_CURRENCY}$").all()
        is_usual = is_currency or count >= plain
        return unit if is_usual and not (unit in _MAGNITUDES and plain) else ""

    def _decimal_sign(self, flags: set[str]) -> tuple[DecimalSign, FormProblem]:
        if self._decimal is not None:
            is_refuted = _OTHER_SIGN[self._decimal] in flags
            return self._decimal, "unreadable" if is_refuted else ""
        if {".", ","} <= flags:
            return ".", "mixed"
        if "," in flags:
            return ",", ""
        if "1,234" in flags and not (self._commas_group or "." in flags):
            return ".", "mixed" if "1.234" in flags else "grouping"
        return ".", ""


def _join(first: TextArray, second: TextArray) -> TextArray:
    """Return the texts of two columns, joined row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(first, second, pa.scalar("", TEXT_TYPE))


def read_texts(texts: TextArray, form: NumberForm) -> Array:
    """Return the numbers in texts, NaN for texts that are no numbers in this form."""
    import pyarrow.compute as pc

    parts = _split(texts)
    readable = parts.is_number & is_any_of(parts.unit, ("", form.unit))
    readable &= ~parts.spaced | any(sign in form.group for sign in "' ")
    body, other = parts.body, _OTHER_SIGN[form.decimal]
    grouped = matches_pattern(body, _GROUPED[other]) & (other in form.group)
    body = pc.if_else(grouped, pc.replace_substring(body, other, ""), body)
    readable &= matches_pattern(body, _DECIMAL[form.decimal])
    body = _join(pc.replace_substring(body, ",", "."), parts.exponent)
    values = np.full(len(texts), np.nan)
    values[readable] = body.filter(readable).cast("float64").to_numpy(zero_copy_only=False)
    return np.asarray(np.where(parts.is_negative, -values, values))
