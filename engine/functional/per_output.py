"""One value, a list, or a dict by output name: which of them it is, and what is amiss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import unknown_word

_ONE = {"kind", "params"}  # the keys of one thing in its long form


def is_one(value: Mapping[Any, Any], outputs: Sequence[str]) -> bool:
    """Return whether a dict is one thing in its long form; an output may well be called "kind"."""
    return "kind" in value and value.keys() <= _ONE and not value.keys() <= {*outputs}


def require_known(
    names: Collection[str], given: Iterable[Any], where: str, noun: str = "output"
) -> None:
    """Refuse what names no port.

    Args:
        names: those that there are.
        given: those that a person names.
        where: the argument in which.
        noun: "input" or "output".
    """
    strange = [str(name) for name in given if name not in names]
    if strange:
        raise Refused(*(unknown_word(name, names, noun, where) for name in strange))


def wrong_count(names: Sequence[str], count: int, noun: str) -> Diagnostic:
    """Return the finding for a list that does not have an entry for each name."""
    return Diagnostic(
        "param-invalid",
        f"{noun} has {count} entries, and there are {len(names)}: {', '.join(names)}",
        place=noun,
        found=f"{count} entries",
        expected=f"{len(names)} entries, in the order {', '.join(names)}",
        fixes=(Fix(f"Give them by name: {{{names[0]!r}: ...}}."),),
    )
