"""Codes of findings about data."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
