"""Codes of findings about heads."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
