"""Codes of findings about file."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
