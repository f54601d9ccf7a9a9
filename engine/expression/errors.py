"""Errors in expressions: each names the column, what was found and what is allowed there."""

from __future__ import annotations

from engine.core.diagnostic import Fix, LayerError, layer_error
from engine.expression.syntax import Span

PARAM = "expression"  # the field of a layer that holds the text


def expression_error(
    code: str, message: str, span: Span, *fixes: Fix | str, found: object = "", expected: str = ""
) -> LayerError:
    """Return the error for a part of an expression; its place is the column of the part."""
    place = f"column {span.column}"
    return layer_error(
        code, message, *fixes, param=PARAM, place=place, found=found, expected=expected
    )
