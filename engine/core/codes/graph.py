"""Codes of findings about graph."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
