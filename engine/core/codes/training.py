"""Codes of findings about training."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
