"""Every finding that the engine can make has its entry in the catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engine.core.codes import CODES
from tests.architecture.modules import module_paths, syntax_nodes

PLACE = {"Diagnostic": 0, "diagnostic_error": 0, "require": 1}  # where a call names its code


def named() -> Iterator[tuple[Path, str]]:
    """Yield each code that stands in the source of a finding, in whichever branch."""
    for name, path in module_paths().items():
        for call in syntax_nodes(path) if name.startswith("engine") else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                place = PLACE.get(call.func.id, 99)
                for part in ast.walk(call.args[place]) if place < len(call.args) else ():
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield path, part.value


def test_every_code_in_the_source_is_in_the_catalogue():
    found = list(named())
    assert len(found) > 100
    assert [(path.name, code) for path, code in found if code not in CODES] == []


def test_codes_are_kebab_case_and_explained():
    for code, entry in CODES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code), code
        assert entry.title
        assert entry.meaning.endswith(".")
        assert entry.example
        assert entry.fix.endswith("."), code
