"""Codes of findings about run."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {}
