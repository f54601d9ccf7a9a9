"""Validation of arguments given per output: one value, a list, or a dict by output name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.symbolic.argument_binding import unknown_port


def is_single_config(value: Mapping[Any, Any], outputs: Sequence[str]) -> bool:
    """Return whether a dict is one config (`kind`, `params`) and not a dict by output name.

    Why `outputs` matters: outputs may be named "kind" and "params".
    """
    return "kind" in value and value.keys() <= {"kind", "params"} and not value.keys() <= {*outputs}


def require_known_names(
    known: Collection[str], names: Iterable[Any], argument: str, noun: str = "output"
) -> None:
    """Check that all `names` are in `known`, the names of the model's inputs or outputs.

    `argument` is the name of the argument that contains `names`. `noun` is "input" or "output",
    for the text of the diagnostics.

    Raises:
        DiagnosticError: with a diagnostic for each unknown name.
    """
    unknown = [str(name) for name in names if name not in known]
    if unknown:
        raise DiagnosticError(*(unknown_port(name, known, noun, argument) for name in unknown))


def wrong_length(names: Sequence[str], count: int, argument: str) -> Diagnostic:
    """Return the error that the list `argument` has `count` entries instead of `len(names)`."""
    return Diagnostic.error(
        "param-invalid",
        f"{argument} has {count} entries instead of {len(names)}: {', '.join(names)}",
        f"Pass a dict by name: {{{names[0]!r}: ...}}.",
        place=argument,
        found=f"{count} entries",
        expected=f"{len(names)} entries, in the order {', '.join(names)}",
    )
